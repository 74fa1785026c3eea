#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "services/keys.hpp"

namespace osbot_aws::services {

/// The identity behind a session token that this engine issued.
struct Session_Identity {
    enum class Kind { account, user, role, federated };

    Kind kind = Kind::role;
    std::string account;        ///< id
    std::string principal_arn;  ///< of the role or user; empty: the account's root
    std::string session;        ///< RoleSessionName, or the name of the federated user
    base::Time expires_at;
    std::string policy = {};                                     ///< the session policy; empty: none
    std::vector<std::string> policies_above = {};                ///< of the sessions that it was scoped down from
    std::vector<std::string> policy_arns = {};                   ///< managed session policies
    std::vector<std::pair<std::string, std::string>> tags = {};  ///< of the session
    std::vector<std::string> transitive_keys = {};               ///< of tags that sessions of other roles inherit
    std::string source_identity = {};
    std::string principal_id = {};     ///< of the role or user, whose name may change; empty: of a function's role
    std::string access_key_id = {};    ///< to which the token belongs
    std::string source_function = {};  ///< ARN of the function in whose environment the session was made
};

/// Encodes the identity and signs it with a key generated at process start. Nothing is stored. A token cannot be
/// forged.
/// `bytes_min`: the minimum size of the token.
std::string make_session_token(const Keys& keys, const Session_Identity& identity, std::size_t bytes_min = 0);
/// Returns nothing for a token that this process did not issue, such as one from AWS or from before a restart.
std::optional<Session_Identity> read_session_token(const Keys& keys, std::string_view token);

}  // namespace osbot_aws::services
