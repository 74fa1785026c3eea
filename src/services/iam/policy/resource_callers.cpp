#include "services/iam/policy/resource_callers.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

constexpr const char* local_address = "127.0.0.1";  // the engine does not record others

Decision decide(const Policies& policies, const Policy_Request& request) {
    Policy_Set set;
    set.resource = policies;
    return evaluate(set, request).decision;
}

}  // namespace

bool permits_service(const Policies& policies, const Service_Caller& caller, base::Time now, const std::string& action,
                     const std::string& resource) {
    const std::string global = fmt::format("{}.amazonaws.com", caller.service);
    const std::string regional = fmt::format("{}.{}.amazonaws.com", caller.service, caller.source.region);
    Condition_Keys keys = time_keys(now);
    keys["aws:requestedregion"] = {caller.source.region};
    keys["aws:sourcearn"] = {caller.source_arn};
    keys["aws:sourceaccount"] = {caller.source.id};
    keys["aws:principalisawsservice"] = {"true"};
    keys["aws:principalservicename"] = {global};
    std::vector<std::string> names{global, regional};
    // Services in China have the one name or the other:
    // https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/124
    if (caller.source.partition() == "aws-cn") names.insert(names.end(), {global + ".cn", regional + ".cn"});
    Policy_Principals principals;
    for (const std::string& name : names) principals.push_back({name, Principal_Type::service});
    keys["aws:principalservicenameslist"] = std::move(names);
    return decide(policies, {.action = action,
                             .resource = resource,
                             .keys = std::move(keys),
                             .principals = std::move(principals)}) == Decision::allowed;
}

bool permits_account(const Policies& policies, const Account& account, const std::string& action,
                     const std::string& resource) {
    return decide(policies, {.action = action,
                             .resource = resource,
                             .keys = {{"aws:principalaccount", {account.id}}},
                             .principals = account_principals(account.partition(), account.id)}) == Decision::allowed;
}

Decision decision_for_everyone(const Policies& policies, Condition_Keys keys, const std::string& action,
                               const std::string& resource) {
    return decide(policies, {.action = action, .resource = resource, .keys = std::move(keys)});
}

Condition_Keys time_keys(base::Time now) {
    return {{"aws:currenttime", {base::iso8601_z(now)}},
            {"aws:epochtime", {std::to_string(base::unix_ms(now) / 1000)}},
            // Clients reach the service for which the engine stands in by HTTPS.
            {"aws:securetransport", {"true"}}};
}

Condition_Keys connection_keys(base::Time now, const std::string& region, const wire::Request& request) {
    Condition_Keys keys = time_keys(now);
    keys["aws:sourceip"] = {local_address};
    keys["aws:viaawsservice"] = keys["aws:principalisawsservice"] = {"false"};
    keys["aws:requestedregion"] = {region};
    for (const auto& [key, header] : {std::pair{"aws:useragent", "User-Agent"}, {"aws:referer", "Referer"}})
        if (const std::string_view value = request.headers[header]; !value.empty()) keys[key] = {std::string(value)};
    return keys;
}

Condition_Keys anonymous_keys(base::Time now, const std::string& region, const wire::Request& request) {
    Condition_Keys keys = connection_keys(now, region, request);
    keys["aws:principaltype"] = {"Anonymous"};
    keys["aws:userid"] = {"anonymous"};
    return keys;
}

Policy_Principals account_principals(std::string_view partition, const std::string& account) {
    return {{account},
            {wire::Arn{partition, "iam", "", account, "root"}.text()},
            {canonical_user_id(account), Principal_Type::canonical_user}};
}

Policies policy_of_statements(const std::vector<Json>& statements) {
    if (statements.empty()) return {};
    return resource_policies(base::dump_json(Json{{"Version", "2012-10-17"}, {"Statement", statements}}));
}

}  // namespace osbot_aws::services
