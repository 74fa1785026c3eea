#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "services/keys.hpp"

namespace osbot_aws::services {

/// The identity behind a session token that this engine issued.
struct Session_Identity {
    std::string role_arn;  ///< empty: the account itself (GetSessionToken)
    std::string session;   ///< RoleSessionName
    base::Time expires_at;
};

/// Encodes the identity and signs it with a key generated at process start. Nothing is stored. A token cannot be
/// forged.
/// `bytes_min`: the minimum size of the token.
std::string make_session_token(const Keys& keys, const Session_Identity& identity, std::size_t bytes_min = 0);
/// Returns nothing for a token that this process did not issue, such as one from AWS or from before a restart.
std::optional<Session_Identity> read_session_token(const Keys& keys, std::string_view token);

}  // namespace osbot_aws::services
