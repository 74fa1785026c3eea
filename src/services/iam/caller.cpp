#include "services/iam/caller.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "services/request_scope.hpp"

namespace osbot_aws::services {
namespace {

Caller root_of(const Account& account) {
    return {.account = account.id, .user_id = account.id, .arn = account.root_arn(), .name = ""};
}

Caller caller_of(const User& user) {
    return {
        .kind = Caller::Kind::user, .account = user.account, .user_id = user.id, .arn = user.arn, .name = user.name};
}

/// Returns the user or role of a session: by its id, or that of a function by its ARN.
const Principal* principal_of(const Iam& iam, const Session_Identity& session) {
    if (session.kind == Session_Identity::Kind::user)
        return iam.user_by_id(scope_in(session.principal_arn), session.principal_id);
    const Principal* role = iam.role_by_arn(session.principal_arn);
    const bool is_same = role != nullptr && (session.principal_id.empty() || session.principal_id == role->id);
    return is_same ? role : nullptr;
}

/// Returns the caller of a session; nothing if its role or user was deleted.
std::optional<Caller> caller_of(const Iam& iam, const Account& account, const Session_Identity& session) {
    if (session.principal_arn.empty()) return root_of({session.account, account.region});
    const Principal* principal = principal_of(iam, session);
    if (session.kind == Session_Identity::Kind::federated)
        return Caller{.kind = Caller::Kind::federated,
                      .account = session.account,
                      .user_id = fmt::format("{}:{}", session.account, session.session),
                      .arn = session_arn(session.principal_arn, "federated-user/" + session.session),
                      .name = session.session};
    if (principal == nullptr) return std::nullopt;
    if (session.kind == Session_Identity::Kind::user) return caller_of(static_cast<const User&>(*principal));
    return Caller{
        .kind = Caller::Kind::role,
        .account = principal->account,
        .user_id = fmt::format("{}:{}", principal->id, session.session),
        .arn = session_arn(principal->arn, fmt::format("assumed-role/{}/{}", principal->name, session.session)),
        .name = principal->name};
}

}  // namespace

Result<Caller> caller_of(const Iam& iam, const Account& account, const std::string& access_key_id,
                         std::string_view session_token) {
    if (const auto session = read_session_token(iam.context().keys, session_token)) {
        if (session->expires_at <= iam.context().now())
            return Error{"ExpiredToken", "The security token included in the request is expired", 403};
        auto caller = caller_of(iam, account, *session);
        if (!caller)
            return Error{"InvalidClientTokenId", "The security token included in the request is invalid.", 403};
        caller->session = *session;
        return std::move(*caller);
    }
    if (const User* user = iam.user_of_key(access_key_id)) return caller_of(*user);
    return root_of(account);
}

Result<Caller> caller_of(const Iam& iam, const Account& account, const wire::Request& request) {
    return caller_of(iam, account, scope_of(request).access_key_id, session_token_of(request));
}

Result<Caller> caller_of(const Iam& iam, const Call& call) {
    return call.caller ? Result<Caller>(*call.caller) : caller_of(iam, call.account, call.request);
}

std::string session_token_of(const wire::Request& request) {
    if (const std::string* token = request.headers.find("X-Amz-Security-Token")) return *token;
    const bool is_link = request.query().find("Signature=") != std::string_view::npos;
    if (!is_link) return {};
    for (auto& [name, value] : wire::parse_query(request.query()))
        if (base::equal_ignoring_case(name, "X-Amz-Security-Token")) return std::move(value);
    return {};
}

}  // namespace osbot_aws::services
