// The operation of a request, from its method, URI, headers and form, in the models of all services.
#include "model_input.hpp"

using namespace osbot_aws;

namespace {

/// Writes the labels of a route into the path of its operation.
std::string path_of(const aws::Route& route) {
    std::string path(route.operation->uri);
    path.resize(std::min(path.find('?'), path.size()));
    for (const auto& [name, text] : route.labels)
        for (const std::string& label : {"{" + name + "}", "{" + name + "+}"})
            if (const auto at = path.find(label); at != std::string::npos)
                path.replace(at, label.size(), wire::percent_encode(text));
    return path;
}

/// The request that is written from a route has the same route.
void check_round_trip(const aws::Service& service, wire::Request request, const aws::Route& route) {
    if (!aws::s3_bucket_of_host(request.headers["Host"]).empty()) return;  // the path has no bucket
    const std::string query(request.query());
    request.target = path_of(route) + (query.empty() ? "" : "?" + query);
    const aws::Route again = aws::find_route(service, request);
    require(again.operation == route.operation && again.labels == route.labels);
}

void check_route(const aws::Service& service, const wire::Request& request) {
    const aws::Route route = aws::find_route(service, request);
    (void)aws::requested_operation(service, request);
    if (route.operation == nullptr) return;
    require(route.operation == service.find_operation(route.operation->name));
    const bool is_rest = service.protocol == aws::Protocol::rest_json || service.protocol == aws::Protocol::rest_xml;
    if (!is_rest) return;
    require(request.method == route.operation->method);
    for (const auto& [name, text] : route.labels) require(!text.empty() && route.label(name) == text);
    check_round_trip(service, request, route);
}

}  // namespace

std::vector<std::string> seeds() {
    auto all = fuzz::contract_blocks();
    for (const aws::Service* service : fuzz::all_models()) {
        std::string requests;
        for (const aws::Operation& operation : service->operations)
            requests += std::string(operation.method) + " " + operation.uri + "\n";
        for (std::size_t at = 0; at < requests.size(); at += 1000) all.push_back(requests.substr(at, 1000));
    }
    return all;
}

void run_target(std::string_view bytes) {
    for (const fuzz::Step& step : fuzz::parse_steps(bytes))
        for (const aws::Service* service : fuzz::all_models()) check_route(*service, step.request);
}
