#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "client/aws_endpoints.hpp"
#include "client/credential_sources.hpp"
#include "client/endpoints.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view identity_center_source = "sso";
constexpr std::chrono::minutes token_refresh_before_expiry{15};
constexpr unsigned owner_only = 0600;

/// The settings of a profile and its [sso-session].
struct Login {
    std::string session, start_url, region, account_id, role_name;
};

Error unauthorized() {
    return local_error(
        "UnauthorizedSSOTokenError",
        "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO "
        "session run aws sso login with the corresponding profile.");
}

Error not_loaded(std::string_view reason) {
    return local_error("SSOTokenLoadError", "Error loading SSO Token: {}", reason);
}

/// Returns the file in which `aws sso login` stores the token.
std::filesystem::path token_file(const Login& login) {
    const std::string name = base::sha1_hex(login.session.empty() ? login.start_url : login.session);
    return home_folder() / ".aws/sso/cache" / (name + ".json");
}

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<wire::Response> send_request(std::string_view service, std::string_view variable_name, const Login& login,
                                    const Source_Dependencies& dependencies, wire::Request request) {
    std::string base_url = base::variable(std::string(variable_name));
    if (base_url.empty()) {
        OSBOT_TRY(auto endpoint,
                  aws_endpoint(service, login.region, configured_endpoint_options(dependencies.profile)));
        base_url = std::move(endpoint.url);
    }
    const auto url = base::parse_url(base_url);
    if (!url)
        return local_error(codes::configuration_error, "invalid {} '{}': expected {}", variable_name, base_url,
                           endpoint_url_rule);
    request.headers.add("Host", url->authority);
    return dependencies.transport(url->origin())->send(request, {.endpoint_url = url->origin()});
}

/// Refreshes a token. Returns nothing if that fails; the caller then uses the old one.
/// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
std::optional<Json> refresh_token(const Json& token, const Login& login, const Source_Dependencies& dependencies) {
    for (const char* name : {"refreshToken", "clientId", "clientSecret", "registrationExpiresAt"}) {
        if (text_of(token, name).empty()) return std::nullopt;
    }
    const base::Time now = dependencies.clock.now();
    if (base::parse_iso8601(text_of(token, "registrationExpiresAt")).value_or(now) <= now) return std::nullopt;
    wire::Request request{.method = "POST", .target = "/token", .headers = {}, .body = {}};
    request.headers.add("Content-Type", "application/json");
    request.body = base::dump_json(Json{{"clientId", token["clientId"]},
                                        {"clientSecret", token["clientSecret"]},
                                        {"grantType", "refresh_token"},
                                        {"refreshToken", token["refreshToken"]}});
    const auto response =
        send_request("sso-oidc", "AWS_ENDPOINT_URL_SSO_OIDC", login, dependencies, std::move(request));
    const Json body = response ? base::parse_json(response->body.bytes()) : Json();
    if (!response || response->status != 200 || text_of(body, "accessToken").empty()) {
        base::log_warning("the SSO token of {} could not be refreshed: {}", login.start_url,
                          response ? fmt::format("status {}", response->status) : response.error().message);
        return std::nullopt;
    }
    const auto expires_in = body.find("expiresIn");
    const std::int64_t lifetime =
        expires_in != body.end() && expires_in->is_number() ? expires_in->get<std::int64_t>() : 0;
    Json updated = token;
    updated["accessToken"] = body["accessToken"];
    updated["expiresAt"] = base::iso8601_z(now + std::chrono::seconds(lifetime));
    if (body.contains("refreshToken")) updated["refreshToken"] = body["refreshToken"];
    if (const auto written = base::write_file_durably(token_file(login), base::dump_json_lossy(updated, 2), owner_only);
        !written)
        base::log_warning("the refreshed SSO token could not be stored: {}", written.error().message);
    return updated;
}

