#include "services/lambda/event_sources.hpp"

#include <gtest/gtest.h>

#include "services/lambda/sqs_poller.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

/// Invocations that complete when the test calls finish() or respond().
struct Slow_Invocations final : Invocations {
    struct Running {
        Invoke_Request request;
        Done done;
    };
    std::vector<Running> running;

    void invoke(Invoke_Request request, Done done) override {
        running.push_back({std::move(request), std::move(done)});
    }
    bool reservation_is_used(const Function&) const override { return false; }
    std::string enqueue(Invoke_Request) override { return {}; }
    void provision(const Function_Ptr&, std::size_t) override {}
    Provisioned provisioned(const Function&) const override { return {}; }
    void take_snapshot(const Function_Ptr&, std::function<void(const std::string&)>) override {}
    void retire(const Account&, const std::string&, const std::string&) override {}
    void prepare(const std::string&, std::function<void()> done) override { done(); }
    void load() override {}
    void clear() override {}
    std::vector<Count> counts() const override { return {}; }
    std::size_t environments() const override { return 0; }
    std::size_t queued() const override { return 0; }

    void finish(Result<Invoke_Result> result) {
        Running first = std::move(running.front());
        running.erase(running.begin());
        first.done(std::move(result));
    }
    void respond(std::string payload, std::string function_error = {}) {
        finish(Invoke_Result{.payload = std::move(payload),
                             .function_error = std::move(function_error),
                             .log_tail = {},
                             .request_id = {}});
    }
};

struct Event_Sources_Test : testing::Test, test_support::Lambda_World {
    Slow_Invocations slow;
    Sqs sqs{context};
    Event_Sources sources{context, sqs, functions.registry, slow};
    std::string arn = sqs.create(account, "work", {{"VisibilityTimeout", "30"}}, {}).value()->arn;

    const Queue& queue() { return *sqs.find_arn(arn).value(); }
    void send(const std::vector<std::string>& bodies) {
        for (const auto& body : bodies)
            sqs.send(queue(), {.body = body, .attributes = {}, .trace_header = {}, .delay = {}}).value();
        loop.run();
    }
    Event_Source_Change mapping_request() {
        Event_Source_Change request;
        request.event_source_arn = arn;
        request.function_name = "hello";
        return request;
    }
    std::string map(Event_Source_Change request) {
        if (!functions.registry.find(account, "hello")) active();
        const std::string id = sources.create(account, request).value().id;
        loop.run();
        return id;
    }
    std::vector<std::string> bodies(std::size_t at = 0) {
        std::vector<std::string> found;
        const Json event = Json::parse(slow.running.at(at).request.payload);
        for (const Json& record : event["Records"]) found.push_back(record["body"]);
        return found;
    }
    std::size_t remaining() { return queue().sequences().size(); }
};
using Strings = std::vector<std::string>;

TEST_F(Event_Sources_Test, batch_is_deleted_when_function_returns) {
    map(mapping_request());
    send({"a", "b"});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), (Strings{"a", "b"}));
    EXPECT_EQ(slow.running[0].request.invoked_arn, "arn:aws:lambda:us-east-1:000000000000:function:hello");
    EXPECT_TRUE(sources.busy());
    EXPECT_EQ(remaining(), 2U);
    slow.respond("null");
    EXPECT_EQ(remaining(), 0U);
    EXPECT_FALSE(sources.busy());
}

