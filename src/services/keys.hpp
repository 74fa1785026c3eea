#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "wire/account_id.hpp"

namespace osbot_aws::services {

/// The access keys that this engine issues to functions and through STS. An access key of 12 digits is an account id
/// (context.hpp). Its secret is derived from the key and from random bytes generated at process start, so none is
/// stored.
class Keys {
public:
    /// Returns the secret of a key that this engine issues.
    std::string secret_of(std::string_view access_key_id) const {
        return base::hex_encode(base::hmac_sha256_raw(root_, access_key_id)).substr(0, secret_characters);
    }
    /// Returns the secret of the key in a signature: a key of this engine, or `test`, the key that local clients use.
    /// Returns nothing for any other key: the secrets of keys issued by AWS are unknown.
    std::optional<std::string> known_secret(std::string_view access_key_id) const {
        if (access_key_id == local_key) return std::string(local_key);
        return wire::is_account_id(access_key_id) ? std::optional(secret_of(access_key_id)) : std::nullopt;
    }

private:
    static constexpr std::size_t secret_characters = 40;  // as in AWS
    static constexpr std::string_view local_key = "test";

    std::string root_ = base::random_bytes(32);
};

}  // namespace osbot_aws::services
