// Tests the number of requests of a deployment (limits: 1 if unchanged, 3 for changed code, 6 for the first), also if a
// request fails.
#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "unit/sdk/sdk_fixture.hpp"

namespace osbot_aws {
namespace {

using test::Sdk_Fixture;
using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* first_code = "def run(event, context):\n    return 1\n";
constexpr const char* second_code = "def run(event, context):\n    return 2\n";

struct Deploy_Fixture : Sdk_Fixture {
    std::vector<std::string> deploy(const std::string& code, const std::map<std::string, std::string>& variables = {}) {
        Deploy_Lambda deploy_lambda(file("orders.py", code), {.session = session});
        deploy_lambda.set_env_variables(variables);
        auto sent = sent_by([&] { succeeded = deploy_lambda.deploy(); });
        error = deploy_lambda.last_error();
        unchanged = deploy_lambda.unchanged();
        return sent;
    }
    bool succeeded = false, unchanged = false;
    std::string error;
};

const std::string configuration = "GET /2015-03-31/functions/orders/configuration";
const std::string create = "POST /2015-03-31/functions";
const std::string update_code = "PUT /2015-03-31/functions/orders/code";
const std::string update_configuration = "PUT /2015-03-31/functions/orders/configuration";

TEST(Deploy_Requests_Test, first_deploy_sends_at_most_six_requests) {
    Deploy_Fixture fixture;
    const auto sent = fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_LE(sent.size(), 6U) << testing::PrintToString(sent);
    EXPECT_THAT(std::vector(sent.begin(), sent.begin() + 4),
                ElementsAre(configuration, "iam CreateRole", "iam PutRolePolicy", create));
}

TEST(Deploy_Requests_Test, local_engine_is_not_polled) {
    Deploy_Fixture fixture;
    EXPECT_THAT(fixture.deploy(first_code),
                ElementsAre(configuration, "iam CreateRole", "iam PutRolePolicy", create, configuration));
    EXPECT_THAT(fixture.deploy(second_code), ElementsAre(configuration, update_code, configuration));
    EXPECT_EQ(fixture.total_wait, std::chrono::milliseconds(0));
}

TEST(Deploy_Requests_Test, service_that_responds_immediately_is_polled_until_ready) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    int polls = 0;
    fixture.transport->after = [&](const wire::Request& request,
                                   Result<wire::Response> response) -> Result<wire::Response> {
        if (test::title_of(request) != configuration || ++polls == 1 || polls > 5) return response;
        EXPECT_TRUE(request.headers.find("Prefer"));
        return test::json_response(200, R"({"State": "Active", "LastUpdateStatus": "InProgress"})");
    };
    fixture.deploy(second_code);
    EXPECT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(polls, 6);
    EXPECT_EQ(fixture.total_wait, std::chrono::milliseconds(1 + 2 + 4 + 8));
}

/// Returns the details of the phase `waiting` of a deploy whose update takes two seconds.
std::vector<std::string> reported_waits(const char* runtime_support) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    const base::Temporary_Folder cache;  // has no packages
    const std::string support_before = base::variable("OSBOT_AWS_RUNTIME_SUPPORT"),
                      cache_before = base::variable("XDG_CACHE_HOME");
    ::setenv("OSBOT_AWS_RUNTIME_SUPPORT", runtime_support, 1);
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    int polls = 0;
    fixture.transport->after = [&](const wire::Request& request,
                                   Result<wire::Response> response) -> Result<wire::Response> {
        if (test::title_of(request) != configuration || ++polls == 1 || polls > 15) return response;
        return test::json_response(200,
                                   R"({"State": "Active", "LastUpdateStatus": "InProgress", "Runtime": "python3.11"})");
    };
    Deploy_Lambda deploy(fixture.file("orders.py", second_code), {.session = fixture.session});
    std::vector<std::string> reported;
    deploy.on_progress([&](const Deploy_Phase& phase) {
        if (phase.name == "waiting") reported.push_back(phase.detail);
    });
    EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
    EXPECT_GT(fixture.total_wait, std::chrono::seconds(2));
    ::setenv("OSBOT_AWS_RUNTIME_SUPPORT", support_before.c_str(), 1);
    ::setenv("XDG_CACHE_HOME", cache_before.c_str(), 1);
    return reported;
}

