#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::engine {

/// The access keys that this engine gives out: to functions, and by STS. An access key of 12 digits is an account
/// (context.hpp); its secret follows from it and from what this process drew at its start, so nothing is kept.
class Keys {
public:
    /// Of a key that is given out now.
    std::string secret_of(std::string_view access_key_id) const {
        return base::hex_encode(base::hmac_sha256_raw(root_, access_key_id)).substr(0, secret_characters);
    }
    /// Of a key that a signature names: one of ours, or `test`, the key that local clients use. Nothing for any other:
    /// a key of AWS's has a secret that nobody can know here.
    std::optional<std::string> known_secret(std::string_view access_key_id) const {
        if (access_key_id == local_key) return std::string(local_key);
        const bool account =
            access_key_id.size() == 12 && access_key_id.find_first_not_of("0123456789") == std::string_view::npos;
        return account ? std::optional(secret_of(access_key_id)) : std::nullopt;
    }

private:
    static constexpr std::size_t secret_characters = 40;  // as AWS's
    static constexpr std::string_view local_key = "test";

    std::string root_ = base::random_bytes(32);
};

}  // namespace osbot_aws::engine
