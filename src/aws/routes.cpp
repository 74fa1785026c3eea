#include "aws/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <map>
#include <mutex>
#include <optional>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace osbot_aws::aws {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

/// An operation whose template others have as well. A query parameter, a header or both distinguish its requests.
struct Selector {
    std::string_view operation, parameter, header = {};
};

// Sources: the URIs in the API reference of S3, such as
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
constexpr Selector s3_selectors[] = {
    {"AbortMultipartUpload", "uploadId"},
    {"CompleteMultipartUpload", "uploadId"},
    {"CopyObject", "", "x-amz-copy-source"},
    {"GetBucketAnalyticsConfiguration", "id"},
    {"GetBucketIntelligentTieringConfiguration", "id"},
    {"GetBucketInventoryConfiguration", "id"},
    {"GetBucketMetricsConfiguration", "id"},
    {"GetObjectAnnotation", "annotationName"},
    {"ListParts", "uploadId"},
    {"UploadPart", "uploadId"},
    {"UploadPartCopy", "uploadId", "x-amz-copy-source"},
};

bool is_s3(const Service& service) { return service.protocol == Protocol::rest_xml; }

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

bool has_parameter(const Query& query, std::string_view name) {
    return std::ranges::any_of(query, [&](const auto& each) { return base::equal_ignoring_case(each.first, name); });
}

/// Matches what distinguishes an operation of S3. The query of a link may have the header.
bool match_selector(const Selector* selector, const wire::Request& request, const Query& query, Candidate& candidate) {
    if (selector == nullptr) return true;
    candidate.literals += (selector->parameter.empty() ? 0U : 1U) + (selector->header.empty() ? 0U : 1U);
    if (!selector->parameter.empty() && !has_parameter(query, selector->parameter)) return false;
    return selector->header.empty() || request.headers.find(selector->header) != nullptr ||
           has_parameter(query, selector->header);
}

/// The parts of a request that its operation depends on.
struct Rest_Request {
    const wire::Request& request;
    std::string path;
    const Query& query;
};

/// The parts of an operation that select it.
struct Template {
    const Operation* operation;
    std::string_view path, query;
    const Selector* selector;  ///< nullptr: its template is its own
};

Template template_of(const Service& service, const Operation& operation) {
    std::string_view query = operation.uri;
    const std::string_view path = base::take_until(query, '?');
    const auto* const selector =
        std::ranges::find(s3_selectors, std::string_view(operation.name), &Selector::operation);
    const bool has_selector = is_s3(service) && selector != std::end(s3_selectors);
    return {&operation, path, query, has_selector ? selector : nullptr};
}

using Templates = std::map<std::string_view, std::vector<Template>>;

/// Returns the templates of a service by their methods. They are split once: a request is compared with all of its
/// method.
const Templates& templates_of(const Service& service) {
    static std::mutex mutex;
    static std::map<const Service*, Templates> all;
    const std::scoped_lock lock(mutex);
    Templates& templates = all[&service];
    if (templates.empty())
        for (const Operation& operation : service.operations)
            templates[operation.method].push_back(template_of(service, operation));
    return templates;
}

std::optional<Candidate> match(const Template& tried, const Rest_Request& rest) {
    Candidate candidate;
    const bool matches = match_query(tried.query, rest.query, candidate) &&
                         match_path(tried.path, rest.path, candidate) &&
                         match_selector(tried.selector, rest.request, rest.query, candidate);
    return matches ? std::optional(candidate) : std::nullopt;
}

/// Returns the path with the bucket of the host name, if it has one, as in the templates.
std::string path_of(const Service& service, const wire::Request& request) {
    const std::string bucket = is_s3(service) ? s3_bucket_of_host(request.headers["Host"]) : std::string();
    return bucket.empty() ? std::string(request.path()) : fmt::format("/{}{}", bucket, request.path());
}

Route find_rest_route(const Service& service, const wire::Request& request) {
    Route route;
    if (!request.query().empty()) route.query = wire::parse_query(request.query());
    const Rest_Request rest{request, path_of(service, request), route.query};
    std::optional<Candidate> best;
    const Templates& templates = templates_of(service);
    const auto of_method = templates.find(request.method);
    if (of_method == templates.end()) return route;
    for (const Template& each : of_method->second) {
        const auto candidate = match(each, rest);
        if (!candidate || (best && best->literals >= candidate->literals)) continue;
        best = candidate;
        route.operation = each.operation;
    }
    if (!best) return route;
    for (const auto& [name, text] : best->labels) route.labels.emplace_back(name, wire::percent_decode(text));
    return route;
}

/// Returns a parameter of a form in the body or the query string.
std::string form_value(const wire::Request& request, std::string_view name) {
    for (const std::string_view form : {std::string_view(request.body.bytes()), request.query()}) {
        for (std::string_view rest = form; !rest.empty();) {
            std::string_view field = base::take_until(rest, '&');
            if (base::take_until(field, '=') == name) return wire::percent_decode(field, true);
        }
    }
    return {};
}

bool has_stream(const Service& service, const Shape& shape) {
    return std::ranges::any_of(service.members_of(shape), [&](const Member& member) {
        return member.has(streaming) && service.shape(member).type == Type::blob;
    });
}

/// Returns true for a form that a web page sends to a bucket. The model does not have this operation.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
bool posts_object(const Service& service, const wire::Request& request) {
    return is_s3(service) && request.method == "POST" && request.query().empty();
}

bool is_rest(const Service& service) {
    return service.protocol == Protocol::rest_json || service.protocol == Protocol::rest_xml;
}

}  // namespace

std::string s3_bucket_of_host(std::string_view host) {
    host = host.substr(0, host.rfind(':'));
    if (host.starts_with("s3.") || host.starts_with("s3-")) return "";
    for (const std::string_view mark : {".s3.", ".s3-", ".localhost"}) {
        const auto at = host.rfind(mark);
        if (at != std::string_view::npos && at != 0) return std::string(host.substr(0, at));
    }
    return "";
}

bool streams_input(const Service& service, const Operation& operation) {
    return operation.input != no_index && has_stream(service, service.shape(operation.input));
}

bool streams_output(const Service& service, const Operation& operation) {
    return operation.output != no_index && has_stream(service, service.shape(operation.output));
}

std::string_view Route::label(std::string_view name) const {
    const auto found = std::ranges::find_if(labels, [&](const auto& each) { return each.first == name; });
    return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

Route find_route(const Service& service, const wire::Request& request) {
    if (is_rest(service)) return find_rest_route(service, request);
    return {.operation = service.find_operation(requested_operation(service, request))};
}

std::string requested_operation(const Service& service, const wire::Request& request) {
    if (posts_object(service, request)) return "PostObject";
    if (is_rest(service)) return fmt::format("{} {}", request.method, request.path());
    if (service.protocol == Protocol::query) return form_value(request, "Action");
    const std::string_view target = request.headers["X-Amz-Target"];
    return std::string(target.substr(target.rfind('.') + 1));  // npos + 1 is 0: the whole text
}

}  // namespace osbot_aws::aws
