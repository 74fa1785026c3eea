#include "server/sts_api.hpp"

#include <cstdlib>

#include "base/numbers.hpp"
#include "base/random.hpp"
#include "wire/errors.hpp"
#include "wire/query.hpp"

namespace osbot_aws::server {
namespace {

constexpr const char* name_space = "https://sts.amazonaws.com/doc/2011-06-15/";
using wire::add_element;

Result<void> assume_role(engine::Sts& sts, const engine::Account& account, const wire::Query_Request& asked,
                         pugi::xml_node result) {
    const auto duration = asked.text("DurationSeconds");
    const auto assumed = sts.assume(account, asked.text("RoleArn"), asked.text("RoleSessionName"),
                                    base::parse_number<int>(duration).value_or(duration.empty() ? 3600 : 0));
    if (!assumed) return assumed.error();
    auto user = result.append_child("AssumedRoleUser");
    add_element(user, "AssumedRoleId", assumed->id);
    add_element(user, "Arn", assumed->arn);
    auto credentials = result.append_child("Credentials");
    add_element(credentials, "AccessKeyId", assumed->access_key_id);
    add_element(credentials, "SecretAccessKey", assumed->secret_access_key);
    add_element(credentials, "SessionToken", assumed->session_token);
    add_element(credentials, "Expiration", assumed->expires_at);
    return {};
}

Result<void> run(engine::Sts& sts, const engine::Account& account, const wire::Query_Request& asked,
                 pugi::xml_node result) {
    if (asked.action() == "AssumeRole") return assume_role(sts, account, asked, result);
    if (asked.action() != "GetCallerIdentity") return wire::not_implemented("STS", asked.action());
    const auto caller = sts.caller(account);
    add_element(result, "Arn", caller.arn);
    add_element(result, "UserId", caller.user_id);
    add_element(result, "Account", caller.account);
    return {};
}

}  // namespace

void Sts_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    const wire::Query_Request asked{request};
    wire::Query_Answer answer{asked.action(), name_space};
    const auto outcome = run(sts_, account, asked, answer.result());
    reply(outcome ? answer.response(request_id) : wire::query_error(outcome.error(), request_id, name_space));
}

}  // namespace osbot_aws::server
