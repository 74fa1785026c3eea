#include "services/s3/notifications/destinations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/fields.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/wildcard.hpp"
#include "services/lambda/destinations.hpp"
#include "services/sqs/message_rules.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view s3_principal = "s3.amazonaws.com";

/// Returns true if a value of a policy, a text or a list of texts, has a pattern that matches.
bool any_matches(const Json& value, std::string_view text) {
    if (value.is_string())
        return base::matches_wildcards(base::lower_case(value.get_ref<const std::string&>()), base::lower_case(text),
                                       true);
    return value.is_array() &&
           std::any_of(value.begin(), value.end(), [&](const Json& item) { return any_matches(item, text); });
}

bool names_s3(const Json& principal) {
    if (principal == "*") return true;
    if (!principal.is_object()) return false;
    const auto all = principal.find("AWS"), service = principal.find("Service");
    return (all != principal.end() && (*all == "*" || *all == Json::array({"*"}))) ||
           (service != principal.end() && any_matches(*service, s3_principal));
}

/// Returns the value of a condition key; "" for a key that S3 does not send.
std::string value_of(std::string_view key, const S3_Source_Bucket& bucket) {
    const std::string name = base::lower_case(key);
    if (name == "aws:sourcearn") return bucket.arn;
    return name == "aws:sourceaccount" ? bucket.account : "";
}

/// Evaluates the operators that policies for S3 use; others are not satisfied.
bool is_satisfied(const std::string& operator_name, const Json& values, const S3_Source_Bucket& bucket) {
    constexpr std::string_view operators[] = {
        "arnlike",         "arnequals",           "stringlike", "stringequals", "stringequalsignorecase",
        "arnlikeifexists", "stringequalsifexists"};
    const bool is_known = std::ranges::find(operators, base::lower_case(operator_name)) != std::end(operators);
    if (!is_known || !values.is_object()) return false;
    for (const auto& [key, expected] : values.items())
        if (!any_matches(expected, value_of(key, bucket))) return false;
    return true;
}

bool applies(const Json& statement, std::string_view action, const S3_Source_Bucket& bucket) {
    if (!statement.is_object() || !names_s3(statement.value("Principal", Json()))) return false;
    if (!any_matches(statement.value("Action", Json()), action)) return false;
    const Json conditions = statement.value("Condition", Json::object());
    for (const auto& [name, values] : conditions.items())
        if (!is_satisfied(name, values, bucket)) return false;
    return true;
}

S3_Source_Bucket source_of(const S3_Bucket& bucket) { return {"arn:aws:s3:::" + bucket.name, bucket.owner.id}; }

/// Returns the statements of a queue's policy.
Json statements_of(const Queue& queue) {
    const auto policy = queue.attributes.find("Policy");
    if (policy == queue.attributes.end()) return Json::array();
    const Json document = base::parse_json(policy->second);
    Json statements = document.is_object() ? document.value("Statement", Json::array()) : Json::array();
    return statements.is_object() ? Json::array({std::move(statements)}) : statements;
}

/// Returns the statements that apply to the function of an ARN, which may end with a qualifier.
Json statements_of(const Function_Record& record, std::string_view qualifier) {
    const auto found = record.statements.find(std::string(qualifier));
    return found == record.statements.end() ? Json::array() : Json(found->second);
}

}  // namespace

bool permits_s3(const Json& statements, std::string_view action, const S3_Source_Bucket& bucket) {
    const auto has = [&](std::string_view effect) {
        return std::any_of(statements.begin(), statements.end(), [&](const Json& statement) {
            return applies(statement, action, bucket) && statement.value("Effect", Json()) == effect;
        });
    };
    return has("Allow") && !has("Deny");
}

S3_Targets S3_Destinations::targets() {
    return {.objection = [this](const S3_Bucket& bucket, const std::string& arn) { return objection(bucket, arn); },
            .send = [this](const S3_Bucket& bucket, const std::string& arn,
                           const S3_Event& event) { send(bucket, arn, event); }};
}

std::string S3_Destinations::objection(const S3_Bucket& bucket, const std::string& arn) const {
    const S3_Source_Bucket source = source_of(bucket);
    const std::string_view service = service_of(arn);
    if (service == "sqs") {
        const auto queue = sqs_.find_arn(arn);
        if (!queue) return "The destination queue does not exist";
        return permits_s3(statements_of(**queue), "sqs:SendMessage", source)
                   ? ""
                   : "Permissions on the destination queue do not allow S3 to publish notifications from this bucket";
    }
    if (service != "lambda") return "The destination topic does not exist";
    std::string_view qualifier;
    const auto record = std::as_const(functions_).record(bucket.owner, arn, &qualifier);
    const bool is_permitted = record && permits_s3(statements_of(**record, qualifier), "lambda:InvokeFunction", source);
    return is_permitted ? "" : fmt::format("Not authorized to invoke function [{}]", arn);
}

void S3_Destinations::send(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event) {
    if (const std::string objection_now = objection(bucket, arn); !objection_now.empty())
        return base::log_warning("a notification of the bucket {} was not sent to {}: {}", bucket.name, arn,
                                 objection_now);
    const auto sent = service_of(arn) == "sqs" ? send_message(arn, event) : invoke(bucket, arn, event);
    if (!sent)
        base::log_warning("a notification of the bucket {} was not sent to {}: {}", bucket.name, arn,
                          sent.error().message);
}

Result<void> S3_Destinations::send_message(const std::string& arn, const S3_Event& event) {
    OSBOT_TRY(const Queue* queue, sqs_.find_arn(arn));
    const bool has_trace = !check_trace_header(event.trace);
    OSBOT_TRY(sqs_.send(*queue, {.body = event.text, .attributes = {}, .trace_header = has_trace ? event.trace : ""}));
    return {};
}

Result<void> S3_Destinations::invoke(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event) {
    OSBOT_TRY(auto target, functions_.invocable(bucket.owner, arn));
    invocations_.enqueue({.function = target.function,
                          .invoked_arn = arn,
                          .payload = event.text,
                          .client_context = {},
                          .trace_id = event.trace});
    return {};
}

}  // namespace osbot_aws::services
