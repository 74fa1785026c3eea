#pragma once

#include <memory>
#include <optional>
#include <string>

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

}  // namespace osbot_aws::client