TEST_F(Event_Sources_Test, failed_batch_returns_after_visibility_timeout) {
    map(mapping_request());
    send({"a"});
    slow.respond(R"({"errorMessage": "no"})", "Unhandled");
    loop.advance(seconds{29});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(seconds{1});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(Json::parse(slow.running[0].request.payload)["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
}

TEST_F(Event_Sources_Test, reported_items_stay_and_others_are_deleted) {
    auto request = mapping_request();
    request.response_types = {"ReportBatchItemFailures"};
    map(request);
    send({"a", "b", "c"});
    const Json records = Json::parse(slow.running[0].request.payload)["Records"];
    slow.respond(Json{{"batchItemFailures", {{{"itemIdentifier", records[1]["messageId"]}}}}}.dump());
    ASSERT_EQ(remaining(), 1U);
    EXPECT_EQ(queue().at(queue().sequences().front()).body, "b");
}

TEST_F(Event_Sources_Test, invalid_or_foreign_failure_report_fails_whole_batch) {
    auto request = mapping_request();
    request.response_types = {"ReportBatchItemFailures"};
    map(request);
    for (const char* report :
         {R"({"batchItemFailures": [{"itemIdentifier": "unknown"}]})",
          R"({"batchItemFailures": [{"itemIdentifier": ""}]})", R"({"batchItemFailures": [{"itemIdentifier": null}]})",
          R"({"batchItemFailures": [{"id": "x"}]})", "\"text\""}) {
        send({"a"});
        slow.respond(report);
        EXPECT_EQ(remaining(), 1U) << report;
        sqs.clear();
        arn = sqs.create(account, "work", {{"VisibilityTimeout", "30"}}, {}).value()->arn;
    }
    for (const char* empty_report : {"null", "{}", R"({"batchItemFailures": []})", R"({"batchItemFailures": null})"}) {
        send({"a"});
        slow.respond(empty_report);
        EXPECT_EQ(remaining(), 0U) << empty_report;
    }
}

TEST_F(Event_Sources_Test, concurrent_batches_are_limited_by_mapping) {
    auto request = mapping_request();
    request.batch_size = 1;
    request.concurrency_max = 2;
    map(request);
    send({"a", "b", "c"});
    ASSERT_EQ(slow.running.size(), 2U);
    slow.respond("null");
    loop.run();
    ASSERT_EQ(slow.running.size(), 2U);
    EXPECT_EQ(bodies(1), Strings{"c"});
}

TEST_F(Event_Sources_Test, provisioned_mode_processes_ten_batches_per_poller) {
    auto request = mapping_request();
    request.batch_size = 1;
    request.settings = {{"ProvisionedPollerConfig", {{"MinimumPollers", 3}, {"MaximumPollers", 9}}}};
    const std::string id = map(request);
    send(Strings(40, "x"));
    EXPECT_EQ(slow.running.size(), 30U);

    Event_Source_Change off;
    off.settings = {{"ProvisionedPollerConfig", Json::object()}};
    EXPECT_EQ(sources.update(account, id, off).value().settings, Json::object());
    off.concurrency_max = 5;
    EXPECT_TRUE(sources.update(account, id, off));
}

TEST_F(Event_Sources_Test, invalid_provisioned_pollers_are_rejected) {
    active();
    for (const Json& pollers : {Json{{"MinimumPollers", 1}}, Json{{"MaximumPollers", 1}},
                                Json{{"MinimumPollers", 9}, {"MaximumPollers", 8}}}) {
        auto request = mapping_request();
        request.settings = {{"ProvisionedPollerConfig", pollers}};
        EXPECT_THAT(sources.create(account, request), test_support::Fails_with("InvalidParameterValueException"))
            << pollers;
    }
    auto both = mapping_request();
    both.concurrency_max = 5;
    both.settings = {{"ProvisionedPollerConfig", {{"MinimumPollers", 2}}}};
    EXPECT_THAT(sources.create(account, both), test_support::Fails_with("InvalidParameterValueException"));
}

TEST_F(Event_Sources_Test, batch_waits_for_window_or_until_full) {
    auto request = mapping_request();
    request.batch_size = 3;
    request.window_s = 5;
    map(request);
    send({"a"});
    loop.advance(seconds{4});
    send({"b"});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(seconds{1});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), (Strings{"a", "b"}));
    send({"c", "d", "e"});
    ASSERT_EQ(slow.running.size(), 2U) << "a full batch does not wait";
    EXPECT_EQ(bodies(1), (Strings{"c", "d", "e"}));
}

TEST_F(Event_Sources_Test, throttled_batch_is_retried_without_new_receive) {
    map(mapping_request());
    send({"a"});
    slow.finish(Error{"TooManyRequestsException", "Rate Exceeded.", 429});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(milliseconds{100});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(Json::parse(slow.running[0].request.payload)["Records"][0]["attributes"]["ApproximateReceiveCount"], "1");
    slow.respond("null");
    EXPECT_EQ(remaining(), 0U);
}

TEST_F(Event_Sources_Test, batches_fit_in_invoke_payload) {
    map(mapping_request());
    send(Strings(8, std::string(1'000'000, 'x')));
    ASSERT_EQ(slow.running.size(), 2U);
    EXPECT_EQ(bodies(0).size(), 6U);
    EXPECT_EQ(bodies(1).size(), 2U);
    EXPECT_LT(slow.running[0].request.payload.size(), 6U * 1024 * 1024);
}

TEST_F(Event_Sources_Test, parts_of_an_ordered_batch_follow_each_other) {
    active();
    Sqs_Poller_Settings settings;
    settings.queue_arn = arn;
    settings.function_name = "hello";
    settings.in_order = true;
    Sqs_Poller poller(context, sqs, functions.registry, slow, settings);
    Strings sent;
    for (int n = 0; n < 8; ++n) sent.push_back(std::to_string(n) + std::string(1'000'000, 'x'));
    send(sent);
    ASSERT_EQ(slow.running.size(), 1U) << "the second part waits";
    EXPECT_EQ(bodies(), Strings(sent.begin(), sent.begin() + 5));
    slow.respond("null");
    loop.run();
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), Strings(sent.begin() + 5, sent.end()));
    slow.respond("null");
    loop.run();
    EXPECT_EQ(remaining(), 0U);

    send(sent);
    slow.respond("{}", "Unhandled");
    loop.run();
    EXPECT_TRUE(slow.running.empty()) << "after a failure, the rest returns to the queue";
    EXPECT_EQ(remaining(), 8U);
    EXPECT_FALSE(poller.busy());
}

