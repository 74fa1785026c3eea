#include <fmt/format.h>

#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/time_text.hpp"
#include "client/aws_client.hpp"
#include "client/credential_sources.hpp"
#include "client/endpoints.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view global_url = "https://sts.amazonaws.com";
constexpr std::string_view global_region = "us-east-1";

Result<Target> sts(std::shared_ptr<Credentials_Provider> source, const Source_Dependencies& dependencies) {
    OSBOT_TRY(const auto urls, configured_endpoint_urls(dependencies.profile));
    const auto configured_sts = urls.by_service.find("sts");
    Target target;
    target.endpoint_url = configured_sts != urls.by_service.end() ? configured_sts->second : urls.general;
    target.options = configured_endpoint_options(dependencies.profile);
    target.region = dependencies.region;
    target.credentials = std::move(source);
    if (target.region.empty()) {
        target.region = global_region;
        if (target.endpoint_url.empty()) target.endpoint_url = global_url;
    }
    std::string url = target.endpoint_url;
    if (url.empty()) {
        OSBOT_TRY(const auto endpoint, aws_endpoint("sts", target.region, target.options));
        url = endpoint.url;
    }
    target.transport = dependencies.transport(url);
    return target;
}

Result<Credentials> call_sts(const char* action, Parameters parameters, std::shared_ptr<Credentials_Provider> source,
                             const Source_Dependencies& dependencies) {
    OSBOT_TRY(auto target, sts(std::move(source), dependencies));
    Aws_Client client(std::move(target), Retry_Policy(dependencies.sleep), dependencies.clock);
    OSBOT_TRY(const auto response, client.query("sts", action, std::move(parameters)));
    if (!response.is_object() || !response.contains("Credentials"))
        return retrieval_error("assume-role", fmt::format("the response to {} has no Credentials", action));
    return credentials_from(response.at("Credentials"), "assume-role");
}

/// Returns the role session name, which identifies the caller in CloudTrail.
std::string session_name(const std::string& configured, const base::Clock& clock) {
    return configured.empty() ? fmt::format("osbot-aws-{}", base::unix_ms(clock.now()) / 1000) : configured;
}

Result<Credentials> assume_role_with_token(const std::string& token_file, const Role& role,
                                           const Source_Dependencies& dependencies) {
    auto token = base::read_file(token_file);  // read each time, because the cluster replaces the file
    if (!token) return retrieval_error("assume-role-with-web-identity", token.error().message);
    return call_sts("AssumeRoleWithWebIdentity",
                    {{"RoleArn", role.arn},
                     {"RoleSessionName", session_name(role.session_name, dependencies.clock)},
                     {"WebIdentityToken", std::move(*token)}},
                    nullptr, dependencies);
}

}  // namespace

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
Fetch_Credentials assumed_role(Role role, std::shared_ptr<Credentials_Provider> source,
                               Source_Dependencies dependencies) {
    return [role = std::move(role), source = std::move(source), dependencies = std::move(dependencies),
            code_requested = false]() mutable -> Result<Credentials> {
        Parameters parameters{{"RoleArn", role.arn},
                              {"RoleSessionName", session_name(role.session_name, dependencies.clock)}};
        if (!role.external_id.empty()) parameters.emplace_back("ExternalId", role.external_id);
        if (!role.duration_seconds.empty()) parameters.emplace_back("DurationSeconds", role.duration_seconds);
        if (!role.mfa_serial.empty()) {
            // Do not prompt again when the credentials expire: the user does not expect it then.
            if (std::exchange(code_requested, true))
                return local_error("RefreshWithMFAUnsupportedError", "Cannot refresh credentials: MFA token required.");
            OSBOT_TRY(auto code, dependencies.mfa_code(role.mfa_serial));
            parameters.emplace_back("SerialNumber", role.mfa_serial);
            parameters.emplace_back("TokenCode", std::move(code));
        }
        return call_sts("AssumeRole", std::move(parameters), source, dependencies);
    };
}

Result<Fetch_Credentials> web_identity(const Profile& profile, bool with_environment,
                                       Source_Dependencies dependencies) {
    const auto either = [&](const char* name, const char* key) {
        return with_environment ? variable_or(name, profile, key) : setting(profile, key);
    };
    const std::string token_file = either("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (token_file.empty()) return Fetch_Credentials();
    Role role;
    role.arn = either("AWS_ROLE_ARN", "role_arn");
    role.session_name = either("AWS_ROLE_SESSION_NAME", "role_session_name");
    if (role.arn.empty())
        return local_error(
            "InvalidConfigError",
            "The provided profile or the current environment is configured to assume role with web identity "
            "but has no role ARN configured. Ensure that the profile has the role_arn configuration set or "
            "the AWS_ROLE_ARN env var is set.");
    return Fetch_Credentials([token_file, role, dependencies = std::move(dependencies)] {
        return assume_role_with_token(token_file, role, dependencies);
    });
}

}  // namespace osbot_aws::client
