#include "services/lambda/destinations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "store/blobs.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

struct Destinations_Test : testing::Test, test_support::Lambda_World {
    Sqs sqs{context};
    S3 s3{context};
    Destinations destinations{context, functions.registry, invocations, sqs, s3};
    std::string queue_arn = sqs.create(account, "records", {}, {}).value()->arn;
    const std::string id = "event-1";
    Queued_Event event;
    int done = 0;

    void SetUp() override {
        active();
        active("next");
        event.function = "hello";
        event.version = "$LATEST";
        event.invoked_arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
        event.payload = "{\"n\": 1.50}";
        event.attempts = 3;
    }
    void put(const std::string& on_success, const std::string& on_failure, const std::string& qualifier = {}) {
        functions.event_invoke
            .put(account, {.name = "hello",
                           .qualifier = qualifier,
                           .on_success = on_success,
                           .on_failure = on_failure,
                           .has_destinations = true})
            .value();
    }
    void use_dead_letter_queue() {
        Update_Function_Configuration change;
        change.name = "hello";
        change.settings = {{"DeadLetterConfig", {{"TargetArn", queue_arn}}}};
        functions.deployment.update_configuration(account, change).value();
        loop.run();
    }
    void deliver(std::string_view condition, const Invoke_Result* result = nullptr) {
        const Function_Ptr function = functions.registry.find(account, "hello").value();
        destinations.deliver({id, event, *function, condition, result}, [this] { ++done; });
        loop.run();
    }
    void succeed(const std::string& payload) {
        const Invoke_Result result{.payload = payload, .function_error = {}, .log_tail = {}, .request_id = id};
        deliver("Success", &result);
    }
    void fail(const std::string& payload) {
        const Invoke_Result result{.payload = payload, .function_error = "Unhandled", .log_tail = {}, .request_id = id};
        deliver("RetriesExhausted", &result);
    }
    std::vector<Received_Message> messages() { return sqs.receive(*sqs.find_arn(queue_arn).value(), 10).value(); }
    std::string body() {
        const auto received = messages();
        return received.size() == 1 ? received[0].message.body : std::to_string(received.size()) + " messages";
    }
};

TEST_F(Destinations_Test, queue_gets_the_record_with_the_payloads_as_they_are) {
    put(queue_arn, "");
    succeed("1e5");
    const std::string text = body();
    EXPECT_THAT(text, HasSubstr("\"requestPayload\":{\"n\": 1.50}"));
    EXPECT_THAT(text, HasSubstr("\"responsePayload\":1e5"));
    const Json record = base::parse_json_or_throw(text);
    EXPECT_EQ(record["requestContext"],
              (Json{{"requestId", "event-1"},
                    {"functionArn", "arn:aws:lambda:us-east-1:000000000000:function:hello:$LATEST"},
                    {"condition", "Success"},
                    {"approximateInvokeCount", 3}}));
    EXPECT_EQ(record["responseContext"], (Json{{"statusCode", 200}, {"executedVersion", "$LATEST"}}));
    EXPECT_EQ(done, 1);
}

TEST_F(Destinations_Test, result_that_is_not_json_is_a_text_in_the_record) {
    put(queue_arn, "");
    succeed("plain \"text\"");
    EXPECT_EQ(base::parse_json_or_throw(body())["responsePayload"], "plain \"text\"");
}

TEST_F(Destinations_Test, result_that_is_not_utf8_is_a_text_in_the_record) {
    put(queue_arn, "");
    succeed("\"\xff\"");
    EXPECT_EQ(base::parse_json_or_throw(body())["responsePayload"], "\"\uFFFD\"");
}

TEST_F(Destinations_Test, record_above_the_limit_of_an_event_is_not_sent_to_a_function) {
    put("arn:aws:lambda:us-east-1:000000000000:function:next", "");
    succeed('"' + std::string(event_bytes_max, 'x') + '"');
    EXPECT_TRUE(invocations.queued_events.empty());
    EXPECT_EQ(done, 1);
}

