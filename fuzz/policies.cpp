// Policy documents of IAM: trust policies and permissions policies, and the evaluation of those that are valid. The
// other texts of IAM's requests have the same limits.
#include "base/json.hpp"
#include "fuzz.hpp"
#include "services/iam/iam_rules.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/evaluation.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    const auto with_condition = [](const std::string& condition) {
        return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":)" +
               condition + "}}";
    };
    const auto with_actions = [](std::size_t count) {
        return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[)" +
               repeated(count, R"("s3:GetObject",)") + R"("s3:*"]}]})";
    };
    return {with_condition(nested(base::json_depth_max - 2, R"({"a":)", "}", "1")),
            with_condition(nested(base::json_depth_max - 1, R"({"a":)", "}", "1")), with_actions(400),
            with_actions(8000)};
}

void run_target(std::string_view bytes) {
    const std::string text(bytes);
    const bool trust = !services::bad_trust_policy(text), identity = !services::bad_identity_policy(text, "aws");
    // A role must have principals, and a permissions policy must not.
    require(!(trust && identity));
    if (trust || identity) require(base::parse_json(text).is_object());
    require(services::policy_size(text) <= text.size());
    require(services::policy_size(text + " \n\t") == services::policy_size(text));
    if (identity) {
        const services::Policies policies{services::Named_Policy::parse("policy", "Group", text)};
        (void)services::evaluate(policies, {.action = "s3:GetObject",
                                            .resource = "arn:aws:s3:::bucket/key",
                                            .keys = {{"aws:currenttime", {"2026-01-01T00:00:00Z"}}}});
    }
    (void)services::bad_iam_name(text, "roleName");
    (void)services::bad_iam_path(text);
    require_linear_time(bytes, [](std::string_view longer) { (void)services::bad_trust_policy(std::string(longer)); });
}
