// The grammar and the evaluation of policies.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <osbot_aws/core/Json.hpp>

#include "base/time_text.hpp"
#include "services/iam/policy/document.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "services/iam/policy/resource_callers.hpp"
#include "services/iam/policy/resource_document.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

/// A document with one statement, and the message that AWS returns for it.
struct Document_Case {
    std::string statement, message;
};
void PrintTo(const Document_Case& each, std::ostream* out) { *out << each.statement; }

struct Policy_Document_Test : testing::TestWithParam<Document_Case> {};

TEST_P(Policy_Document_Test, is_checked_by_the_grammar) {
    const auto error =
        bad_identity_policy(R"({"Version": "2012-10-17", "Statement": [)" + GetParam().statement + "]}", "aws");
    EXPECT_EQ(error ? error->message : "", GetParam().message);
}

const std::string syntax = "Syntax errors in policy.", legacy = "The policy failed legacy parsing";
const std::string s3 = R"("Resource": "arn:aws:s3:::b")";

// Recorded on AWS: https://github.com/localstack/localstack, tests/aws/services/iam/test_iam_policies.snapshot.json
INSTANTIATE_TEST_SUITE_P(
    recorded, Policy_Document_Test,
    testing::Values(
        Document_Case{R"({"Effect": "Allow", "Action": "iam: asdf af ", )" + s3 + "}", ""},
        Document_Case{R"({"Effect": "Allow", "NotAction": "s3:Get*", "NotResource": "*"})", ""},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws:fdsasf"})", ""},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "*", "Condition": {"a": {}}})", ""},
        Document_Case{
            R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "*", "Condition": {"DateLessThan": {"a": "01T"}}})",
            ""},
        Document_Case{R"("afd")", syntax},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Extra": 1, )" + s3 + "}", syntax},
        Document_Case{R"({"Effect": "invalid", "Action": "s3:Get", )" + s3 + "}", syntax},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": {}})", syntax},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "NotAction": "s3:Put", )" + s3 + "}", syntax},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Condition": {"x": {"a": "1"}}, )" + s3 + "}", syntax},
        Document_Case{R"({"Effect": "denY", "Action": "s3:Get", )" + s3 + "}", legacy},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws:s3::b"})", legacy},
        Document_Case{
            R"({"Effect": "Allow", "Action": "s3:Get", "Condition": {"DateLessThan": {"a": "9223372036854775808"}}, )" +
                s3 + "}",
            legacy},
        Document_Case{
            R"({"Effect": "Allow", "Action": "s3:Get", "Condition": {"DateEquals": {"a": "2016-12-13t2:00:00.593194+1"}}, )" +
                s3 + "}",
            legacy},
        Document_Case{R"({"Effect": "Allow", )" + s3 + "}", "Policy statement must contain actions."},
        Document_Case{R"({"Effect": "Allow", "Action": "invalid"})", "Policy statement must contain resources."},
        Document_Case{R"({"Effect": "Allow", "Action": "invalid", )" + s3 + "}",
                      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
        Document_Case{R"({"Effect": "Allow", "Action": "a a:Get", )" + s3 + "}", "Vendor a a is not valid"},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:a:b", )" + s3 + "}",
                      "Actions/Condition can contain only one colon."},
        Document_Case{R"({"Effect": "Allow", "Action": "s:3:b", "Resource": "adf"})",
                      R"(Resource adf must be in ARN format or "*".)"},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "a:bsdf"})",
                      R"(Partition "bsdf" is not valid for resource "arn:bsdf:*:*:*:*".)"},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "a:b:c:d:e:f:g:h"})",
                      R"(Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".)"},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "aws:s3:::bucket"})",
                      R"(Partition "s3" is not valid for resource "arn:s3:::bucket:*".)"},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws"})",
                      "Resource vendor must be fully qualified and cannot contain regexes."},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws:s3:us-east-1::b"})",
                      "Resource arn:aws:s3:us-east-1::b can not contain region information."},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws:iam:us-east-1::b"})",
                      "IAM resource arn:aws:iam:us-east-1::b cannot contain region information."},
        Document_Case{R"({"Effect": "Allow", "Action": "s3:Get", "Resource": "arn:aws:iam:::b"})",
                      R"(IAM resource path must either be "*", root, or start with user/, federated-user/, role/, )"
                      "group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
                      "oidc-provider/, report/, access-report/."}));

