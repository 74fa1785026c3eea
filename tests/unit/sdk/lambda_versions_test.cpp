// Tests versions, aliases, event sources and account settings. The requests are those of botocore's lambda
// service-2.json, and the responses have AWS's shapes, so the tests do not depend on the operations of an endpoint.
#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "unit/sdk/sdk_fixture.hpp"

namespace osbot_aws {
namespace {

using testing::ElementsAre;

struct Lambda_Versions_Test : testing::Test, test::Sdk_Fixture {
    Lambda_Versions_Test() {
        transport->instead = [this](const wire::Request&) { return response; };
    }
    void set_response(int status, const std::string& body, const std::string& code = "") {
        response = test::json_response(status, body, code);
    }
    const wire::Request& sent() const { return transport->requests.back(); }
    Json body() const { return Json::parse(sent().body.bytes()); }
    const std::string& title() const { return transport->titles.back(); }

    wire::Response response;
    Lambda orders{"orders", session};
};

TEST_F(Lambda_Versions_Test, publishes_and_lists_versions) {
    set_response(201, R"({"Version": "1"})");
    EXPECT_EQ(orders.publish_version("first")["Version"], "1");
    EXPECT_EQ(title(), "POST /2015-03-31/functions/orders/versions");
    EXPECT_EQ(body(), Json({{"Description", "first"}}));
    set_response(200, R"({"Versions": [{"Version": "$LATEST"}, {"Version": "1"}]})");
    EXPECT_EQ(orders.versions({.index_by = "Version"})["1"]["Version"], "1");
    EXPECT_EQ(title(), "GET /2015-03-31/functions/orders/versions");
}

TEST_F(Lambda_Versions_Test, creates_gets_lists_and_deletes_aliases) {
    set_response(201, R"({"Name": "prod", "FunctionVersion": "1"})");
    EXPECT_EQ(orders
                  .alias_create({.function_name = "my-function",
                                 .function_version = "1",
                                 .name = "prod",
                                 .description = "Production alias"})
                  .value()["Name"],
              "prod");
    EXPECT_EQ(title(), "POST /2015-03-31/functions/my-function/aliases");
    EXPECT_EQ(body(), Json({{"Name", "prod"}, {"FunctionVersion", "1"}, {"Description", "Production alias"}}));
    EXPECT_EQ(orders.alias("my-function", "prod").value()["FunctionVersion"], "1");
    EXPECT_EQ(title(), "GET /2015-03-31/functions/my-function/aliases/prod");
    set_response(200, R"({"Aliases": [{"Name": "prod"}]})");
    EXPECT_EQ(orders.aliases("my-function"), Json::parse(R"([{"Name": "prod"}])"));
    EXPECT_EQ(orders.aliases()[0]["Name"], "prod");
    EXPECT_EQ(title(), "GET /2015-03-31/functions/orders/aliases");
    set_response(204, "");
    EXPECT_EQ(orders.alias_delete("my-function", "prod").value(), Json::object());
    EXPECT_EQ(title(), "DELETE /2015-03-31/functions/my-function/aliases/prod");
}

TEST_F(Lambda_Versions_Test, creates_lists_and_deletes_event_sources) {
    set_response(202, R"({"UUID": "u-1"})");
    EXPECT_EQ(
        orders.event_source_create({.event_source_arn = "arn:aws:sqs:us-east-1:000000000000:my-queue"}).data["UUID"],
        "u-1");
    EXPECT_EQ(title(), "POST /2015-03-31/event-source-mappings");
    EXPECT_EQ(body(),
              Json({{"EventSourceArn", "arn:aws:sqs:us-east-1:000000000000:my-queue"}, {"FunctionName", "orders"}}));
    EXPECT_EQ(orders.event_source_delete("u-1").data["UUID"], "u-1");
    EXPECT_EQ(title(), "DELETE /2015-03-31/event-source-mappings/u-1");
    set_response(200, R"({"EventSourceMappings": [{"UUID": "u-1"}]})");
    EXPECT_EQ(orders.event_sources({.index_by = "UUID"})["u-1"]["UUID"], "u-1");
    EXPECT_EQ(title(), "GET /2015-03-31/event-source-mappings");
}

TEST_F(Lambda_Versions_Test, event_source_has_all_settings) {
    set_response(202, R"({"UUID": "u-1"})");
    const Json pattern{{"body", {{"kind", {"order"}}}}};
    ASSERT_TRUE(
        orders.event_source_create({.event_source_arn = "arn",
                                    .function_name = "other",
                                    .batch_size = 100,
                                    .maximum_batching_window_in_seconds = 0,
                                    .function_response_types = {"ReportBatchItemFailures"},
                                    .filter_criteria = {{"Filters", {{{"Pattern", pattern}}, {{"Pattern", "{}"}}}}},
                                    .scaling_config = {{"MaximumConcurrency", 2}},
                                    .enabled = false,
                                    .starting_position = "LATEST"}));
    EXPECT_EQ(body(), Json({{"EventSourceArn", "arn"},
                            {"FunctionName", "other"},
                            {"BatchSize", 100},
                            {"MaximumBatchingWindowInSeconds", 0},
                            {"FunctionResponseTypes", {"ReportBatchItemFailures"}},
                            {"FilterCriteria", {{"Filters", {{{"Pattern", pattern.dump()}}, {{"Pattern", "{}"}}}}}},
                            {"ScalingConfig", {{"MaximumConcurrency", 2}}},
                            {"Enabled", false},
                            {"StartingPosition", "LATEST"}}));
}

TEST_F(Lambda_Versions_Test, failures_have_code_and_message_and_lists_throw) {
    set_response(404, R"({"Message": "not there"})", "ResourceNotFoundException");
    for (const Status& failed :
         {orders.alias("orders", "prod"), orders.alias_create({.function_version = "1", .name = "prod"}),
          orders.alias_delete("orders", "prod"), orders.event_source_create({.event_source_arn = "x"}),
          orders.event_source_delete("u"), orders.permission_add({}), orders.permission_delete("", "s"),
          orders.wait_for_state("Active")}) {
        EXPECT_FALSE(failed);
        EXPECT_EQ(failed.code, "ResourceNotFoundException");
        EXPECT_EQ(failed.message, "not there");
        EXPECT_EQ(failed.to_json().at("error"), "ResourceNotFoundException: not there");
        EXPECT_THROW(failed.value(), Aws_Exception);
    }
    EXPECT_THROW(orders.aliases(), Aws_Exception);
}

TEST_F(Lambda_Versions_Test, account_settings_return_limits_and_usage) {
    set_response(200, R"({"AccountLimit": {"ConcurrentExecutions": 1000}, "AccountUsage": {"FunctionCount": 1}})");
    EXPECT_EQ(orders.account_settings()["AccountLimit"]["ConcurrentExecutions"], 1000);
    EXPECT_EQ(title(), "GET /2016-08-19/account-settings");
}

TEST_F(Lambda_Versions_Test, updates_an_image_by_its_uri) {
    set_response(200, R"({"LastUpdateStatus": "InProgress"})");
    orders.update_lambda_image_uri("1.dkr.ecr.us-east-1.amazonaws.com/r:2");
    EXPECT_EQ(title(), "PUT /2015-03-31/functions/orders/code");
    EXPECT_EQ(body()["ImageUri"], "1.dkr.ecr.us-east-1.amazonaws.com/r:2");
    EXPECT_FALSE(body().contains("ZipFile"));
}

}  // namespace
}  // namespace osbot_aws
