#pragma once

#include <optional>
#include <string>

#include "services/iam/iam.hpp"
#include "services/operations.hpp"
#include "services/sts/session_token.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// The sender of a request, by its session token or else by its access key. A key that no user has is that of the
/// account's root.
struct Caller {
    enum class Kind { root, user, role, federated, anonymous };

    Kind kind = Kind::root;
    std::string account, user_id, arn;
    std::string name;                              ///< of the user or role
    std::optional<Session_Identity> session = {};  ///< of temporary credentials
};

/// Returns the caller of an operation: the one that the engine determined before, or else by the key of the signature.
/// Errors: ExpiredToken.
Result<Caller> caller_of(const Iam& iam, const Call& call);
Result<Caller> caller_of(const Iam& iam, const Account& account, const wire::Request& request);
Result<Caller> caller_of(const Iam& iam, const Account& account, const std::string& access_key_id,
                         std::string_view session_token);

/// Returns the session token of a request, in a header or in the query of a presigned request.
std::string session_token_of(const wire::Request& request);

}  // namespace osbot_aws::services
