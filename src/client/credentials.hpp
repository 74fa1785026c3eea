#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace osbot_aws::client {

/// AWS credentials. They are never logged and never part of an error message.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    std::optional<base::Time> expires_at;  ///< none: they do not expire
};

/// Returns credentials for signing.
class Credentials_Provider {
public:
    virtual ~Credentials_Provider() = default;
    /// Returns valid credentials. A provider caches them until shortly before they expire.
    /// Errors: NoCredentialsError and those of the provider.
    virtual Result<Credentials> credentials() = 0;
};

/// Creates a provider that always returns these credentials.
std::shared_ptr<Credentials_Provider> static_credentials(Credentials credentials);

/// Creates a provider that calls `fetch` at the first use, and again when the credentials expire in less than 15
/// minutes. If that fails, the old credentials are used until they expire. Source: botocore, RefreshableCredentials.
std::shared_ptr<Credentials_Provider> refreshed_credentials(std::function<Result<Credentials>()> fetch,
                                                            const base::Clock& clock);

/// Returns AWS_REGION, else AWS_DEFAULT_REGION, else the profile's region, else an empty string.
std::string default_region(std::string_view profile = "");

}  // namespace osbot_aws::client