struct Fifo_Event_Sources_Test : Event_Sources_Test {
    Fifo_Event_Sources_Test() {
        arn = sqs.create(account, "work.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}}, {})
                  .value()
                  ->arn;
    }
    /// Sends "g1-m1" to the group g1.
    void send_to_groups(const Strings& all) {
        for (const std::string& body : all) {
            Send_Message message{.body = body, .attributes = {}, .trace_header = {}, .delay = {}};
            message.group_id = body.substr(0, body.find('-'));
            sqs.send(queue(), std::move(message)).value();
        }
        loop.run();
    }
    std::string map_with_batches_of(std::int64_t size) {
        auto request = mapping_request();
        request.batch_size = size;
        return map(request);
    }
};

TEST_F(Fifo_Event_Sources_Test, batches_of_a_group_follow_each_other) {
    map_with_batches_of(2);
    send_to_groups({"g1-m1", "g1-m2", "g1-m3", "g2-m1"});
    ASSERT_EQ(slow.running.size(), 2U) << "groups are processed at the same time, the rest of g1 waits";
    EXPECT_EQ(bodies(0), (Strings{"g1-m1", "g1-m2"}));
    EXPECT_EQ(bodies(1), Strings{"g2-m1"});
    slow.respond("null");
    loop.run();
    ASSERT_EQ(slow.running.size(), 2U);
    EXPECT_EQ(bodies(1), Strings{"g1-m3"});
    slow.respond("null"), slow.respond("null");
    EXPECT_EQ(remaining(), 0U);
}

TEST_F(Fifo_Event_Sources_Test, failed_message_stays_before_the_rest_of_its_group) {
    map_with_batches_of(1);
    send_to_groups({"g1-m1", "g1-m2", "g2-m1"});
    slow.respond(R"({"errorMessage": "no"})", "Unhandled");
    slow.respond("null");
    loop.advance(seconds{29});
    EXPECT_TRUE(slow.running.empty()) << "m2 waits while m1 is hidden";
    loop.advance(seconds{1});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), Strings{"g1-m1"});
    slow.respond("null");
    loop.run();
    EXPECT_EQ(bodies(), Strings{"g1-m2"});
}

TEST_F(Fifo_Event_Sources_Test, event_has_the_attributes_of_fifo_queues) {
    map_with_batches_of(1);
    send_to_groups({"g1-m1"});
    const Json attributes = Json::parse(slow.running.at(0).request.payload)["Records"][0]["attributes"];
    EXPECT_EQ(attributes["MessageGroupId"], "g1");
    EXPECT_EQ(attributes["MessageDeduplicationId"], content_deduplication_id("g1-m1"));
    EXPECT_EQ(attributes["SequenceNumber"].get<std::string>().size(), 20U);
}

TEST_F(Event_Sources_Test, messages_stay_in_queue_while_function_is_missing) {
    map(mapping_request());
    functions.deployment.remove(account, "hello").value();
    send({"a"});
    EXPECT_TRUE(slow.running.empty());
    EXPECT_EQ(sqs.attributes(queue(), {"All"}).value().at("ApproximateNumberOfMessages"), "1");
    active();
    loop.advance(seconds{5});
    ASSERT_EQ(slow.running.size(), 1U);
}

TEST_F(Event_Sources_Test, disabled_mapping_completes_batches_and_receives_nothing) {
    const std::string id = map(mapping_request());
    send({"a"});
    Event_Source_Change off;
    off.enabled = false;
    sources.update(account, id, off).value();
    send({"b"});
    ASSERT_EQ(slow.running.size(), 1U);
    slow.respond("null");
    loop.run();
    EXPECT_EQ(remaining(), 1U);
    EXPECT_FALSE(sources.busy());
    Event_Source_Change on;
    on.enabled = true;
    sources.update(account, id, on).value();
    loop.run();
    EXPECT_EQ(bodies(), Strings{"b"});
}

TEST_F(Event_Sources_Test, removed_mapping_completes_batches_and_is_not_found) {
    const std::string id = map(mapping_request());
    send({"a"});
    sources.remove(account, id).value();
    EXPECT_EQ(sources.find(account, id).error().code, "ResourceNotFoundException");
    EXPECT_TRUE(sources.busy());
    slow.respond("null");
    EXPECT_EQ(remaining(), 0U);
    loop.run();
    EXPECT_FALSE(sources.busy());
    send({"b"});
    EXPECT_TRUE(slow.running.empty());
}