TEST(Deploy_Requests_Test, wait_for_packages_is_reported_once) {
    EXPECT_THAT(reported_waits("auto"),
                ElementsAre(testing::StartsWith("the engine installs the packages of AWS's runtime for python3.")));
    EXPECT_THAT(reported_waits("off"), testing::IsEmpty());
}

TEST(Deploy_Requests_Test, unchanged_deploy_sends_one_request) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code, {{"LEVEL", "info"}});
    EXPECT_THAT(fixture.deploy(first_code, {{"LEVEL", "info"}}), ElementsAre(configuration));
    EXPECT_TRUE(fixture.succeeded && fixture.unchanged) << fixture.error;
}

TEST(Deploy_Requests_Test, changed_code_sends_at_most_three_requests) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    const auto sent = fixture.deploy(second_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_LE(sent.size(), 3U) << testing::PrintToString(sent);
    EXPECT_EQ(sent.at(1), update_code);
    EXPECT_THAT(fixture.deploy(second_code), SizeIs(1));
}

TEST(Deploy_Requests_Test, changed_variable_sends_at_most_three_requests) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    const auto sent = fixture.deploy(first_code, {{"LEVEL", "debug"}});
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_LE(sent.size(), 3U) << testing::PrintToString(sent);
    EXPECT_EQ(sent.at(1), update_configuration);
}

TEST(Deploy_Requests_Test, only_the_failed_request_is_repeated) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    bool failed = false;
    fixture.transport->instead = [&](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        if (failed || test::title_of(request) != update_code) return std::nullopt;
        failed = true;
        return test::json_response(503, "", "ServiceUnavailableException");
    };
    const auto sent = fixture.deploy(second_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_LE(sent.size(), 4U);
    EXPECT_EQ(std::count(sent.begin(), sent.end(), update_code), 2);
}

TEST(Deploy_Requests_Test, error_starts_with_the_code_of_aws) {
    Deploy_Fixture fixture;
    std::string rejected = create;
    fixture.transport->instead = [&](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        if (test::title_of(request) != rejected) return std::nullopt;
        return test::json_response(400, R"({"message": "too much"})", "ValidationException");
    };
    fixture.deploy(first_code);
    EXPECT_EQ(fixture.error, "ValidationException: too much");
    rejected.clear();
    fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    rejected = update_configuration;
    fixture.deploy(first_code, {{"LEVEL", "debug"}});
    EXPECT_EQ(fixture.error, "ValidationException: too much");
}

TEST(Deploy_Requests_Test, lost_response_to_create_is_recovered) {
    Deploy_Fixture fixture;
    bool response_lost = false;
    fixture.transport->after = [&](const wire::Request& request,
                                   Result<wire::Response> response) -> Result<wire::Response> {
        if (response_lost || test::title_of(request) != create) return response;
        response_lost = true;
        return Error{"ConnectionClosedError", "lost", 0};
    };
    const auto sent = fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(std::count(sent.begin(), sent.end(), create), 2);
    EXPECT_THAT(fixture.deploy(first_code), SizeIs(1));
}

/// Simulates a deploying process that ends before its n-th request: that request and all later ones fail.
class Interrupted : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Before_Request, Interrupted, testing::Range(1, 6));

TEST_P(Interrupted, next_deploy_continues_after_an_interruption) {
    Deploy_Fixture fixture;
    int requests_left = GetParam() - 1;
    fixture.transport->instead = [&](const wire::Request&) -> std::optional<Result<wire::Response>> {
        if (requests_left-- > 0) return std::nullopt;
        return Error{"SSLError", "gone", 0};
    };
    fixture.deploy(first_code);
    fixture.transport->instead = nullptr;
    const auto sent = fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_LE(sent.size(), 7U) << testing::PrintToString(sent);
    EXPECT_THAT(fixture.deploy(first_code), ElementsAre(configuration));
    EXPECT_THAT(IAM_Role("temp_role_for_lambda_invocation", fixture.session).inline_policies(),
                ElementsAre("write_logs"));
}