TEST(Policy_Documents_Test, version_and_identifiers_are_checked) {
    const std::string statement = R"({"Sid": "a", "Effect": "Allow", "Action": "s3:Get", "Resource": "*"})";
    const auto message = [](const std::string& document) { return bad_identity_policy(document, "aws")->message; };
    EXPECT_EQ(message("no JSON"), syntax);
    EXPECT_EQ(message(R"({"Version": "2012-10-17", "Statement": []})"), syntax);
    EXPECT_EQ(message(R"({"Version": "2013-10-17", "Statement": )" + statement + "}"), syntax);
    EXPECT_EQ(message(R"({"Statement": )" + statement + "}"), "Policy document must be version 2012-10-17 or greater.");
    EXPECT_EQ(bad_session_policy(R"({"Statement": )" + statement + "}", "aws"), std::nullopt);
    EXPECT_EQ(message(R"({"Version": "2012-10-17", "Statement": [)" + statement + "," + statement + "]}"),
              "Statement IDs (SID) in a single policy must be unique.");
}

TEST(Policy_Documents_Test, some_resources_of_s3_have_a_region) {
    const auto is_valid = [](const std::string& resource) {
        return !bad_identity_policy(
            R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": ")" + resource +
                R"("}})",
            "aws");
    };
    for (const char* path :
         {"accesspoint/a", "access-grants/default", "job/1", "storage-lens/a", "storage-lens-group/a"})
        EXPECT_TRUE(is_valid("arn:aws:s3:us-east-1:123456789012:" + std::string(path))) << path;
    EXPECT_FALSE(is_valid("arn:aws:s3:us-east-1::bucket"));
}

TEST(Policy_Documents_Test, trust_policy_has_principals_and_sts_actions) {
    const auto message = [](const std::string& statement) {
        const auto error = bad_trust_policy(R"({"Version": "2012-10-17", "Statement": [)" + statement + "]}");
        return error ? error->message : "";
    };
    EXPECT_EQ(bad_trust_policy("{")->message, "This policy contains invalid Json");
    EXPECT_EQ(message(R"({"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]})"), "");
    EXPECT_EQ(message(R"({"Effect": "Allow", "Action": "sts:AssumeRole"})"), "Missing required field Principal");
    EXPECT_EQ(message(R"({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"})"),
              "Has prohibited field Resource");
    EXPECT_EQ(message(R"({"Effect": "Allow", "Principal": "*", "Action": "sts:assumerole*"})"), "");
    // As in https://github.com/opstrace/opstrace/issues/88
    EXPECT_EQ(message(R"({"Effect": "Allow", "Principal": {"AWS": "ann"}, "Action": "sts:AssumeRole"})"),
              R"(Invalid principal in policy: "AWS":"ann")");
    // The second is recorded: localstack/localstack, tests/aws/services/iam/test_iam_roles.snapshot.json.
    for (const char* action : {"s3:Get", "sts:InvalidAction", "sts:GetCallerIdentity"})
        EXPECT_EQ(message(fmt::format(R"({{"Effect": "Allow", "Principal": "*", "Action": "{}"}})", action)),
                  "AssumeRole policy may only specify STS AssumeRole actions.");
}

/// A change of a valid statement of a resource's policy, and the message of its fault.
struct Fault_Case {
    std::string change, message;
};
void PrintTo(const Fault_Case& each, std::ostream* out) { *out << each.change; }

struct Resource_Policy_Test : testing::TestWithParam<Fault_Case> {};

TEST_P(Resource_Policy_Test, is_checked_by_the_grammar) {
    Json statement = Json::parse(R"({"Effect": "Deny", "Principal": "*", "Action": "a:b", "Resource": "*"})");
    statement.merge_patch(Json::parse("{" + GetParam().change + "}"));
    const auto fault = fault_in_policy(Json{{"Statement", statement}}.dump(), {});
    EXPECT_EQ(fault ? fault->message : "", GetParam().message);
}

