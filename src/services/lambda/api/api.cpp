#include "services/lambda/api/api.hpp"

#include "aws/models/models.hpp"
#include "services/lambda/api/invoke.hpp"
#include "services/lambda/api/url_requests.hpp"
#include "wire/lambda_url.hpp"

namespace osbot_aws::services {

Operations lambda_operations(Lambda_Front& front) {
    Operations all = lambda_functions(front);
    for (auto* topic : {&lambda_code, &lambda_versions, &lambda_layers, &lambda_event_sources, &lambda_urls,
                        &lambda_permissions, &lambda_tags})
        all.add(topic(front));
    // Managed instances, durable functions, tenants and runtimes of one's own
    for (const char* operation : {"CreateFunction", "UpdateFunctionConfiguration"}) {
        all.reject({{operation, "TenancyConfig"},
                    {operation, "CapacityProviderConfig"},
                    {operation, "DurableConfig"},
                    {operation, "RuntimeConfig"},
                    {operation, "AcceleratorConfig"}});
    }
    all.reject({{"CreateFunction", "PublishTo"}, {"PublishVersion", "PublishTo"}, {"UpdateFunctionCode", "PublishTo"}});
    return all;
}

Lambda_Api::Lambda_Api(services::Context& context, services::Functions& functions, services::Invocations& invocations,
                       services::Event_Sources& event_sources, services::Object_Lookup objects)
    : front_{context, functions, invocations, event_sources, std::move(objects)},
      api_(context.loop, aws::lambda_model(), lambda_operations(front_)) {}

bool Lambda_Api::is_invoke(const wire::Request& request) { return invoke_route(request).has_value(); }

bool Lambda_Api::is_synchronous_invoke(const wire::Request& request) {
    const auto route = invoke_route(request);
    return route && is_synchronous(*route, request);
}

void Lambda_Api::handle(const services::Account& account, wire::Request request, Reply reply) {
    if (const auto route = invoke_route(request)) {
        const std::string function = wire::percent_decode(route->function);
        return invoke(front_, account, std::move(request), function, route->streaming, std::move(reply));
    }
    if (request.path().starts_with(code_path)) return reply(front_.links.download(request));
    api_.handle(account, std::move(request), std::move(reply));
}

bool Lambda_Api::is_function_url(std::string_view host) { return !wire::parse_function_url_host(host).id.empty(); }

void Lambda_Api::handle_function_url(wire::Request request, const Reply& reply) {
    handle_url_request(front_, std::move(request), reply);
}

}  // namespace osbot_aws::services