TEST(Deploy_Requests_Test, restores_a_missing_policy_and_keeps_others) {
    Deploy_Fixture fixture;
    IAM_Role role("temp_role_for_lambda_invocation", fixture.session);
    ASSERT_TRUE(role.create_for_lambda().ok());
    const Json allow_all{{"Version", "2012-10-17"},
                         {"Statement", {{{"Effect", "Allow"}, {"Action", "s3:*"}, {"Resource", "*"}}}}};
    role.put_policy("other_policy", allow_all);
    client_of(fixture.session)
        .query("iam", "DeleteRolePolicy", {{"RoleName", role.role_name()}, {"PolicyName", "write_logs"}})
        .value();
    const auto sent = fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(std::count(sent.begin(), sent.end(), "iam PutRolePolicy"), 1) << testing::PrintToString(sent);
    EXPECT_THAT(role.inline_policies(), UnorderedElementsAre("other_policy", "write_logs"));
}

TEST(Deploy_Requests_Test, role_with_its_policy_is_not_changed) {
    Deploy_Fixture fixture;
    ASSERT_TRUE(IAM_Role("temp_role_for_lambda_invocation", fixture.session).create_for_lambda().ok());
    const auto sent = fixture.deploy(first_code);
    ASSERT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(std::count(sent.begin(), sent.end(), "iam PutRolePolicy"), 0) << testing::PrintToString(sent);
}

TEST(Deploy_Requests_Test, waits_on_aws_for_a_role_that_cannot_be_assumed_yet) {
    Deploy_Fixture fixture;
    int rejections = 0;
    impl_of(fixture.session).kind = Target_Kind::aws;
    fixture.transport->instead = [&](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        if (test::title_of(request) != create || ++rejections > 3) return std::nullopt;
        return test::json_response(400,
                                   R"({"message": "The role defined for the function cannot be assumed by Lambda."})",
                                   "InvalidParameterValueException");
    };
    fixture.deploy(first_code);
    EXPECT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(rejections, 4);
    EXPECT_GE(fixture.total_wait, std::chrono::milliseconds(10 + 20 + 40));
}

TEST(Deploy_Requests_Test, waits_for_another_update_in_progress) {
    Deploy_Fixture fixture;
    fixture.deploy(first_code);
    int rejections = 0;
    fixture.transport->instead = [&](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        if (test::title_of(request) != update_code || ++rejections > 2) return std::nullopt;
        return test::json_response(409, R"({"Message": "The operation cannot be performed at this time."})",
                                   "ResourceConflictException");
    };
    fixture.deploy(second_code);
    EXPECT_TRUE(fixture.succeeded) << fixture.error;
    EXPECT_EQ(rejections, 3);
}

TEST(Invoke_Requests_Test, invoke_is_not_repeated_if_the_event_may_have_arrived) {
    Sdk_Fixture fixture;
    fixture.transport->instead = [](const wire::Request&) { return Error{"ConnectionClosedError", "lost", 0}; };
    Lambda orders("orders", fixture.session);
    EXPECT_THAT(fixture.sent_by([&] {
        EXPECT_EQ(orders.invoke(), Json({{"error", "ConnectionClosedError: lost"}}));
    }),
                SizeIs(1));
    EXPECT_THAT(fixture.sent_by([&] { EXPECT_THROW(orders.invoke_async(), Aws_Exception); }), SizeIs(1));
    EXPECT_THAT(fixture.sent_by([&] { EXPECT_THROW(orders.invoke_dry_run(), Aws_Exception); }), SizeIs(3));
}

}  // namespace
}  // namespace osbot_aws
