#include <fmt/format.h>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "client/credential_sources.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view container_source = "container-role";
constexpr std::string_view ecs_host = "169.254.170.2";
constexpr std::chrono::seconds timeout{2};
constexpr int attempts_max = 3;
constexpr std::chrono::seconds between_attempts{1};

/// The request contains a token. It may only be sent to an agent on this host, or over TLS.
bool is_allowed_host(const base::Url& url) {
    if (url.scheme == "https") return true;
    return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.") || url.host == ecs_host ||
           url.host == "169.254.170.23" || base::equal_ignoring_case(url.host, "fd00:ec2::23");
}

/// Reads the token at each request, because the file changes.
Result<std::string> authorization() {
    std::string token = base::variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (const std::string file = base::variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
        auto text = base::read_file(file);
        if (!text) return retrieval_error(container_source, text.error().message);
        token = std::move(*text);
    }
    if (token.find_first_of("\r\n") != std::string::npos)
        return retrieval_error(container_source, "Auth token value is not a legal header value");
    return token;
}

Result<Credentials> request_credentials(Transport& transport, const base::Url& url) {
    OSBOT_TRY(const auto token, authorization());
    wire::Request request{.method = "GET", .target = url.target, .headers = {}, .body = {}};
    request.headers.add("Host", url.authority);
    request.headers.add("Accept", "application/json");
    if (!token.empty()) request.headers.add("Authorization", token);
    const auto response =
        transport.send(request, {.endpoint_url = url.origin(), .connect_timeout = timeout, .read_timeout = timeout});
    if (!response)
        return retrieval_error(container_source, "Received error when attempting to retrieve container metadata: " +
                                                     response.error().message);
    if (response->status != 200)
        return retrieval_error(container_source,
                               fmt::format("Received non 200 response {} from container metadata", response->status));
    return credentials_from(base::parse_json(response->body.bytes()), container_source, {.token = "Token"});
}

Result<Credentials> fetch(const std::string& text, const Source_Dependencies& dependencies) {
    const auto url = base::parse_url(text);
    if (!url || !is_allowed_host(*url))
        return retrieval_error(
            container_source,
            fmt::format("Unsupported host '{}'.  Can only retrieve metadata from a loopback address or one of "
                        "these hosts: 169.254.170.2, 169.254.170.23, fd00:ec2::23, localhost",
                        url ? url->host : text));
    const auto transport = dependencies.transport(url->origin());
    for (int attempt = 1;; ++attempt) {
        auto credentials = request_credentials(*transport, *url);
        if (credentials || attempt == attempts_max) return credentials;
        dependencies.sleep(between_attempts);
    }
}

}  // namespace

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
Fetch_Credentials container_credentials(Source_Dependencies dependencies) {
    std::string url = base::variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (const std::string relative = base::variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !relative.empty())
        url = fmt::format("http://{}{}", ecs_host, relative);
    if (url.empty()) return {};
    return [url, dependencies = std::move(dependencies)] { return fetch(url, dependencies); };
}

}  // namespace osbot_aws::client