TEST_F(Destinations_Test, condition_selects_the_destination) {
    put("", queue_arn);
    succeed("1");
    EXPECT_EQ(body(), "0 messages");
    fail("{}");
    EXPECT_EQ(base::parse_json_or_throw(body())["responseContext"]["functionError"], "Unhandled");
    EXPECT_EQ(done, 2);
}

TEST_F(Destinations_Test, event_that_did_not_run_has_no_response) {
    put("", queue_arn);
    event.attempts = 0;
    deliver("ZeroReservedConcurrency");
    const Json record = base::parse_json_or_throw(body());
    EXPECT_EQ(record["requestContext"]["approximateInvokeCount"], 0);
    EXPECT_FALSE(record.contains("responseContext"));
    EXPECT_FALSE(record.contains("responsePayload"));
}

TEST_F(Destinations_Test, function_gets_the_record_as_an_event) {
    put("arn:aws:lambda:us-east-1:000000000000:function:next", "");
    succeed("7");
    ASSERT_EQ(invocations.queued_events.size(), 1u);
    EXPECT_EQ(invocations.queued_events[0].function->name, "next");
    EXPECT_EQ(base::parse_json_or_throw(invocations.queued_events[0].payload)["responsePayload"], 7);
    EXPECT_EQ(invocations.queued_events[0].hops, 1);
}

TEST_F(Destinations_Test, chain_of_sixteen_functions_ends_unless_it_is_allowed) {
    put("arn:aws:lambda:us-east-1:000000000000:function:next", "");
    event.hops = 14;
    succeed("7");
    EXPECT_EQ(invocations.queued_events.size(), 1u);
    event.hops = 15;
    succeed("7");
    EXPECT_EQ(invocations.queued_events.size(), 1u);
    functions.registry.record(account, "next").value()->recursive_loop = "Allow";
    succeed("7");
    EXPECT_EQ(invocations.queued_events.size(), 2u);
    EXPECT_EQ(done, 3);
}

TEST_F(Destinations_Test, bucket_gets_an_object_for_each_failed_event) {
    s3.create_bucket(account, "bucket", "").value();
    put("", "arn:aws:s3:::bucket");
    fail("{}");
    const auto listed = s3.list_objects(account, "bucket", {}).value();
    ASSERT_EQ(listed.objects.size(), 1u);
    const S3_Object& object = *listed.objects[0];
    EXPECT_THAT(object.key, testing::ContainsRegex("^aws/lambda/async/hello/[0-9]{4}/[0-9]{2}/[0-9]{2}/"
                                                   "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}\\.[0-9]{2}\\.[0-9]{2}-"));
    const std::string bytes = store->blobs().read(*object.blob).value();
    EXPECT_EQ(object.size, bytes.size());
    EXPECT_EQ(base::parse_json_or_throw(bytes)["requestContext"]["condition"], "RetriesExhausted");
    EXPECT_EQ(done, 1);
}

TEST_F(Destinations_Test, object_in_a_bucket_follows_the_settings_of_the_bucket) {
    s3.create_bucket(account, "bucket", "").value();
    s3.set_versioning(account, "bucket", "Enabled").value();
    const Json retention{{"DefaultRetention", {{"Mode", "GOVERNANCE"}, {"Days", 1}}}};
    s3.set_setting(account, "bucket", "object-lock", {{"ObjectLockEnabled", "Enabled"}, {"Rule", retention}}).value();
    put("", "arn:aws:s3:::bucket");
    fail("{}");
    const auto listed = s3.list_objects(account, "bucket", {}).value();
    ASSERT_EQ(listed.objects.size(), 1u);
    EXPECT_EQ(listed.objects[0]->headers.at("x-amz-object-lock-mode"), "GOVERNANCE");
    EXPECT_EQ(listed.objects[0]->headers.at("content-type"), "application/json");
    EXPECT_TRUE(has_checksum(*listed.objects[0])) << "as of PutObject";
}

