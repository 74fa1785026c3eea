#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {

/// Returns a new access key id: of temporary credentials (`ASIA`) or of a user (`AKIA`), and 16 characters that encode
/// the account, as on AWS. It needs no table, so its account is known after a restart, too.
std::string new_session_key(std::string_view account_id);
std::string new_user_key(std::string_view account_id);
/// Returns the account of an id that new_session_key() returned, in any process. Returns nothing for ids of AWS.
std::optional<std::string> account_of_session_key(std::string_view access_key_id);
/// Returns the account that an access key selects: a key of 12 digits is an account id (context.hpp). Returns nothing
/// for a key that selects the default account.
std::optional<std::string> account_of_key(std::string_view access_key_id);

/// The key of the default account's root, which local clients use, and the secret of the keys of each account's root.
inline constexpr std::string_view root_key = "test", root_secret = "test";

/// Returns true for an access key of an account's root: `test`, or the account's id.
bool is_root_key(std::string_view access_key_id);

/// The secrets of the access keys that this engine issues. The secret of a session key, of functions and of STS, is
/// derived from the key and from random bytes generated at process start, so none is stored. IAM stores those of users.
class Keys {
public:
    /// Returns the secret of a session key that this engine issues.
    std::string secret_of(std::string_view access_key_id) const {
        return base::hex_encode(base::hmac_sha256_raw(root_, access_key_id)).substr(0, secret_characters);
    }
    /// Adds or removes an active access key of a user.
    void remember(const std::string& access_key_id, std::string secret) {
        users_.insert_or_assign(access_key_id, std::move(secret));
    }
    void forget(const std::string& access_key_id) { users_.erase(access_key_id); }

    /// From now on each key must exist: known_secret() is existing_secret() (`osbot local start --check-signatures`).
    void check_all() { checks_all_ = true; }
    bool checks_all() const { return checks_all_; }

    /// Returns the secret of a key that exists: an active key of a user, a session key, or a key of an account's root.
    std::optional<std::string> existing_secret(std::string_view access_key_id) const;

    /// Returns the secret of the key in a signature: a key of this engine, or `test`, the key that local clients use.
    /// That of a user's key that is inactive or deleted is not the user's: no signature made with it is valid.
    /// Returns nothing for any other key: the secrets of keys issued by AWS are unknown, and an account id that is used
    /// as a key may have any secret.
    std::optional<std::string> known_secret(std::string_view access_key_id) const {
        if (checks_all_) return existing_secret(access_key_id);
        if (access_key_id == root_key) return std::string(root_secret);
        if (const auto user = users_.find(access_key_id); user != users_.end()) return user->second;
        return is_issued(access_key_id) ? std::optional(secret_of(access_key_id)) : std::nullopt;
    }

private:
    /// Returns true for a key that this engine made for a session or a user, in any process.
    static bool is_issued(std::string_view access_key_id) {
        constexpr std::size_t account_digits = 12;
        return access_key_id.size() > account_digits && account_of_key(access_key_id);
    }

    static constexpr std::size_t secret_characters = 40;  // as in AWS
    bool checks_all_ = false;
    std::string root_ = base::random_bytes(32);
    std::map<std::string, std::string, std::less<>> users_;  // secrets by access key
};

}  // namespace osbot_aws::services
