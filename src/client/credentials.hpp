#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace osbot_aws::client {

/// Nothing here is ever logged, nor part of an error's message.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    std::optional<base::Time> expires_at;  ///< none: never
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

/// Those that `fetch` answers, asked for at the first use and again from 15 minutes before they expire; when that
/// fails, the old ones are used as long as they are valid. Source: botocore, RefreshableCredentials.
std::shared_ptr<Credentials_Provider> refreshed_credentials(std::function<Result<Credentials>()> fetch,
                                                            const base::Clock& clock);

/// AWS_REGION, AWS_DEFAULT_REGION, the profile's region; empty when nothing says.
std::string default_region(std::string_view profile = "");

}  // namespace osbot_aws::client