TEST_F(Destinations_Test, delivery_that_is_not_possible_ends_the_event) {
    for (const char* arn :
         {"arn:aws:sns:us-east-1:000000000000:topic", "arn:aws:sqs:us-east-1:000000000000:none", "arn:aws:s3:::none"}) {
        put("", arn);
        fail("{}");
    }
    EXPECT_EQ(done, 3);
}

TEST_F(Destinations_Test, dead_letter_queue_gets_the_event_of_the_version_that_failed) {
    use_dead_letter_queue();
    succeed("1");
    EXPECT_EQ(body(), "0 messages");
    fail("{\"errorMessage\": \"it failed\"}");
    const auto received = messages();
    ASSERT_EQ(received.size(), 1u);
    EXPECT_EQ(received[0].message.body, event.payload);
    const auto text = [&](const char* name) { return received[0].message.attributes.at(name).value; };
    EXPECT_EQ(text("RequestID"), "event-1");
    EXPECT_EQ(text("ErrorCode"), "200");
    EXPECT_EQ(text("ErrorMessage"), "it failed");
}

TEST_F(Destinations_Test, dead_letter_is_sent_after_the_upload) {
    use_dead_letter_queue();
    s3.create_bucket(account, "bucket", "").value();
    put("", "arn:aws:s3:::bucket");
    loop.workers_are_busy = true;
    fail("{}");
    EXPECT_EQ(done, 0);
    EXPECT_EQ(body(), "0 messages") << "an engine that ends now attempts the event again";
    loop.workers_are_busy = false;
    fail("{}");
    EXPECT_EQ(done, 1);
    EXPECT_EQ(body(), event.payload);
}

TEST_F(Destinations_Test, tenant_is_missing_for_a_function_that_isolates_tenants) {
    Function_Record& next = *functions.registry.record(account, "next").value();
    auto isolated = std::make_shared<Function>(*next.latest);
    isolated->settings = {{"TenancyConfig", {{"TenantIsolationMode", "PER_TENANT"}}}};
    next.latest = next.serving = isolated;
    put("arn:aws:lambda:us-east-1:000000000000:function:next", "");
    succeed("7");
    EXPECT_TRUE(invocations.queued_events.empty());
    EXPECT_EQ(done, 1);
}

TEST_F(Destinations_Test, error_message_of_a_dead_letter_is_at_most_1_kb_of_utf8) {
    use_dead_letter_queue();
    std::string message = "x";
    for (int i = 0; i < 600; ++i) message += "é";
    fail(Json{{"errorMessage", message}}.dump());
    EXPECT_EQ(messages().at(0).message.attributes.at("ErrorMessage").value.size(), 1023u);
}

TEST_F(Destinations_Test, dead_letter_of_an_error_may_have_no_message) {
    use_dead_letter_queue();
    fail(R"({"errorMessage": "", "errorType": "ValueError"})");
    const auto received = messages();
    ASSERT_EQ(received.size(), 1u);
    EXPECT_EQ(received[0].message.attributes.count("ErrorMessage"), 0u);
}

TEST_F(Destinations_Test, limits_are_those_of_the_qualifier) {
    functions.versions.publish(account, "hello", "", "", "").value();
    functions.event_invoke.put(account, {.name = "hello", .retries_max = 0}).value();
    functions.event_invoke.put(account, {.name = "hello", .qualifier = "1", .event_age_max_s = 60}).value();
    EXPECT_EQ(destinations.limits(event).retries_max, 0);
    EXPECT_EQ(destinations.limits(event).age_max, 6h);
    event.invoked_arn += ":1";
    EXPECT_EQ(destinations.limits(event).retries_max, 2);
    EXPECT_EQ(destinations.limits(event).age_max, 60s);
    functions.deployment.remove(account, "hello", "1").value();
    EXPECT_EQ(destinations.limits(event).age_max, 6h) << "it is deleted with its version";
}

