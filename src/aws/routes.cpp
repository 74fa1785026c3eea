#include "aws/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <optional>

#include "base/characters.hpp"

namespace osbot_aws::aws {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

/// A match of a template: more literal parts win over labels ("/functions/{FunctionName}/url" over ".../{Qualifier}").
struct Candidate {
    std::size_t literals = 0;
    boost::container::static_vector<std::pair<std::string_view, std::string_view>, 4> labels = {};  ///< encoded
};

/// Matches one path segment of a template. Returns false if the text is another one.
bool match_segment(std::string_view segment, std::string_view text, Candidate& candidate) {
    if (!segment.starts_with('{')) {
        ++candidate.literals;
        return segment == text;
    }
    candidate.labels.emplace_back(segment.substr(1, segment.size() - 2), text);
    return !text.empty();
}

/// Matches a path with the path of a template, segment by segment. "{Key+}" takes all that remains.
bool match_path(std::string_view uri, std::string_view path, Candidate& candidate) {
    if (!path.starts_with(uri.substr(0, uri.find('{')))) return false;  // most operations
    base::take_prefix(uri, "/");
    base::take_prefix(path, "/");
    while (!uri.empty()) {
        const std::string_view segment = base::take_until(uri, '/');
        if (segment.ends_with("+}")) {
            candidate.labels.emplace_back(segment.substr(1, segment.size() - 3), path);
            return !path.empty();
        }
        if (!match_segment(segment, base::take_until(path, '/'), candidate)) return false;
    }
    return path.empty();  // a trailing slash does not matter
}

/// Matches the literal query of a template: "acl", "list-type=2".
bool match_query(std::string_view uri, const Query& query, Candidate& candidate) {
    while (!uri.empty()) {
        std::string_view field = base::take_until(uri, '&');
        const std::string_view name = base::take_until(field, '=');
        const auto found = std::ranges::find_if(query, [&](const auto& each) { return each.first == name; });
        if (found == query.end() || (!field.empty() && found->second != field)) return false;
        ++candidate.literals;
    }
    return true;
}

std::optional<Candidate> match(const Operation& operation, const wire::Request& request, const Query& query) {
    if (request.method != operation.method) return std::nullopt;
    std::string_view uri = operation.uri;
    const std::string_view path = base::take_until(uri, '?');
    Candidate candidate;
    if (!match_path(path, request.path(), candidate) || !match_query(uri, query, candidate)) return std::nullopt;
    return candidate;
}

Route find_rest_route(const Service& service, const wire::Request& request) {
    const Query query = request.query().empty() ? Query{} : wire::parse_query(request.query());
    Route route;
    std::optional<Candidate> best;
    for (const Operation& operation : service.operations) {
        auto candidate = match(operation, request, query);
        if (!candidate || (best && best->literals >= candidate->literals)) continue;
        best = std::move(candidate);
        route.operation = &operation;
    }
    if (!best) return route;
    for (const auto& [name, text] : best->labels) route.labels.emplace_back(name, wire::percent_decode(text));
    return route;
}

/// Returns a parameter of a form in the body or the query string.
std::string form_value(const wire::Request& request, std::string_view name) {
    for (const std::string_view form : {std::string_view(request.body.bytes), request.query()}) {
        for (std::string_view rest = form; !rest.empty();) {
            std::string_view field = base::take_until(rest, '&');
            if (base::take_until(field, '=') == name) return wire::percent_decode(field, true);
        }
    }
    return {};
}

bool is_rest(const Service& service) {
    return service.protocol == Protocol::rest_json || service.protocol == Protocol::rest_xml;
}

}  // namespace

std::string_view Route::label(std::string_view name) const {
    const auto found = std::ranges::find_if(labels, [&](const auto& each) { return each.first == name; });
    return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

Route find_route(const Service& service, const wire::Request& request) {
    if (is_rest(service)) return find_rest_route(service, request);
    return {.operation = service.find_operation(requested_operation(service, request))};
}

std::string requested_operation(const Service& service, const wire::Request& request) {
    if (is_rest(service)) return fmt::format("{} {}", request.method, request.path());
    if (service.protocol == Protocol::query) return form_value(request, "Action");
    const std::string_view target = request.headers["X-Amz-Target"];
    return std::string(target.substr(target.rfind('.') + 1));  // npos + 1 is 0: the whole text
}

}  // namespace osbot_aws::aws
