#include "services/access/authorization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "aws/models/models.hpp"
#include "base/text.hpp"
#include "services/access/access_errors.hpp"
#include "services/access/access_keys.hpp"
#include "services/access/access_rules.hpp"
#include "services/access/access_subject.hpp"
#include "services/access/resource_policies.hpp"
#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {
namespace {

struct Reason {
    const char *explicit_deny, *implicit_deny;
};
constexpr Reason reasons[] = {
    {"with an explicit deny in an identity-based policy", "because no identity-based policy allows the {} action"},
    {"with an explicit deny in a resource-based policy", "because no resource-based policy allows the {} action"},
    {"with an explicit deny in a permissions boundary", "because no permissions boundary allows the {} action"},
    {"with an explicit deny in a session policy", "because no session policy allows the {} action"}};

std::string reason_of(const Evaluation& evaluation, std::string_view action, bool is_trust_policy) {
    const bool is_explicit = evaluation.decision == Decision::explicit_deny;
    if (is_trust_policy && evaluation.denied_by == Policy_Kind::resource)
        return is_explicit ? " with an explicit deny in the role trust policy" : "";
    if (is_trust_policy && !is_explicit) return "";
    const Reason& reason = reasons[static_cast<std::size_t>(evaluation.denied_by)];
    return " " +
           (is_explicit ? std::string(reason.explicit_deny) : fmt::format(fmt::runtime(reason.implicit_deny), action));
}

/// SQS writes actions in lower case, and S3 resources in quotes, for example in
/// https://github.com/aws/serverless-application-model/issues/3633 and
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
Error denied(const aws::Service& service, const Caller& caller, const Required_Action& required,
             const Evaluation& evaluation, bool is_trust_policy) {
    const std::string_view name = service.name;
    if (name == "s3" && caller.kind == Caller::Kind::anonymous) return access_denied_error(service, "Access Denied");
    const std::string action = name == "sqs" ? base::lower_case(required.action) : required.action;
    const std::string resource = name == "s3" ? fmt::format("\"{}\"", required.resource) : required.resource;
    return access_denied_error(service, fmt::format("User: {} is not authorized to perform: {} on resource: {}{}",
                                                    caller.arn.empty() ? "anonymous" : caller.arn, action, resource,
                                                    reason_of(evaluation, action, is_trust_policy)));
}

/// A caller and the condition keys of its request.
struct Access_Check {
    const aws::Service& service;
    Access_Subject subject;
    Condition_Keys keys;
};

/// Returns true for an action on the policy of a bucket. The policy cannot deny it to the root of its account, and
/// other accounts cannot perform it, even if the policy permits it. Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
bool is_of_bucket_policy(std::string_view action) {
    constexpr std::array<std::string_view, 3> actions{"s3:DeleteBucketPolicy", "s3:GetBucketPolicy",
                                                      "s3:PutBucketPolicy"};
    return std::ranges::find(actions, action) != actions.end();
}

/// Returns false for anonymous callers, too.
bool is_of_account(const Access_Subject& subject, const std::string& account) {
    return !subject.account.empty() && subject.caller->account == account;
}

/// Returns true if the policy of a resource does not apply to an action of a caller.
bool is_exempt(const Access_Subject& subject, const Required_Action& required, const Resource_Access& resource) {
    const bool is_own = is_of_account(subject, resource.account);
    if (required.is_own_account_only && !is_own) return true;
    return is_own && subject.caller->kind == Caller::Kind::root && is_of_bucket_policy(required.action);
}

Error foreign_bucket_policy(const Call& call) {
    return refuse(call, {"MethodNotAllowed", "The specified method is not allowed against this resource.", 405},
                  {{"Method", call.request.method}, {"ResourceType", "BUCKETPOLICY"}});
}

std::optional<Error> denial_of(const Access_State& state, const Access_Check& check, const Required_Action& required) {
    const Access_Subject& subject = check.subject;
    Resource_Access resource = access_of_resource(state, required.action, required.resource);
    Policy_Request request{.action = required.action,
                           .resource = required.resource,
                           .keys = {},
                           .shared_keys = &check.keys,
                           .principals = subject.principals,
                           .limited_principals = subject.limited_principals,
                           .account = subject.account};
    if (!resource.account.empty()) request.keys["aws:resourceaccount"] = {resource.account};
    add_resource_keys(state, required, request.keys);
    Policy_Set policies = subject.policies;
    if (!is_exempt(subject, required, resource)) policies.resource = std::move(resource.policies);
    policies.is_trust_policy = resource.is_trust_policy;
    policies.is_resource_sufficient =
        subject.account.empty() || resource.account.empty() || resource.account == subject.caller->account;
    const Evaluation evaluation = evaluate(policies, request);
    if (evaluation.decision == Decision::allowed) return std::nullopt;
    return denied(check.service, *subject.caller, required, evaluation, resource.is_trust_policy);
}

/// Returns true for a call of S3 with the name of an existing or a missing bucket.
bool uses_bucket(const aws::Service& service, const aws::Operation& operation, const Call& call) {
    return std::string_view(service.name) == "s3" && std::string_view(operation.name) != "CreateBucket" &&
           call.fields().has("Bucket");
}

}  // namespace