TEST_F(Event_Sources_Test, removing_mapping_releases_gathered_messages) {
    auto request = mapping_request();
    request.batch_size = 100;
    request.window_s = 60;
    const std::string id = map(request);
    send({"a"});
    sources.remove(account, id).value();
    EXPECT_EQ(sqs.receive(queue(), 1).value().size(), 1U);
}

TEST_F(Event_Sources_Test, mappings_survive_restart_and_resume) {
    auto request = mapping_request();
    request.batch_size = 7;
    request.filter_patterns = {R"({"body": ["a"]})"};
    request.concurrency_max = 3;
    request.response_types = {"ReportBatchItemFailures"};
    request.tags = {{"team", "x"}};
    request.settings = {{"MetricsConfig", {{"Metrics", {"EventCount"}}}}};
    const std::string id = map(request);
    Event_Sources restarted{context, sqs, functions.registry, slow};
    sources.clear();
    restarted.load();
    const auto found = restarted.find(account, id).value();
    EXPECT_EQ(found.batch_size, 7);
    EXPECT_EQ(found.filter_patterns, (Strings{R"({"body": ["a"]})"}));
    EXPECT_EQ(found.concurrency_max, 3);
    EXPECT_TRUE(found.report_item_failures);
    EXPECT_EQ(restarted.tags(account, found.arn()).value(), request.tags);
    EXPECT_EQ(found.settings, request.settings);
    send({"b", "a"});
    EXPECT_EQ(bodies(), Strings{"a"});
    EXPECT_EQ(remaining(), 1U) << "a message that matches no pattern is dropped";
}

TEST_F(Event_Sources_Test, create_rejects_invalid_mappings) {
    active();
    const auto error_code = [&](const std::function<void(Event_Source_Change&)>& alter) {
        auto request = mapping_request();
        alter(request);
        const auto created = sources.create(account, request);
        return created ? "" : created.error().code;
    };
    EXPECT_EQ(error_code([](auto& c) { c.batch_size = 11; }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) {
                  *c.event_source_arn += ".fifo";
                  c.window_s = 1;
              }),
              "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.event_source_arn.reset(); }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.event_source_arn = "nonsense"; }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.event_source_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s"; }),
              "NotImplemented");
    EXPECT_EQ(error_code([](auto& c) { *c.event_source_arn += "x"; }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.function_name = "missing"; }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.filter_patterns = {"not a pattern"}; }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto& c) { c.filter_patterns = Strings(6, "{}"); }), "InvalidParameterValueException");
    EXPECT_EQ(error_code([](auto&) {}), "");
    EXPECT_EQ(error_code([](auto&) {}), "ResourceConflictException");
    sqs.set_attributes(queue(), {{"VisibilityTimeout", "2"}}).value();
    EXPECT_EQ(error_code([](auto& c) { c.function_name = "hello:$LATEST"; }), "InvalidParameterValueException");
}

TEST_F(Event_Sources_Test, list_returns_at_most_100_mappings) {
    active();
    for (int n = 0; n < 101; ++n) {
        auto request = mapping_request();
        request.event_source_arn = sqs.create(account, "queue-" + std::to_string(n), {}, {}).value()->arn;
        sources.create(account, request).value();
    }
    const auto first = sources.list(account, {}, {}, {}, {}).value();
    EXPECT_EQ(first.mappings.size(), 100U);
    EXPECT_EQ(sources.list(account, {}, {}, first.next_marker, 10'000).value().mappings.size(), 1U);
    EXPECT_EQ(sources.list(account, {}, {}, {}, 60).value().mappings.size(), 60U);
}

TEST_F(Event_Sources_Test, list_filters_by_function_and_source_and_pages) {
    active("other");
    map(mapping_request());
    auto request = mapping_request();
    request.function_name = "other";
    map(request);
    EXPECT_EQ(sources.list(account, {}, {}, {}, {}).value().mappings.size(), 2U);
    EXPECT_EQ(sources.list(account, {}, "other", {}, {}).value().mappings.size(), 1U);
    EXPECT_EQ(sources.list(account, arn + "x", {}, {}, {}).value().mappings.size(), 0U);
    const auto first = sources.list(account, arn, {}, {}, 1).value();
    ASSERT_EQ(first.mappings.size(), 1U);
    const auto second = sources.list(account, arn, {}, first.next_marker, 1).value();
    ASSERT_EQ(second.mappings.size(), 1U);
    EXPECT_NE(second.mappings[0].id, first.mappings[0].id);
    EXPECT_EQ(second.next_marker, "");
}

}  // namespace
}  // namespace osbot_aws::services