// ---- provisioned concurrency ----------------------------------------------------------------------------------------

struct Provisioned_Concurrency_Test : testing::Test, test_support::Lambda_World {
    void SetUp() override {
        active();
        publish("1");
    }
    void publish(const std::string& source) {
        Update_Function_Code request;
        request.name = "hello";
        request.code.zip = store_zip(store->blobs(), test_support::zip_of({{"app.py", source}}));
        functions.deployment.update_code(account, request).value();
        loop.run();
        functions.versions.publish(account, "hello", "", "", "").value();
    }
    void put(std::string_view qualifier, int count) {
        functions.provisioned.put(account, "hello", qualifier, count).value();
        loop.run();
    }
    Provisioned_Status status(std::string_view qualifier) {
        return functions.provisioned.find(account, "hello", qualifier).value();
    }
};

TEST_F(Provisioned_Concurrency_Test, status_follows_the_environments) {
    put("1", 2);
    EXPECT_EQ(invocations.provisions["1"], 2u);
    EXPECT_EQ(status("1").status, "IN_PROGRESS");
    invocations.ready["1"] = {.ready = 1};
    EXPECT_EQ(status("1").ready, 1);
    invocations.ready["1"] = {.ready = 3};
    EXPECT_EQ(status("1").status, "READY");
    EXPECT_EQ(status("1").ready, 2);
    invocations.ready["1"] = {.ready = 1, .failed = true};
    EXPECT_EQ(status("1").status, "FAILED");
    functions.provisioned.remove(account, "hello", "1").value();
    loop.run();
    EXPECT_EQ(invocations.provisions["1"], 0u);
}

TEST_F(Provisioned_Concurrency_Test, alias_takes_its_environments_along) {
    publish("2");
    functions.aliases.create(account, {.function_name = "hello", .name = "live", .version = "1"}).value();
    put("live", 1);
    invocations.ready["1"] = {.ready = 1};
    EXPECT_EQ(status("live").status, "READY");
    functions.aliases.update(account, {.function_name = "hello", .name = "live", .version = "2"}).value();
    loop.run();
    EXPECT_EQ(invocations.provisions["1"], 0u);
    EXPECT_EQ(invocations.provisions["2"], 1u);
    EXPECT_EQ(status("live").status, "IN_PROGRESS");
    EXPECT_EQ(status("live").ready, 1) << "as recorded on AWS, those of the previous version count until then";
    functions.aliases.remove(account, "hello", "live").value();
    loop.run();
    EXPECT_EQ(invocations.provisions["2"], 0u);
}

TEST_F(Provisioned_Concurrency_Test, alias_does_not_move_to_latest_or_to_a_provisioned_version) {
    publish("2");
    functions.aliases.create(account, {.function_name = "hello", .name = "live", .version = "1"}).value();
    put("live", 1);
    put("2", 1);
    for (const char* version : {"$LATEST", "2"})
        EXPECT_FALSE(functions.aliases.update(account, {.function_name = "hello", .name = "live", .version = version}))
            << version;
    EXPECT_EQ(functions.aliases.find(account, "hello", "live").value().version, "1");
}

TEST_F(Provisioned_Concurrency_Test, environments_start_again_after_a_restart) {
    put("1", 2);
    invocations.provisions.clear();
    functions.load();
    loop.run();
    EXPECT_EQ(invocations.provisions["1"], 2u);
}

TEST_F(Provisioned_Concurrency_Test, new_reserved_concurrency_keeps_the_environments) {
    put("1", 2);
    invocations.provisions.clear();
    functions.settings.put_concurrency(account, "hello", 5).value();
    EXPECT_TRUE(invocations.provisions.empty()) << "the environments of the replaced versions end first";
    loop.run();
    EXPECT_EQ(invocations.provisions["1"], 2u);
}

}  // namespace
}  // namespace osbot_aws::services