const std::string invalid_syntax = "Invalid policy syntax.", invalid_principal = "Invalid principal in policy";
INSTANTIATE_TEST_SUITE_P(
    statements, Resource_Policy_Test,
    testing::Values(
        Fault_Case{R"("Sid": "a b", "Condition": {"ForAnyValue:StringLikeIfExists": {"a:b": ["c", 1, true]}})", ""},
        Fault_Case{R"("Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/r"]})", ""},
        Fault_Case{R"("Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})", ""},
        Fault_Case{R"("Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"})", ""},
        Fault_Case{R"("Principal": {"Service": "logs.us-east-1.amazonaws.com", "Federated": "accounts.google.com"})",
                   ""},
        Fault_Case{R"("Principal": {"CanonicalUser": ")" + canonical_user_id("111122223333") + "\"}", ""},
        Fault_Case{R"("Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}})", ""},
        Fault_Case{R"("Principal": {"AWS": "ann"})", invalid_principal},
        Fault_Case{R"("Principal": {"AWS": "arn:aws:iam::111122223333:user/*"})", invalid_principal},
        Fault_Case{R"("Principal": {"AWS": "arn:aws:s3:::bucket"})", invalid_principal},
        Fault_Case{R"("Principal": {"AWS": []})", invalid_principal},
        Fault_Case{R"("Principal": {"User": "*"})", invalid_principal},
        Fault_Case{R"("Principal": {"CanonicalUser": "*"})", invalid_principal},
        Fault_Case{R"("Principal": "ann")", invalid_principal},
        Fault_Case{R"("Principal": null)", "Missing required field Principal"},
        Fault_Case{R"("Action": null)", "Missing required field Action"},
        Fault_Case{R"("Resource": null)", "Missing required field Resource"},
        Fault_Case{R"("Effect": null, "Action": null)", "Missing required field Effect"},
        Fault_Case{R"("Effect": "allow")", "Invalid effect: allow"},
        Fault_Case{R"("Conditions": {})", "Unknown field Conditions"},
        Fault_Case{R"("NotAction": "a:c")", invalid_syntax}, Fault_Case{R"("Action": [])", invalid_syntax},
        Fault_Case{R"("Action": ["a:b", 1])", invalid_syntax}, Fault_Case{R"("Condition": [])", invalid_syntax},
        Fault_Case{R"("Condition": {"StringEquals": []})", invalid_syntax},
        Fault_Case{R"("Condition": {"StringEquals": {"a:b": {}}})", invalid_syntax},
        Fault_Case{R"("Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}})", invalid_syntax},
        Fault_Case{R"("Condition": {"stringEquals": {"a:b": "c"}})", "Invalid Condition type : stringEquals"},
        Fault_Case{R"("Condition": {"NullIfExists": {"a:b": "true"}})", "Invalid Condition type : NullIfExists"},
        Fault_Case{R"("Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/33"}})",
                   "Invalid IP address in Conditions"}));

TEST(Resource_Policies_Test, document_is_checked_before_its_statements) {
    const auto message = [](const std::string& document) { return fault_in_policy(document, {})->message; };
    EXPECT_EQ(message("{"), "This policy contains invalid Json");
    EXPECT_EQ(message("{}"), "Missing required field Statement");
    EXPECT_EQ(message(R"({"Statement": []})"), "Could not parse the policy: Statement is empty!");
    EXPECT_EQ(message(R"({"Statement": [1]})"), invalid_syntax);
    EXPECT_EQ(message(R"({"Statements": []})"), "Unknown field Statements");
    EXPECT_EQ(message(R"({"Version": "2013-10-17", "Statement": []})"),
              "The policy must contain a valid version string");
}

// ---- Evaluation ----

Policies policies(const std::string& statements) {
    return {Named_Policy::parse("p", "IAM Policy", R"({"Version": "2012-10-17", "Statement": [)" + statements + "]}")};
}
Decision decide(const std::string& statements, Policy_Request request) {
    if (request.action.empty()) request.action = "s3:GetObject";
    if (request.resource.empty()) request.resource = "arn:aws:s3:::bucket/key";
    Policy_Set set;
    set.identity = policies(statements);
    return evaluate(set, request).decision;
}
/// Returns true if a statement with this condition allows a request with these keys.
bool is_met(const std::string& condition, const Condition_Keys& keys) {
    return decide(R"({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {)" + condition + "}}",
                  {.action = "", .resource = "", .keys = keys}) == Decision::allowed;
}

TEST(Policy_Evaluation_Test, deny_overrides_allow_and_nothing_is_allowed_by_default) {
    const std::string allow = R"({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})";
    const std::string deny = R"({"Effect": "Deny", "NotAction": "s3:List*", "Resource": "arn:aws:s3:::bucket/*"})";
    EXPECT_EQ(decide(allow, {}), Decision::allowed);
    EXPECT_EQ(decide(allow, {.action = "s3:getobject", .resource = "", .keys = {}}), Decision::allowed)
        << "actions ignore case";
    EXPECT_EQ(decide(allow, {.action = "s3:PutObject", .resource = "", .keys = {}}), Decision::implicit_deny);
    EXPECT_EQ(decide(allow + "," + deny, {}), Decision::explicit_deny);
    EXPECT_EQ(decide(allow + "," + deny, {.action = "", .resource = "arn:aws:s3:::other/key", .keys = {}}),
              Decision::allowed);
    EXPECT_EQ(decide(R"({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"})", {}),
              Decision::implicit_deny);
}

/// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
TEST(Policy_Evaluation_Test, only_policies_of_identities_see_the_source_function) {
    const auto by_function = [](const std::string& more) {
        return policies(R"({"Effect": "Allow", "Action": "*", "Resource": "*", )" + more +
                        R"("Condition": {"StringEquals": {"lambda:SourceFunctionArn": "f"}}})");
    };
    const Policy_Request request{.action = "s3:GetObject",
                                 .resource = "arn:aws:s3:::bucket/key",
                                 .keys = {{source_function_key, {"f"}}},
                                 .principals = {{"arn:aws:sts::1:assumed-role/r/f"}}};
    Policy_Set of_identity, of_resource;
    of_identity.identity = by_function("");
    of_resource.resource = by_function(R"("Principal": "*", )");
    EXPECT_EQ(evaluate(of_identity, request).decision, Decision::allowed);
    EXPECT_EQ(evaluate(of_resource, request).decision, Decision::implicit_deny);
}

TEST(Policy_Evaluation_Test, wildcards_do_not_reach_over_the_parts_of_an_arn) {
    const auto allows = [](const std::string& pattern, const std::string& arn) {
        return decide(R"({"Effect": "Allow", "Action": "*", "Resource": ")" + pattern + "\"}",
                      {.action = "", .resource = arn, .keys = {}}) == Decision::allowed;
    };
    EXPECT_TRUE(allows("arn:aws:sqs:*:*:q?-*", "arn:aws:sqs:us-east-1:000000000000:q1-a:b"));
    EXPECT_FALSE(allows("arn:aws:sqs:*:1:q", "arn:aws:sqs:us-east-1:0:1:q"));
    EXPECT_FALSE(allows("arn:aws:s3:::bucket", "arn:aws:s3:::Bucket"));
}

TEST(Policy_Evaluation_Test, variables_have_the_values_of_keys) {
    const std::string own = R"({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::home/${aws:username}/*"})";
    const auto allows = [&](const std::string& name, const std::string& key) {
        Condition_Keys keys;
        if (!name.empty()) keys["aws:username"] = {name};
        return decide(own, {.action = "", .resource = "arn:aws:s3:::home/" + key, .keys = keys}) == Decision::allowed;
    };
    EXPECT_TRUE(allows("me", "me/file"));
    EXPECT_FALSE(allows("me", "you/file"));
    EXPECT_FALSE(allows("*", "you/file")) << "a value is not a pattern";
    EXPECT_FALSE(allows("", "${aws:username}/file"));
    EXPECT_TRUE(is_met(R"("StringEquals": {"a:b": "${c:d, 'x'}"})", {{"a:b", {"x"}}}));
    EXPECT_TRUE(is_met(R"("StringLike": {"a:b": "${*}?"})", {{"a:b", {"*x"}}}));
}

TEST(Policy_Evaluation_Test, conditions_compare_by_their_operator) {
    const auto one = [](const std::string& name, const std::string& expected, const std::string& value) {
        return is_met("\"" + name + R"(": {"k:k": ")" + expected + "\"}", {{"k:k", {value}}});
    };
    EXPECT_TRUE(one("StringEquals", "a*", "a*"));
    EXPECT_FALSE(one("StringEquals", "a*", "ab"));
    EXPECT_TRUE(one("StringNotEquals", "a", "b"));
    EXPECT_TRUE(one("StringEqualsIgnoreCase", "a", "A"));
    EXPECT_TRUE(one("StringLike", "a*", "ab"));
    EXPECT_FALSE(one("StringNotLike", "a*", "ab"));
    EXPECT_TRUE(one("NumericLessThanEquals", "10", "10.0"));
    EXPECT_FALSE(one("NumericGreaterThan", "10", "9"));
    EXPECT_FALSE(one("NumericEquals", "10", "ten"));
    EXPECT_TRUE(one("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31"));
    EXPECT_TRUE(one("DateGreaterThan", "0", "2025-12-31T00:00:00Z"));
    EXPECT_TRUE(one("Bool", "true", "True"));
    EXPECT_TRUE(one("IpAddress", "203.0.113.0/24", "203.0.113.9"));
    EXPECT_FALSE(one("IpAddress", "203.0.113.0/24", "203.0.114.9"));
    EXPECT_TRUE(one("IpAddress", "2001:db8::/32", "2001:db8::1"));
    EXPECT_TRUE(one("NotIpAddress", "203.0.113.0/24", "2001:db8::1"));
    EXPECT_TRUE(one("ArnLike", "arn:aws:sns:*:*:t*", "arn:aws:sns:us-east-1:000000000000:topic"));
    EXPECT_FALSE(one("ArnNotEquals", "arn:aws:sns:*:*:t*", "arn:aws:sns:us-east-1:000000000000:topic"));
}

TEST(Policy_Evaluation_Test, missing_keys_and_sets_follow_the_operator) {
    const Condition_Keys none, two{{"k:k", {"a", "b"}}}, one{{"k:k", {"a"}}};
    EXPECT_FALSE(is_met(R"("StringEquals": {"k:k": "a"})", none));
    EXPECT_TRUE(is_met(R"("StringNotEquals": {"k:k": "a"})", none));
    EXPECT_TRUE(is_met(R"("StringEqualsIfExists": {"k:k": "a"})", none));
    EXPECT_TRUE(is_met(R"("Null": {"k:k": "true"})", none));
    EXPECT_FALSE(is_met(R"("Null": {"k:k": true})", one));
    EXPECT_TRUE(is_met(R"("ForAllValues:StringEquals": {"k:k": "a"})", none));
    EXPECT_FALSE(is_met(R"("ForAnyValue:StringEquals": {"k:k": "a"})", none));
    EXPECT_FALSE(is_met(R"("ForAllValues:StringEquals": {"k:k": "a"})", two));
    EXPECT_TRUE(is_met(R"("ForAllValues:StringEquals": {"K:K": ["a", "b", "c"]})", two));
    EXPECT_TRUE(is_met(R"("ForAnyValue:StringEquals": {"k:k": "b"})", two));
    EXPECT_FALSE(is_met(R"("StringEquals": {"k:k": "a", "other:key": "x"})", one)) << "all keys must match";
}

TEST(Policy_Evaluation_Test, boundary_and_session_limit_the_policies_of_the_caller) {
    const std::string all = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
    const std::string reads = R"({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})";
    const auto decide_with = [&](auto change, const char* action) {
        Policy_Set set;
        set.identity = policies(all);
        change(set);
        return evaluate(set,
                        {.action = action, .resource = "*", .keys = {}, .principals = {{"arn:aws:iam::1:user/u"}}});
    };
    const auto bounded = [&](Policy_Set& set) { set.boundary = policies(reads); };
    EXPECT_EQ(decide_with(bounded, "s3:GetObject").decision, Decision::allowed);
    EXPECT_EQ(decide_with(bounded, "s3:PutObject").decision, Decision::implicit_deny);
    EXPECT_EQ(decide_with(bounded, "s3:PutObject").allowed_by_boundary, false);
    EXPECT_EQ(decide_with([&](Policy_Set& set) { set.sessions = {policies(reads)}; }, "s3:PutObject").decision,
              Decision::implicit_deny);
    const auto of_resource = [&](const std::string& effect, const std::string& principal) {
        return [=](Policy_Set& set) {
            set.identity = {};
            set.resource = policies(R"({"Effect": ")" + effect + R"(", "Principal": )" + principal +
                                    R"(, "Action": "s3:*", "Resource": "*"})");
        };
    };
    const std::string user = R"({"AWS": "arn:aws:iam::1:user/u"})";
    EXPECT_EQ(decide_with(of_resource("Allow", user), "s3:PutObject").decision, Decision::allowed);
    EXPECT_EQ(decide_with(of_resource("Allow", R"({"AWS": "arn:aws:iam::1:user/v"})"), "s3:PutObject").decision,
              Decision::implicit_deny);
    EXPECT_EQ(decide_with(of_resource("Deny", "\"*\""), "s3:PutObject").decision, Decision::explicit_deny);
}

/// Returns the decision of a statement with this effect and resource on a resource of a name.
Decision decide_resource(const std::string& effect, const std::string& resource, const std::string& name,
                         const Condition_Keys& keys) {
    return decide(R"({"Effect": ")" + effect + R"(", "Action": "*", )" + resource + "}",
                  {.action = "", .resource = "arn:aws:s3:::b/" + name, .keys = keys});
}

TEST(Policy_Evaluation_Test, long_resource_of_a_deny_still_denies) {
    const std::string name(6000, 'x');
    const std::string resource = R"("Resource": "arn:aws:s3:::b/)" + name + R"(*")";
    EXPECT_EQ(decide_resource("Deny", resource, name + "y", {}), Decision::explicit_deny);
    EXPECT_EQ(decide_resource("Allow", resource, name + "y", {}), Decision::allowed);
    EXPECT_EQ(decide_resource("Deny", resource, "y", {}), Decision::implicit_deny);
}

TEST(Policy_Evaluation_Test, control_characters_in_a_value_are_literal) {
    const std::string own = R"("Resource": "arn:aws:s3:::b/${s3:prefix}/*")";
    const std::string value = "\x01\x02";
    EXPECT_EQ(decide_resource("Deny", own, value + "/k", {{"s3:prefix", {value}}}), Decision::explicit_deny);
    EXPECT_EQ(decide_resource("Deny", own, "ab/k", {{"s3:prefix", {value}}}), Decision::implicit_deny);
}

TEST(Policy_Evaluation_Test, undecided_statement_denies_but_does_not_allow) {
    const Condition_Keys keys{{"a:b", {std::string(40'000, 'x')}}};
    for (const char* element : {"Resource", "NotResource"}) {
        const std::string resource = "\"" + std::string(element) + R"(": "arn:aws:s3:::b/${a:b}")";
        EXPECT_EQ(decide_resource("Deny", resource, "k", keys), Decision::explicit_deny) << element;
        EXPECT_EQ(decide_resource("Allow", resource, "k", keys), Decision::implicit_deny) << element;
    }
    for (const char* name : {"StringEquals", "StringNotEquals"}) {
        const std::string condition =
            R"("Resource": "*", "Condition": {")" + std::string(name) + R"(": {"a:b": "${a:b}"}})";
        EXPECT_EQ(decide_resource("Deny", condition, "k", keys), Decision::explicit_deny) << name;
        EXPECT_EQ(decide_resource("Allow", condition, "k", keys), Decision::implicit_deny) << name;
    }
}

/// The evaluation of a caller, a session of a role, with a policy of the caller and of the resource.
Evaluation evaluate_session(const std::string& own, const std::string& principal, const std::string& boundary,
                            bool is_same_account, bool is_trust) {
    const auto allows = [](const std::string& more) { return R"({"Effect": "Allow", "Action": "*")" + more + "}"; };
    Policy_Set set;
    if (!own.empty()) set.identity = policies(allows(R"(, "Resource": "*")"));
    const std::string everything = is_trust ? "" : R"(, "Resource": "*")";
    if (!principal.empty())
        set.resource = policies(allows(everything + R"(, "Principal": {"AWS": ")" + principal + "\"}"));
    if (!boundary.empty()) set.boundary = policies(boundary);
    set.is_resource_sufficient = is_same_account;
    set.is_trust_policy = is_trust;
    return evaluate(set, {.action = "a:b",
                          .resource = "arn:aws:x:::y",
                          .keys = {},
                          .principals = {{"arn:aws:sts::1:assumed-role/r/s"}},
                          .limited_principals = {{"arn:aws:iam::1:role/r"}},
                          .account = {{"1"}, {"arn:aws:iam::1:root"}}});
}

TEST(Policy_Evaluation_Test, account_in_a_resource_policy_delegates_to_it) {
    const std::string account = "arn:aws:iam::1:root", role = "arn:aws:iam::1:role/r";
    const auto decision = [](const std::string& own, const std::string& principal, bool is_same, bool is_trust) {
        return evaluate_session(own, principal, "", is_same, is_trust).decision;
    };
    EXPECT_EQ(decision("", account, true, false), Decision::implicit_deny);
    EXPECT_EQ(decision("", role, true, false), Decision::allowed);
    EXPECT_EQ(decision("own", account, false, false), Decision::allowed) << "of another account";
    EXPECT_EQ(decision("", role, false, false), Decision::implicit_deny);
    EXPECT_EQ(decision("own", "", false, false), Decision::implicit_deny);
    EXPECT_EQ(decision("own", "", true, true), Decision::implicit_deny) << "a role without trust";
    EXPECT_EQ(decision("own", account, true, true), Decision::allowed);
    EXPECT_EQ(decision("", account, true, true), Decision::implicit_deny);
    EXPECT_EQ(decision("", role, true, true), Decision::allowed);
}

TEST(Policy_Evaluation_Test, boundary_limits_grants_to_the_role_but_not_to_its_session) {
    const std::string boundary = R"({"Effect": "Allow", "Action": "other:*", "Resource": "*"})";
    const Evaluation by_role = evaluate_session("", "arn:aws:iam::1:role/r", boundary, true, false);
    EXPECT_EQ(by_role.decision, Decision::implicit_deny);
    EXPECT_EQ(evaluate_session("", "arn:aws:sts::1:assumed-role/r/s", boundary, true, false).decision,
              Decision::allowed);
    EXPECT_EQ(evaluate_session("own", "", boundary, true, false).denied_by, Policy_Kind::boundary);
    EXPECT_EQ(evaluate_session("own", "", "", false, false).denied_by, Policy_Kind::resource);
    EXPECT_EQ(evaluate_session("", "", "", true, false).denied_by, Policy_Kind::identity);
}

/// A principal in a policy, and whether it names a caller.
struct Principal_Case {
    std::string principal;
    Policy_Principals caller;
    bool is_named;
};
void PrintTo(const Principal_Case& each, std::ostream* out) { *out << each.principal; }

struct Policy_Principals_Test : testing::TestWithParam<Principal_Case> {};

TEST_P(Policy_Principals_Test, name_a_caller_of_their_kind) {
    Policy_Set set;
    set.resource =
        policies(R"({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": )" + GetParam().principal + "}");
    const Policy_Request request{
        .action = "a:b", .resource = "arn:aws:x:::y", .keys = {}, .principals = GetParam().caller};
    EXPECT_EQ(evaluate(set, request).decision == Decision::allowed, GetParam().is_named);
}

const std::string oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/host";
INSTANTIATE_TEST_SUITE_P(
    kinds, Policy_Principals_Test,
    testing::Values(Principal_Case{R"({"Federated": ")" + oidc_provider_arn + "\"}",
                                   {{oidc_provider_arn, Principal_Type::federated}},
                                   true},
                    Principal_Case{R"({"AWS": ")" + oidc_provider_arn + "\"}",
                                   {{oidc_provider_arn, Principal_Type::federated}},
                                   false},
                    Principal_Case{R"({"Federated": "*"})", {{oidc_provider_arn, Principal_Type::federated}}, true},
                    Principal_Case{R"({"Federated": "*"})", {{"arn:aws:iam::111122223333:user/u"}}, false},
                    Principal_Case{R"({"CanonicalUser": "ab"})", {{"ab", Principal_Type::canonical_user}}, true},
                    Principal_Case{R"({"AWS": "ab"})", {{"ab", Principal_Type::canonical_user}}, false},
                    Principal_Case{R"({"Service": ["a.amazonaws.com", "s3.amazonaws.com"]})",
                                   {{"s3.amazonaws.com", Principal_Type::service}},
                                   true},
                    Principal_Case{R"({"Service": "*"})", {{"s3.amazonaws.com", Principal_Type::service}}, true},
                    Principal_Case{R"({"Service": "*"})", {{"arn:aws:iam::111122223333:user/u"}}, false},
                    Principal_Case{R"("*")", {{"s3.amazonaws.com", Principal_Type::service}}, true},
                    Principal_Case{R"({"AWS": "*"})", {}, true}, Principal_Case{R"({"Other": "*"})", {}, false}));

// ---- Callers that have no policies ----

/// A statement, and whether the policy with it permits S3 to send a message for a bucket.
struct Service_Case {
    std::string statement;
    bool is_permitted;
};
void PrintTo(const Service_Case& each, std::ostream* out) { *out << each.statement; }

struct Service_Caller_Test : testing::TestWithParam<Service_Case> {
    const std::string queue = "arn:aws:sqs:us-east-1:000000000000:q";
    bool permits(const std::string& statements) const {
        return permits_service(policies(statements), {.service = "s3", .source_arn = "arn:aws:s3:::b", .source = {}},
                               base::from_unix_ms(1'700'000'000'000), "sqs:SendMessage", queue);
    }
};

TEST_P(Service_Caller_Test, policy_of_a_resource_permits) {
    EXPECT_EQ(permits("{" + GetParam().statement + "}"), GetParam().is_permitted);
}

const std::string allow_s3 = R"("Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Resource": "*", )";
const std::string allow_all = R"("Effect": "Allow", "Principal": "*", "Resource": "*", "Action": "sqs:*")";
INSTANTIATE_TEST_SUITE_P(
    statements, Service_Caller_Test,
    testing::Values(
        Service_Case{allow_s3 + R"("Action": "SQS:SendMessage")", true},
        Service_Case{allow_s3 + R"("Action": "sqs:ReceiveMessage")", false},
        Service_Case{allow_s3 + R"("NotAction": "sqs:ReceiveMessage")", true},
        Service_Case{
            R"("Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "*", "Resource": "*")",
            false},
        Service_Case{
            R"("Effect": "Allow", "Principal": {"Service": "s3.us-east-1.amazonaws.com"}, "Action": "*", "Resource": "*")",
            true},
        Service_Case{R"("Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:sqs:*:*:other")",
                     false},
        Service_Case{R"("Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*")",
                     true},
        Service_Case{allow_all + R"(, "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::*"}})", true},
        Service_Case{allow_all + R"(, "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::B"}})", false},
        Service_Case{allow_all + R"(, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}})", false},
        Service_Case{allow_all + R"(, "Condition": {"StringNotLike": {"aws:SourceAccount": "1111*"}})", true},
        Service_Case{
            allow_all +
                R"(, "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true", "aws:SecureTransport": "true"}})",
            true},
        Service_Case{allow_all + R"(, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})",
                     true},
        Service_Case{allow_all + R"(, "Condition": {"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}})",
                     true}));

TEST_F(Service_Caller_Test, deny_with_any_condition_or_wildcard_denies) {
    const auto permits_unless = [&](const std::string& deny) {
        return permits("{" + allow_all + R"(}, {"Effect": "Deny", "Principal": "*", "Resource": "*", )" + deny + "}");
    };
    EXPECT_FALSE(permits_unless(R"("Action": "sqs:Send*")"));
    EXPECT_FALSE(
        permits_unless(R"("Action": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}})"));
    EXPECT_FALSE(permits_unless(R"("Action": "*", "Condition": {"Null": {"aws:SourceArn": "false"}})"));
    EXPECT_TRUE(permits_unless(R"("Action": "*", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}})"));
}

TEST(Policy_Callers_Test, policy_permits_an_account_by_its_root) {
    const auto permits = [](const std::string& principal, const std::string& more = "") {
        const std::string statement =
            R"({"Effect": "Allow", "Action": "lambda:GetLayerVersion", "Resource": "*", "Principal": )" + principal +
            more + "}";
        return permits_account(policies(statement), {.id = "111122223333"}, "lambda:GetLayerVersion",
                               "arn:aws:lambda:x");
    };
    EXPECT_TRUE(permits("\"*\""));
    EXPECT_TRUE(permits(R"({"AWS": "arn:aws:iam::111122223333:root"})"));
    EXPECT_FALSE(permits(R"({"AWS": "arn:aws:iam::222233334444:root"})"));
    EXPECT_FALSE(permits("\"*\"", R"(, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})"));
}

TEST(Policy_Evaluation_Test, matched_statements_have_their_place) {
    const std::string document =
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", "
        "\"Action\": \"a:b\", \"Resource\": \"*\"},\n    {\"Effect\": \"Allow\",\n"
        "     \"Action\": \"s3:*\", \"Resource\": \"*\"}\n  ]\n}";
    const auto policy = Named_Policy::parse("p", "IAM Policy", document);
    const Policy_Statements& statements = *policy->statements;
    ASSERT_THAT(statements, testing::SizeIs(2));
    EXPECT_EQ(statements[1].begin.line, 5);
    EXPECT_EQ(statements[1].begin.column, 5);
    EXPECT_EQ(statements[1].end.line, 6);
    EXPECT_EQ(statements[1].end.column, 39);
}

TEST(Policy_Evaluation_Test, old_or_incomplete_texts_are_read) {
    const auto decide_old = [](const std::string& document, const std::string& resource) {
        Policy_Set policies;
        policies.identity = {Named_Policy::parse("p", "IAM Policy", document)};
        return evaluate(policies, {.action = "s3:Get", .resource = resource, .keys = {{"aws:username", {"me"}}}})
            .decision;
    };
    const std::string own =
        R"({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}})";
    EXPECT_EQ(decide_old(own, "arn:aws:s3:::me"), Decision::implicit_deny) << "variables need version 2012-10-17";
    EXPECT_EQ(decide_old(R"({"Statement": [{"Effect": "Allow", "Action": 5, "Resource": "*"}, 1]})", "*"),
              Decision::implicit_deny);
    const auto decide_invalid = [](const std::string& effect, const std::string& condition) {
        return decide(
            R"({"Effect": ")" + effect + R"(", "Action": "*", "Resource": "*", "Condition": )" + condition + "}", {});
    };
    for (const char* condition : {R"({"StringEqual": {"a:b": "c"}})", "[]", R"({"StringEquals": []})", "null"}) {
        EXPECT_EQ(decide_invalid("Deny", condition), Decision::explicit_deny) << condition;
        EXPECT_EQ(decide_invalid("Allow", condition), Decision::implicit_deny) << condition;
    }
    for (const char* day : {"2020-01", "2020-01-01T12", "2020-01-01T12:00z", "2020-01-01T00:00:00"})
        EXPECT_TRUE(
            is_met(std::string(R"("DateGreaterThan": {"a:b": ")") + day + "\"}", {{"a:b", {"2021-01-01T00:00:00Z"}}}))
            << day;
}

}  // namespace
}  // namespace osbot_aws::services
