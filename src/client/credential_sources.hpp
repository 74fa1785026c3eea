#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "client/credentials.hpp"
#include "client/shared_files.hpp"
#include "client/transport.hpp"

namespace osbot_aws::client {

/// Settings and system services that the credential sources share.
struct Source_Dependencies {
    std::string profile;  ///< profile of the endpoint URLs
    std::string region;   ///< region of STS; empty: the global endpoint
    std::function<std::shared_ptr<Transport>(const std::string& url)> transport;
    const base::Clock& clock;
    std::function<void(std::chrono::milliseconds)> sleep;
    std::function<Result<std::string>(const std::string& serial)> mfa_code;
};

/// Prompts for an MFA code on the terminal. Errors: CredentialRetrievalError if there is no terminal.
Result<std::string> prompt_for_mfa_code(const std::string& serial);

/// Fetches credentials from a source. Empty: the source is not configured.
using Fetch_Credentials = std::function<Result<Credentials>()>;

// One function for each source. It checks whether the source is configured, without sending a request, and returns a
// function that fetches the credentials.

/// A profile's settings of a role to assume.
struct Role {
    std::string arn, session_name, external_id, mfa_serial, duration_seconds;
};
Fetch_Credentials assumed_role(Role role, std::shared_ptr<Credentials_Provider> source,
                               Source_Dependencies dependencies);

/// With `with_environment`, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME override the profile.
Result<Fetch_Credentials> web_identity(const Profile& profile, bool with_environment, Source_Dependencies dependencies);
Result<Fetch_Credentials> identity_center(const std::string& profile_name, const Profile& profile,
                                          Source_Dependencies dependencies);
Fetch_Credentials credential_process(const Profile& profile);
Fetch_Credentials container_credentials(Source_Dependencies dependencies);
Fetch_Credentials instance_credentials(const Profile& profile, Source_Dependencies dependencies);

// Helpers for the sources.

Error retrieval_error(std::string_view source_name, std::string_view message);

/// The member names of credentials in a response.
struct Credential_Names {
    const char *key = "AccessKeyId", *secret = "SecretAccessKey", *token = "SessionToken", *expiration = "Expiration";
};
/// Parses credentials. Errors: CredentialRetrievalError, naming the missing member or the invalid time, but no other
/// value.
Result<Credentials> credentials_from(const Json& response, std::string_view source_name,
                                     const Credential_Names& names = {});

}  // namespace osbot_aws::client
