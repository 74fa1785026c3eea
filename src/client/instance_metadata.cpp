#include <fmt/format.h>

#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "client/credential_sources.hpp"
#include "client/endpoints.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view instance_source = "iam-role";
constexpr std::string_view role_path = "/latest/meta-data/iam/security-credentials/";

struct Service {
    base::Url url;
    std::chrono::seconds timeout;
    int attempts;
};

Error unreachable(std::string_view reason) {
    return local_error(
        "NoCredentialsError",
        "Unable to locate credentials: none are configured, and the EC2 metadata service returned none ({})", reason);
}

Result<std::string> request_text(Transport& transport, const Service& service, wire::Request request) {
    request.headers.add("Host", service.url.authority);
    for (int attempt = 1;; ++attempt) {
        const auto response = transport.send(request, {.endpoint_url = service.url.origin(),
                                                       .connect_timeout = service.timeout,
                                                       .read_timeout = service.timeout});
        if (response && response->status == 200 && !response->body.bytes().empty()) return response->body.bytes();
        if (attempt < service.attempts) continue;
        return unreachable(response ? fmt::format("{} returned status {}", request.target, response->status)
                                    : response.error().message);
    }
}

// Uses version 2 of the service, which requires a PUT request first. A program on this host that can be tricked into
// sending GET requests, e.g. a web server, gets no credentials.
Result<Credentials> fetch(const Service& service, const Source_Dependencies& dependencies) {
    const auto transport = dependencies.transport(service.url.origin());
    wire::Request token_request{.method = "PUT", .target = "/latest/api/token", .headers = {}, .body = {}};
    token_request.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    OSBOT_TRY(const auto token, request_text(*transport, service, std::move(token_request)));
    const auto get = [&](std::string path) {
        wire::Request request{.method = "GET", .target = std::move(path), .headers = {}, .body = {}};
        request.headers.add("X-aws-ec2-metadata-token", token);
        return request_text(*transport, service, std::move(request));
    };
    OSBOT_TRY(const auto role, get(std::string(role_path)));
    OSBOT_TRY(const auto text, get(std::string(role_path) + role.substr(0, role.find('\n'))));
    const Json response = base::parse_json(text);
    if (response.is_object() && response.contains("Code") && response["Code"] != "Success")
        return retrieval_error(instance_source, base::dump_json(response["Code"]));
    return credentials_from(response, instance_source, {.token = "Token"});
}

std::string endpoint(const Profile& profile) {
    std::string configured = variable_or("AWS_EC2_METADATA_SERVICE_ENDPOINT", profile, "ec2_metadata_service_endpoint");
    if (!configured.empty()) return configured;
    const std::string mode =
        variable_or("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", profile, "ec2_metadata_service_endpoint_mode");
    return base::equal_ignoring_case(mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

}  // namespace

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
Fetch_Credentials instance_credentials(const Profile& profile, Source_Dependencies dependencies) {
    if (is_true(base::variable("AWS_EC2_METADATA_DISABLED"))) return {};
    const auto number = [&](const char* name, const char* key) {
        return std::max(1, base::parse_number<int>(variable_or(name, profile, key)).value_or(1));
    };
    const std::string text = endpoint(profile);
    const auto url = base::parse_url(text);
    if (!url)
        return [text]() -> Result<Credentials> {
            return local_error(codes::configuration_error,
                               "invalid AWS_EC2_METADATA_SERVICE_ENDPOINT '{}': expected {}", text, endpoint_url_rule);
        };
    const Service service{*url,
                          std::chrono::seconds(number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")),
                          number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")};
    return [service, dependencies = std::move(dependencies)] { return fetch(service, dependencies); };
}

}  // namespace osbot_aws::client
