#include "services/request_scope.hpp"

#include "services/keys.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the credential of a signed request: "AKID/20261123/us-east-1/lambda/aws4_request". `decoded` stores the text
/// if it is in the query.
std::string_view credential_of(const wire::Request& request, std::string& decoded) {
    constexpr std::string_view mark = "Credential=";
    const std::string_view header = request.headers["Authorization"];
    if (const std::size_t at = header.find(mark); at != std::string_view::npos) {
        const std::string_view remaining = header.substr(at + mark.size());
        return remaining.substr(0, remaining.find_first_of(", "));
    }
    if (request.query().find("AWSAccessKeyId=") != std::string_view::npos) {  // a Version 2 link of S3 has no scope
        decoded = wire::query_value(wire::parse_query(request.query()), "AWSAccessKeyId").value_or("") + "///s3";
        return decoded;
    }
    if (request.query().find("X-Amz-Credential=") == std::string_view::npos) return {};
    decoded = wire::query_value(wire::parse_query(request.query()), "X-Amz-Credential").value_or("");
    return decoded;
}

}  // namespace

Request_Scope scope_of(const wire::Request& request) {
    Request_Scope scope;
    std::string decoded;
    std::string_view remaining = credential_of(request, decoded);
    std::string_view parts[4];  // key, date, region, service
    for (std::string_view& part : parts) {
        const std::size_t slash = remaining.find('/');
        part = remaining.substr(0, slash);
        remaining = slash == std::string_view::npos ? std::string_view{} : remaining.substr(slash + 1);
    }
    if (auto account = account_of_key(parts[0])) scope.account.id = std::move(*account);
    if (!parts[2].empty()) scope.account.region = parts[2];
    scope.service = parts[3];
    scope.access_key_id = parts[0];
    return scope;
}

}  // namespace osbot_aws::services