Result<std::string> access_token(const Login& login, const Source_Dependencies& dependencies) {
    const std::string& name = login.session.empty() ? login.start_url : login.session;
    const auto text = base::read_file(token_file(login));
    if (!text) return not_loaded(fmt::format("Token for {} does not exist", name));
    Json token = base::parse_json(*text);
    auto expires_at = token.is_object() ? base::parse_iso8601(text_of(token, "expiresAt")) : std::nullopt;
    if (!expires_at || text_of(token, "accessToken").empty())
        return not_loaded(fmt::format("Token for {} is invalid", name));
    const base::Time now = dependencies.clock.now();
    if (*expires_at <= now + token_refresh_before_expiry) {
        if (auto updated = refresh_token(token, login, dependencies)) return text_of(*updated, "accessToken");
    }
    if (*expires_at <= now) return unauthorized();
    return text_of(token, "accessToken");
}

/// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
Result<Credentials> fetch(const Login& login, const Source_Dependencies& dependencies) {
    OSBOT_TRY(const auto token, access_token(login, dependencies));
    wire::Request request{
        .method = "GET",
        .target = fmt::format("/federation/credentials?role_name={}&account_id={}",
                              wire::percent_encode(login.role_name), wire::percent_encode(login.account_id)),
        .headers = {},
        .body = {}};
    request.headers.add("x-amz-sso_bearer_token", token);
    const auto response = send_request("sso", "AWS_ENDPOINT_URL_SSO", login, dependencies, std::move(request));
    if (!response) return retrieval_error(identity_center_source, response.error().message);
    if (response->status == 401) return unauthorized();
    const Json body = base::parse_json(response->body.bytes());
    if (response->status != 200)
        return retrieval_error(identity_center_source, fmt::format("status {} {}", response->status,
                                                                   body.is_object() ? text_of(body, "message") : ""));
    if (!body.is_object() || !body.contains("roleCredentials"))
        return retrieval_error(identity_center_source, "the response has no roleCredentials");
    const Json& role_credentials = body["roleCredentials"];
    auto credentials = credentials_from(role_credentials, identity_center_source,
                                        {"accessKeyId", "secretAccessKey", "sessionToken", "(a number)"});
    if (credentials && role_credentials.contains("expiration") && role_credentials["expiration"].is_number())
        credentials->expires_at = base::from_unix_ms(role_credentials["expiration"].get<std::int64_t>());
    return credentials;
}

/// Returns the profile with the settings of its [sso-session]. Errors: InvalidConfigError.
Result<Profile> with_session(Profile profile) {
    const std::string name = setting(profile, "sso_session");
    if (name.empty()) return profile;
    const Profile session = read_config_section("sso-session " + name);
    if (session.empty())
        return local_error("InvalidConfigError", "The specified sso-session does not exist: \"{}\"", name);
    for (const auto& [key, value] : session) {
        const auto [existing, added] = profile.emplace(key, value);
        if (!added && existing->second != value)
            return local_error("InvalidConfigError",
                               "The value for {} is inconsistent between profile ({}) and sso-session ({}).", key,
                               existing->second, value);
    }
    return profile;
}

}  // namespace

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
Result<Fetch_Credentials> identity_center(const std::string& profile_name, const Profile& profile,
                                          Source_Dependencies dependencies) {
    if (!profile.contains("sso_role_name") && !profile.contains("sso_account_id")) return Fetch_Credentials();
    OSBOT_TRY(const auto complete_profile, with_session(profile));
    std::vector<std::string> missing;
    for (const char* key : {"sso_role_name", "sso_account_id", "sso_start_url", "sso_region"}) {
        if (!complete_profile.contains(key)) missing.emplace_back(key);
    }
    if (!missing.empty())
        return local_error("InvalidConfigError",
                           "The profile \"{}\" is configured to use SSO but is missing required configuration: {}",
                           profile_name, fmt::join(missing, ", "));
    const Login login{setting(complete_profile, "sso_session"), setting(complete_profile, "sso_start_url"),
                      setting(complete_profile, "sso_region"), setting(complete_profile, "sso_account_id"),
                      setting(complete_profile, "sso_role_name")};
    return Fetch_Credentials([login, dependencies = std::move(dependencies)] { return fetch(login, dependencies); });
}

}  // namespace osbot_aws::client
