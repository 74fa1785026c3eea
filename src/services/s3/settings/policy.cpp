#include "services/s3/settings/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/wildcard.hpp"
#include "services/iam/policy/resource_document.hpp"
#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {
namespace {

constexpr const char* policy_name = "policy";
constexpr std::size_t policy_bytes_max = 20 * 1024;

Error malformed_policy(std::string message) { return {"MalformedPolicy", std::move(message), 400}; }

bool is_action(const std::string& text) { return text == "*" || base::lower_case(text).starts_with("s3:"); }

/// Returns true if a resource of a policy is the bucket with an ARN, or objects of it.
bool is_of_bucket(const std::string& resource, const std::string& arn) {
    return base::matches_wildcards(resource, arn, true) || resource.starts_with(arn + "/") ||
           base::matches_wildcards(resource, arn + "/", true);
}

Json statements_in(const Json& policy) {
    Json statements = policy.value("Statement", Json());
    return statements.is_object() ? Json::array({std::move(statements)}) : statements;
}

Result<Json> checked_policy(std::string_view text, const std::string& arn) {
    if (text.size() > policy_bytes_max)
        return malformed_policy(
            fmt::format("Normalized policy document exceeds the maximum allowed size of {} bytes", policy_bytes_max));
    if (!text.starts_with('{')) return malformed_policy("Policies must be valid JSON and the first byte must be '{'");
    const auto is_valid = [&](const std::string& resource) { return is_of_bucket(resource, arn); };
    if (auto fault = fault_in_policy(text, {.is_action = &is_action, .is_resource = is_valid}))
        return malformed_policy(std::move(fault->message));
    return base::parse_json(text);
}

/// Returns true if the policy permits something to everyone, without a condition.
bool is_public(const Json& policy) {
    const auto permits_all = [](const Json& statement) {
        const Json principal = statement.value("Principal", Json());
        const Json accounts = principal.is_object() ? principal.value("AWS", Json()) : principal;
        const bool is_everyone = accounts == "*" || (accounts.is_array() && std::find(accounts.begin(), accounts.end(),
                                                                                      Json("*")) != accounts.end());
        return is_everyone && statement.value("Effect", Json()) == "Allow" &&
               statement.value("Condition", Json::object()).empty();
    };
    const Json statements = statements_in(policy);
    return std::any_of(statements.begin(), statements.end(), permits_all);
}

Result<Output> put_policy(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const std::string text(call.request.body.bytes()), arn = bucket_arn(bucket->owner, bucket->name);
    OSBOT_TRY(const auto policy, checked_policy(text, arn));
    if (is_public(policy) && blocks_public(*bucket, "BlockPublicPolicy"))
        return Error{"AccessDenied",
                     fmt::format("User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" "
                                 "because public policies are prevented by the BlockPublicPolicy setting in S3 Block "
                                 "Public Access.",
                                 call.account.root_arn(), arn),
                     403};
    OSBOT_TRY(s3.set_setting(call.account, bucket_of(call), policy_name, Json{{"Policy", text}}));
    Output output(Json::object());
    output.status = 204;  // as in the sample of the API reference
    return output;
}

/// Returns the text of the policy of a bucket. Errors: NoSuchBucketPolicy.
Result<std::string> policy_of(const S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    if (const auto text = policy_text_of(*bucket); !text.empty()) return std::string(text);
    return refuse(call, {"NoSuchBucketPolicy", "The bucket policy does not exist", 404},
                  {{"BucketName", bucket_of(call)}});
}

Result<Output> get_policy(S3& s3, const Call& call) {
    OSBOT_TRY(auto text, policy_of(s3, call));
    Output output(Json::object(), std::move(text));
    output.headers.add("Content-Type", "application/json");
    return output;
}

Result<Json> get_policy_status(S3& s3, const Call& call) {
    OSBOT_TRY(const auto text, policy_of(s3, call));
    return Json{{"PolicyStatus", {{"IsPublic", is_public(base::parse_json(text))}}}};
}

Result<Json> delete_policy(S3& s3, const Call& call) {
    return no_output(s3.set_setting(call.account, bucket_of(call), policy_name, Json()));
}

}  // namespace

std::string_view policy_text_of(const S3_Bucket& bucket) {
    const Json* stored = bucket.setting(policy_name);
    const auto text = stored == nullptr ? Json::const_iterator() : stored->find("Policy");
    if (stored == nullptr || text == stored->end() || !text->is_string()) return {};
    return text->get_ref<const std::string&>();
}

Operations s3_policy_operations(S3& s3) {
    return {s3,
            {{"DeleteBucketPolicy", &delete_policy},
             {"GetBucketPolicy", &get_policy},
             {"GetBucketPolicyStatus", &get_policy_status},
             {"PutBucketPolicy", &put_policy}}};
}

}  // namespace osbot_aws::services
