#include "services/s3/s3_cors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "aws/fields.hpp"
#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "aws/routes.hpp"
#include "base/characters.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/wildcard.hpp"

namespace osbot_aws::services {
namespace {

std::vector<std::string> items_of(std::string_view header) {
    std::vector<std::string> items;
    while (!header.empty())
        if (const auto item = base::trimmed(base::take_until(header, ','), " "); !item.empty())
            items.push_back(base::lower_case(item));
    return items;
}

std::string method_of(const wire::Request& request) {
    const auto requested = request.headers["Access-Control-Request-Method"];
    return requested.empty() ? request.method : std::string(requested);
}

bool permits_headers(const aws::Fields& rule, const std::vector<std::string>& requested) {
    const auto allowed = rule.texts("AllowedHeaders");
    return std::ranges::all_of(requested, [&](const std::string& header) {
        return std::ranges::any_of(
            allowed, [&](const auto& each) { return base::matches_wildcards(base::lower_case(each), header); });
    });
}

bool permits(const aws::Fields& rule, const wire::Request& request) {
    const auto methods = rule.texts("AllowedMethods"), origins = rule.texts("AllowedOrigins");
    const auto origin = request.headers["Origin"];
    return std::ranges::find(methods, method_of(request)) != methods.end() &&
           std::ranges::any_of(origins, [&](const auto& each) { return base::matches_wildcards(each, origin); }) &&
           permits_headers(rule, items_of(request.headers["Access-Control-Request-Headers"]));
}

/// Returns the CORS configuration of the request's bucket, or nullptr. CORS does not depend on the account: preflights
/// are not signed.
const Json* configuration_of(const S3& s3, const wire::Request& request) {
    const S3_Bucket* bucket = s3.bucket_of_any_account(bucket_of_request(request));
    const Json* found = bucket == nullptr ? nullptr : bucket->setting("cors");
    return found;
}

const Json* rule_for(const S3& s3, const wire::Request& request) {
    const Json* configuration = configuration_of(s3, request);
    if (configuration == nullptr) return nullptr;
    const Json& rules = aws::Fields(*configuration).list("CORSRules");
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const Json& rule) { return permits(aws::Fields(rule), request); });
    return found == rules.end() ? nullptr : &*found;
}

wire::Response refusal(const wire::Request& request, Error error, bool of_bucket) {
    aws::Error_Details details;
    if (error.code == "AccessForbidden")
        details = {{"Method", method_of(request)}, {"ResourceType", of_bucket ? "BUCKET" : "OBJECT"}};
    return aws::write_error(aws::s3_model(), error, base::random_hex(16), details);
}

/// Returns true if the request is for a bucket, not for an object in it.
bool is_for_bucket(const wire::Request& request) {
    std::string_view path = request.path();
    base::take_prefix(path, "/");
    if (aws::s3_bucket_of_host(request.headers["Host"]).empty()) base::take_until(path, '/');
    return path.empty();
}

Error forbidden(const char* message) { return {"AccessForbidden", message, 403}; }

}  // namespace

std::string bucket_of_request(const wire::Request& request) {
    if (auto bucket = aws::s3_bucket_of_host(request.headers["Host"]); !bucket.empty()) return bucket;
    std::string_view path = request.path();
    base::take_prefix(path, "/");
    return wire::percent_decode(base::take_until(path, '/'));
}

bool is_preflight(const wire::Request& request) { return request.method == "OPTIONS"; }

bool cors_permits(const S3& s3, const wire::Request& request) {
    if (is_preflight(request)) return configuration_of(s3, request) != nullptr;
    return rule_for(s3, request) != nullptr;
}

wire::Headers cors_headers(const S3& s3, const wire::Request& request) {
    const auto origin = request.headers["Origin"];
    const Json* found = origin.empty() ? nullptr : rule_for(s3, request);
    if (found == nullptr) return {};
    const aws::Fields rule(*found);
    const auto origins = rule.texts("AllowedOrigins");
    const bool any = std::ranges::find(origins, "*") != origins.end();
    wire::Headers headers{{"Access-Control-Allow-Origin", any ? "*" : std::string(origin)}};
    if (!any) headers.add("Access-Control-Allow-Credentials", "true");
    headers.add("Access-Control-Allow-Methods", fmt::format("{}", fmt::join(rule.texts("AllowedMethods"), ", ")));
    if (const auto requested = items_of(request.headers["Access-Control-Request-Headers"]); !requested.empty())
        headers.add("Access-Control-Allow-Headers", fmt::format("{}", fmt::join(requested, ", ")));
    if (const auto exposed = rule.texts("ExposeHeaders"); !exposed.empty())
        headers.add("Access-Control-Expose-Headers", fmt::format("{}", fmt::join(exposed, ", ")));
    if (const auto age_s = rule.number("MaxAgeSeconds")) headers.add("Access-Control-Max-Age", std::to_string(*age_s));
    headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    return headers;
}

wire::Response preflight_response(const S3& s3, const wire::Request& request) {
    if (request.headers["Origin"].empty())
        return refusal(request, {"BadRequest", "Insufficient information. Origin request header needed.", 400}, true);
    if (s3.bucket_of_any_account(bucket_of_request(request)) == nullptr)
        return refusal(request, forbidden("CORSResponse: Bucket not found"), true);
    if (configuration_of(s3, request) == nullptr)
        return refusal(request, forbidden("CORSResponse: CORS is not enabled for this bucket."), true);
    if (request.headers["Access-Control-Request-Method"].empty())
        return refusal(request, {"BadRequest", "Invalid Access-Control-Request-Method: null", 400}, true);
    wire::Headers headers = cors_headers(s3, request);
    if (headers.begin() != headers.end()) return {.status = 200, .headers = std::move(headers), .body = {}};
    return refusal(request,
                   forbidden("CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
                             "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers "
                             "are not whitelisted by the resource's CORS spec."),
                   is_for_bucket(request));
}

}  // namespace osbot_aws::services
