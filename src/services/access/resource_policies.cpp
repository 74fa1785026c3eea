#include "services/access/resource_policies.hpp"

#include "base/characters.hpp"
#include "services/lambda/function_policies.hpp"
#include "services/s3/settings/policy.hpp"
#include "services/sqs/permissions.hpp"
#include "wire/arn.hpp"
#include "wire/lambda_names.hpp"

namespace osbot_aws::services {
namespace {

Resource_Access of_bucket(const Access_State& state, std::string_view name) {
    const S3_Bucket* bucket = state.s3.bucket_of_any_account(std::string(base::take_until(name, '/')));
    if (bucket == nullptr) return {};
    return {bucket->owner.id, resource_policies(policy_text_of(*bucket))};
}

Resource_Access of_queue(const Access_State& state, const std::string& arn) {
    const auto queue = state.sqs.find_arn(arn);
    if (!queue) return {account_in(arn), {}};
    return {(*queue)->account.id, queue_policy(**queue)};
}

/// A version or an alias has a policy of its own.
Resource_Access of_function(const Access_State& state, const std::string& arn) {
    Resource_Access access{account_in(arn), {}};
    std::string_view qualifier;
    const auto name = wire::parse_function_name(arn);
    if (!name) return access;
    const auto record =
        state.functions.record({std::string(name->account_id), std::string(name->region)}, arn, &qualifier);
    if (!record) return access;
    access.policies = function_policy(**record, std::string(qualifier));
    return access;
}

/// A role that does not exist has no trust policy, so nothing may assume it.
Resource_Access of_assumed_role(const Access_State& state, const std::string& arn) {
    const Role* role = state.iam.role_by_arn(arn);
    return {account_in(arn), role == nullptr ? Policies() : resource_policies(role->trust_policy), true};
}

}  // namespace

Resource_Access access_of_resource(const Access_State& state, std::string_view action, const std::string& arn) {
    const auto parts = wire::Arn::parse(arn);
    if (!parts) return {};
    if (parts->service == "s3")
        return action == "s3:CreateBucket" ? Resource_Access() : of_bucket(state, parts->resource);
    if (parts->service == "sqs") return of_queue(state, arn);
    if (parts->service == "lambda" && parts->resource.starts_with("function:")) return of_function(state, arn);
    if (action.starts_with("sts:") && arn.find(":role/") != std::string::npos) return of_assumed_role(state, arn);
    return {};  // the operation checks by itself whether it may use a resource of another account, such as a layer
}

}  // namespace osbot_aws::services
