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

/// What the places reach of the machine, and the settings that they share.
struct Place_Parts {
    std::string profile;  ///< whose endpoint URLs count
    std::string region;   ///< of STS; empty: the global endpoint
    std::function<std::shared_ptr<Transport>(const std::string& url)> transport;
    const base::Clock& clock;
    std::function<void(std::chrono::milliseconds)> sleep;
    std::function<Result<std::string>(const std::string& serial)> mfa_code;
};

/// Asks at the terminal. Errors: CredentialRetrievalError when there is none.
Result<std::string> typed_mfa_code(const std::string& serial);

/// Empty: the place is not set up.
using Fetch_Credentials = std::function<Result<Credentials>()>;

// Each place: looks whether it is set up, without asking anybody, and answers how to fetch credentials from it.

/// What a profile says of a role to assume.
struct Role {
    std::string arn, session_name, external_id, mfa_serial, duration_seconds;
};
Fetch_Credentials assumed_role(Role role, std::shared_ptr<Credentials_Provider> source, Place_Parts parts);

/// `with_environment`: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME count, before the profile.
Result<Fetch_Credentials> web_identity(const Profile& profile, bool with_environment, Place_Parts parts);
Result<Fetch_Credentials> identity_center(const std::string& profile_name, const Profile& profile, Place_Parts parts);
Fetch_Credentials credential_process(const Profile& profile);
Fetch_Credentials container_credentials(Place_Parts parts);
Fetch_Credentials instance_credentials(const Profile& profile, Place_Parts parts);

// For the places themselves.

Error retrieval_error(std::string_view place, std::string_view message);

/// The names that a place's answer has for the parts of credentials.
struct Credential_Names {
    const char *key = "AccessKeyId", *secret = "SecretAccessKey", *token = "SessionToken", *expiration = "Expiration";
};
/// Errors: CredentialRetrievalError naming what is missing or no time; never a value.
Result<Credentials> credentials_from(const Json& answer, std::string_view place, const Credential_Names& names = {});

}  // namespace osbot_aws::client
