#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace osbot_aws::client {

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    std::optional<base::Time> expires_at;
};

class Credentials_Provider {
public:
    virtual ~Credentials_Provider() = default;
    /// Fresh ones; a provider keeps them until they are about to expire.
    /// Errors: NoCredentialsError, and what the provider met.
    virtual Result<Credentials> credentials() = 0;
};

/// Always these.
std::shared_ptr<Credentials_Provider> static_credentials(Credentials credentials);

/// The standard chain, as far as this version has it: AWS_ACCESS_KEY_ID and its kin, then the shared credentials and
/// config files, profile `profile` (empty: AWS_PROFILE, else default). Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
std::shared_ptr<Credentials_Provider> default_credentials(std::string_view profile = "");

/// AWS_REGION, AWS_DEFAULT_REGION, the profile's region; empty when nothing says.
std::string default_region(std::string_view profile = "");

}  // namespace osbot_aws::client
