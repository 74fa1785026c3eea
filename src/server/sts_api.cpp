#include "server/sts_api.hpp"

#include <map>

#include "base/random.hpp"
#include "server/iam_operations.hpp"
#include "wire/errors.hpp"
#include "wire/query.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Sts;
using wire::add_element;
using Node = pugi::xml_node;

/// A request and its session token.
struct Sts_Query : wire::Query_Request {
    explicit Sts_Query(const wire::Request& request)
        : Query_Request(request), session_token(request.headers["X-Amz-Security-Token"]) {
        if (session_token.empty()) session_token = text("X-Amz-Security-Token");  // presigned request
    }
    std::string session_token;
};

void show(Node result, const engine::Session_Credentials& credentials) {
    auto at = result.append_child("Credentials");
    add_element(at, "AccessKeyId", credentials.access_key_id);
    add_element(at, "SecretAccessKey", credentials.secret_access_key);
    add_element(at, "SessionToken", credentials.session_token);
    add_element(at, "Expiration", credentials.expires_at);
}

void show(Node result, const engine::Assumed_Role& assumed) {
    auto user = result.append_child("AssumedRoleUser");
    add_element(user, "AssumedRoleId", assumed.id);
    add_element(user, "Arn", assumed.arn);
    show(result, static_cast<const engine::Session_Credentials&>(assumed));
}

Result<engine::Assume_Role> assume_role_params(const Sts_Query& query) {
    const auto duration_s = iam_number(query, "DurationSeconds", 3600);
    if (!duration_s) return duration_s.error();
    return engine::Assume_Role{
        .role_arn = query.text("RoleArn"), .session = query.text("RoleSessionName"), .duration_s = *duration_s};
}

Result<void> assume_role(Sts& sts, const Account& account, const Sts_Query& query, Node result) {
    const auto params = assume_role_params(query);
    if (!params) return params.error();
    const auto assumed = sts.assume(account, *params, query.session_token);
    if (!assumed) return assumed.error();
    show(result, *assumed);
    if (query.has("SourceIdentity")) add_element(result, "SourceIdentity", query.text("SourceIdentity"));
    return {};
}

Result<void> assume_role_with_web_identity(Sts& sts, const Account& account, const Sts_Query& query, Node result) {
    const auto params = assume_role_params(query);
    if (!params) return params.error();
    const auto assumed = sts.assume_with_web_identity(account, *params, query.text("WebIdentityToken"));
    if (!assumed) return assumed.error();
    add_element(result, "SubjectFromWebIdentityToken", assumed->subject);
    add_element(result, "Audience", assumed->audience);
    add_element(result, "Provider", assumed->provider);
    show(result, *assumed);
    return {};
}

Result<void> get_caller_identity(Sts& sts, const Account& account, const Sts_Query& query, Node result) {
    const auto caller = sts.caller(account, query.session_token);
    if (!caller) return caller.error();
    add_element(result, "Arn", caller->arn);
    add_element(result, "UserId", caller->user_id);
    add_element(result, "Account", caller->account);
    return {};
}

Result<void> get_session_token(Sts& sts, const Account& account, const Sts_Query& query, Node result) {
    std::optional<int> duration_s;
    if (query.has("DurationSeconds")) {
        const auto number = iam_number(query, "DurationSeconds", 0);
        if (!number) return number.error();
        duration_s = *number;
    }
    const auto credentials = sts.session_token(account, duration_s, query.session_token);
    if (!credentials) return credentials.error();
    show(result, *credentials);
    return {};
}

Result<void> get_access_key_info(Sts& sts, const Account&, const Sts_Query& query, Node result) {
    const auto account = sts.account_of_key(query.text("AccessKeyId"));
    if (!account) return account.error();
    add_element(result, "Account", *account);
    return {};
}

using Sts_Operation = Result<void> (*)(Sts&, const Account&, const Sts_Query&, Node result);

const std::map<std::string_view, Sts_Operation>& sts_operations() {
    static const std::map<std::string_view, Sts_Operation> all{
        {"AssumeRole", assume_role},
        {"AssumeRoleWithWebIdentity", assume_role_with_web_identity},
        {"GetCallerIdentity", get_caller_identity},
        {"GetSessionToken", get_session_token},
        {"GetAccessKeyInfo", get_access_key_info},
    };
    return all;
}

}  // namespace

void Sts_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    const Sts_Query query{request};
    const auto operation = sts_operations().find(query.action());
    if (operation == sts_operations().end()) {
        return reply(wire::query_error(wire::not_implemented("STS", query.action()), request_id, xmlns));
    }
    wire::Query_Response response{query.action(), xmlns};
    const auto outcome = operation->second(sts_, account, query, response.result());
    reply(outcome ? response.response(request_id) : wire::query_error(outcome.error(), request_id, xmlns));
}

}  // namespace osbot_aws::server