Result<void> Authorization::authorize(const aws::Service& service, const aws::Operation& operation, Call& call) const {
    if (!call.caller) return access_error(service, Access_Problem::no_signature);
    const bool has_bucket = uses_bucket(service, operation, call);
    const S3_Bucket* bucket = has_bucket ? state_.s3.bucket_of_any_account(call.fields().text_or("Bucket")) : nullptr;
    if (has_bucket && bucket == nullptr) return {};  // as on AWS, NoSuchBucket precedes AccessDenied
    const Access_Input input{state_, call};
    OSBOT_TRY(auto subject, subject_of(state_, operation, call));
    Condition_Keys keys = request_keys(state_, *call.caller, subject.principal, call.account, call.request);
    keys.merge(subject.keys);
    add_operation_keys(service, operation, input, keys);
    const auto check = std::make_shared<const Access_Check>(Access_Check{service, std::move(subject), std::move(keys)});
    for (const Required_Action& required : required_actions(service, operation, input)) {
        auto error = denial_of(state_, *check, required);
        if (error && check->subject.is_by_token) error->message = "Not authorized to perform " + required.action;
        if (error) return *error;
        if (bucket != nullptr && !is_of_account(check->subject, bucket->owner.id) &&
            is_of_bucket_policy(required.action))
            return foreign_bucket_policy(call);
    }
    call.denial = [this, check](const Object_Action& action) {
        return denial_of(state_, *check,
                         {.action = action.action,
                          .resource = action.resource,
                          .version = action.version,
                          .if_match = action.if_match});
    };
    if (bucket != nullptr) call.account.id = bucket->owner.id;  // the policies permit a caller of another account
    return {};
}

bool Authorization::role_allows(const Account& account, const std::string& role_arn, const std::string& action,
                                const std::string& resource) const {
    const Role* role = state_.iam.role_by_arn(role_arn);
    if (role == nullptr) return false;
    const auto caller = std::make_shared<const Caller>(
        Caller{.kind = Caller::Kind::role,
               .account = role->account,
               .user_id = role->id,
               .arn = session_arn(role->arn, fmt::format("assumed-role/{}/awslambda", role->name)),
               .name = role->name,
               .session = Session_Identity{.account = role->account,
                                           .principal_arn = role->arn,
                                           .session = "awslambda",
                                           .expires_at = state_.context.now()}});
    const std::string region = region_in(resource);  // "" in the ARN of a bucket
    const Account requested{role->account, region.empty() ? account.region : region};
    return authorize(aws::lambda_model(), caller, requested, {}, {action, resource}, {}).has_value();
}

Result<void> Authorization::authorize(const aws::Service& service, std::shared_ptr<const Caller> caller,
                                      const Account& account, const wire::Request& request,
                                      const Required_Action& required, Condition_Keys keys) const {
    Access_Subject subject = subject_of(state_.iam, std::move(caller));
    keys.merge(request_keys(state_, *subject.caller, subject.principal, account, request));
    auto error = denial_of(state_, {service, std::move(subject), std::move(keys)}, required);
    return error ? Result<void>(std::move(*error)) : Result<void>();
}

}  // namespace osbot_aws::services
