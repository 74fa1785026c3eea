#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "engine/keys.hpp"

namespace osbot_aws::engine {

/// Whose credentials go with a session token that this engine gave out.
struct Session_Identity {
    std::string role_arn;  ///< empty: of the account itself (GetSessionToken)
    std::string session;   ///< RoleSessionName
    base::Time expires_at;
};

/// The text says it all and is sealed with what this process drew at its start: nothing is kept, nobody can make one.
std::string make_session_token(const Keys& keys, const Session_Identity& identity);
/// Nothing: a token of somebody else's (AWS's, or of this engine before a restart).
std::optional<Session_Identity> read_session_token(const Keys& keys, std::string_view token);

}  // namespace osbot_aws::engine
