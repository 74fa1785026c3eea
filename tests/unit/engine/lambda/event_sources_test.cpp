#include "engine/lambda/event_sources.hpp"

#include <gtest/gtest.h>

#include "engine/lambda/sqs_poller.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

using std::chrono::milliseconds, std::chrono::seconds;

/// Answers when the test says so.
struct Slow_Invocations final : Invocations {
    struct Running {
        Invoke_Request request;
        Done done;
    };
    std::vector<Running> running;

    void invoke(Invoke_Request request, Done done) override {
        running.push_back({std::move(request), std::move(done)});
    }
    std::string enqueue(Invoke_Request) override { return {}; }
    void retire(const Account&, const std::string&, const std::string&) override {}
    void stop_all() override {}
    std::vector<Count> counts() const override { return {}; }
    std::size_t environments() const override { return 0; }
    std::size_t queued() const override { return 0; }

    void finish(Result<Invoke_Result> result) {
        Running first = std::move(running.front());
        running.erase(running.begin());
        first.done(std::move(result));
    }
    void answer(std::string payload, std::string function_error = {}) {
        finish(Invoke_Result{.payload = std::move(payload),
                             .function_error = std::move(function_error),
                             .log_tail = {},
                             .request_id = {}});
    }
};

struct Event_Sources_Test : testing::Test, test_support::Lambda_World {
    Slow_Invocations slow;
    Sqs sqs{context};
    Event_Sources sources{context, sqs, functions, slow};
    std::string arn = sqs.create(account, "work", {{"VisibilityTimeout", "30"}}, {}).value()->arn;

    const Queue& queue() { return *sqs.find_arn(arn).value(); }
    void send(const std::vector<std::string>& bodies) {
        for (const auto& body : bodies)
            sqs.send(queue(), {.body = body, .attributes = {}, .trace_header = {}, .delay = {}}).value();
        loop.run();
    }
    Event_Source_Change wanted() {
        Event_Source_Change change;
        change.event_source_arn = arn;
        change.function_name = "hello";
        return change;
    }
    std::string map(Event_Source_Change change) {
        if (!functions.find(account, "hello")) active();
        const std::string id = sources.create(account, change).value().id;
        loop.run();
        return id;
    }
    std::vector<std::string> bodies(std::size_t at = 0) {
        std::vector<std::string> found;
        const Json event = Json::parse(slow.running.at(at).request.payload);
        for (const Json& record : event["Records"]) found.push_back(record["body"]);
        return found;
    }
    std::size_t left() { return queue().messages().size(); }
};
using Strings = std::vector<std::string>;

TEST_F(Event_Sources_Test, a_batch_is_deleted_when_the_function_returns) {
    map(wanted());
    send({"a", "b"});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), (Strings{"a", "b"}));
    EXPECT_EQ(slow.running[0].request.invoked_arn, "arn:aws:lambda:us-east-1:000000000000:function:hello");
    EXPECT_TRUE(sources.busy());
    EXPECT_EQ(left(), 2U);
    slow.answer("null");
    EXPECT_EQ(left(), 0U);
    EXPECT_FALSE(sources.busy());
}

TEST_F(Event_Sources_Test, a_failed_batch_comes_back_after_the_visibility_timeout) {
    map(wanted());
    send({"a"});
    slow.answer(R"({"errorMessage": "no"})", "Unhandled");
    loop.advance(seconds{29});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(seconds{1});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(Json::parse(slow.running[0].request.payload)["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
}

TEST_F(Event_Sources_Test, reported_items_stay_and_the_others_go) {
    auto change = wanted();
    change.response_types = {"ReportBatchItemFailures"};
    map(change);
    send({"a", "b", "c"});
    const Json records = Json::parse(slow.running[0].request.payload)["Records"];
    slow.answer(Json{{"batchItemFailures", {{{"itemIdentifier", records[1]["messageId"]}}}}}.dump());
    ASSERT_EQ(left(), 1U);
    EXPECT_EQ(queue().messages().begin()->second.body, "b");
}

TEST_F(Event_Sources_Test, a_report_that_names_a_stranger_or_can_t_be_read_fails_the_whole_batch) {
    auto change = wanted();
    change.response_types = {"ReportBatchItemFailures"};
    map(change);
    for (const char* report :
         {R"({"batchItemFailures": [{"itemIdentifier": "stranger"}]})",
          R"({"batchItemFailures": [{"itemIdentifier": ""}]})", R"({"batchItemFailures": [{"itemIdentifier": null}]})",
          R"({"batchItemFailures": [{"id": "x"}]})", "\"text\""}) {
        send({"a"});
        slow.answer(report);
        EXPECT_EQ(left(), 1U) << report;
        sqs.clear();
        arn = sqs.create(account, "work", {{"VisibilityTimeout", "30"}}, {}).value()->arn;
    }
    for (const char* nothing : {"null", "{}", R"({"batchItemFailures": []})", R"({"batchItemFailures": null})"}) {
        send({"a"});
        slow.answer(nothing);
        EXPECT_EQ(left(), 0U) << nothing;
    }
}

TEST_F(Event_Sources_Test, so_many_batches_run_at_once_as_the_mapping_allows) {
    auto change = wanted();
    change.batch_size = 1;
    change.concurrency_max = 2;
    map(change);
    send({"a", "b", "c"});
    ASSERT_EQ(slow.running.size(), 2U);
    slow.answer("null");
    ASSERT_EQ(slow.running.size(), 2U);
    EXPECT_EQ(bodies(1), Strings{"c"});
}

TEST_F(Event_Sources_Test, a_batch_waits_in_its_window_for_more_until_it_is_full) {
    auto change = wanted();
    change.batch_size = 3;
    change.window_s = 5;
    map(change);
    send({"a"});
    loop.advance(seconds{4});
    send({"b"});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(seconds{1});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(bodies(), (Strings{"a", "b"}));
    send({"c", "d", "e"});
    ASSERT_EQ(slow.running.size(), 2U) << "full: at once";
    EXPECT_EQ(bodies(1), (Strings{"c", "d", "e"}));
}

TEST_F(Event_Sources_Test, a_throttled_batch_is_tried_again_without_a_new_receive) {
    map(wanted());
    send({"a"});
    slow.finish(Error{"TooManyRequestsException", "Rate Exceeded.", 429});
    EXPECT_TRUE(slow.running.empty());
    loop.advance(milliseconds{100});
    ASSERT_EQ(slow.running.size(), 1U);
    EXPECT_EQ(Json::parse(slow.running[0].request.payload)["Records"][0]["attributes"]["ApproximateReceiveCount"], "1");
    slow.answer("null");
    EXPECT_EQ(left(), 0U);
}

TEST_F(Event_Sources_Test, batches_are_not_larger_than_what_an_invoke_takes) {
    map(wanted());
    send(Strings(8, std::string(1'000'000, 'x')));
    ASSERT_EQ(slow.running.size(), 2U);
    EXPECT_EQ(bodies(0).size(), 6U);
    EXPECT_EQ(bodies(1).size(), 2U);
    EXPECT_LT(slow.running[0].request.payload.size(), 6U * 1024 * 1024);
}

TEST_F(Event_Sources_Test, messages_wait_in_the_queue_while_there_is_no_function) {
    map(wanted());
    functions.remove(account, "hello").value();
    send({"a"});
    EXPECT_TRUE(slow.running.empty());
    EXPECT_EQ(sqs.attributes(queue(), {"All"}).value().at("ApproximateNumberOfMessages"), "1");
    active();
    loop.advance(seconds{5});
    ASSERT_EQ(slow.running.size(), 1U);
}

TEST_F(Event_Sources_Test, a_disabled_mapping_takes_nothing_and_ends_what_it_began) {
    const std::string id = map(wanted());
    send({"a"});
    Event_Source_Change off;
    off.enabled = false;
    sources.update(account, id, off).value();
    send({"b"});
    ASSERT_EQ(slow.running.size(), 1U);
    slow.answer("null");
    loop.run();
    EXPECT_EQ(left(), 1U);
    EXPECT_FALSE(sources.busy());
    Event_Source_Change on;
    on.enabled = true;
    sources.update(account, id, on).value();
    loop.run();
    EXPECT_EQ(bodies(), Strings{"b"});
}

TEST_F(Event_Sources_Test, a_removed_mapping_ends_what_it_began_and_is_not_found) {
    const std::string id = map(wanted());
    send({"a"});
    sources.remove(account, id).value();
    EXPECT_EQ(sources.find(account, id).error().code, "ResourceNotFoundException");
    EXPECT_TRUE(sources.busy());
    slow.answer("null");
    EXPECT_EQ(left(), 0U);
    loop.run();
    EXPECT_FALSE(sources.busy());
    send({"b"});
    EXPECT_TRUE(slow.running.empty());
}

TEST_F(Event_Sources_Test, gathered_messages_of_a_removed_mapping_can_be_received_at_once) {
    auto change = wanted();
    change.batch_size = 100;
    change.window_s = 60;
    const std::string id = map(change);
    send({"a"});
    sources.remove(account, id).value();
    EXPECT_EQ(sqs.receive(queue(), 1).value().size(), 1U);
}

TEST_F(Event_Sources_Test, mappings_are_the_same_after_a_restart_and_go_on) {
    auto change = wanted();
    change.batch_size = 7;
    change.filter_patterns = {R"({"body": ["a"]})"};
    change.concurrency_max = 3;
    change.response_types = {"ReportBatchItemFailures"};
    const std::string id = map(change);
    Event_Sources again{context, sqs, functions, slow};
    sources.clear();
    again.load();
    const auto found = again.find(account, id).value();
    EXPECT_EQ(found.batch_size, 7);
    EXPECT_EQ(found.filter_patterns, (Strings{R"({"body": ["a"]})"}));
    EXPECT_EQ(found.concurrency_max, 3);
    EXPECT_TRUE(found.report_item_failures);
    send({"b", "a"});
    EXPECT_EQ(bodies(), Strings{"a"});
    EXPECT_EQ(left(), 1U) << "what no pattern fits is dropped";
}

TEST_F(Event_Sources_Test, a_mapping_s_rules) {
    active();
    const auto refusal = [&](const std::function<void(Event_Source_Change&)>& spoil) {
        auto change = wanted();
        spoil(change);
        const auto made = sources.create(account, change);
        return made ? "" : made.error().code;
    };
    EXPECT_EQ(refusal([](auto& c) { c.function_name.reset(); }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.batch_size = 0; }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.batch_size = 10'001; }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.window_s = 301; }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.concurrency_max = 1; }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.response_types = {"Nonsense"}; }), "ValidationException");
    EXPECT_EQ(refusal([](auto& c) { c.batch_size = 11; }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto& c) { c.event_source_arn.reset(); }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto& c) { c.event_source_arn = "nonsense"; }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto& c) { c.event_source_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s"; }),
              "NotImplemented");
    EXPECT_EQ(refusal([](auto& c) { *c.event_source_arn += "x"; }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto& c) { c.function_name = "nobody"; }), "ResourceNotFoundException");
    EXPECT_EQ(refusal([](auto& c) { c.filter_patterns = {"no pattern"}; }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto& c) { c.filter_patterns = Strings(6, "{}"); }), "InvalidParameterValueException");
    EXPECT_EQ(refusal([](auto&) {}), "");
    EXPECT_EQ(refusal([](auto&) {}), "ResourceConflictException");
    sqs.set_attributes(queue(), {{"VisibilityTimeout", "2"}}).value();
    EXPECT_EQ(refusal([](auto& c) { c.function_name = "hello:$LATEST"; }), "InvalidParameterValueException");
}

TEST_F(Event_Sources_Test, a_list_has_a_hundred_mappings_at_the_most) {
    active();
    for (int n = 0; n < 101; ++n) {
        auto change = wanted();
        change.event_source_arn = sqs.create(account, "queue-" + std::to_string(n), {}, {}).value()->arn;
        sources.create(account, change).value();
    }
    const auto first = sources.list(account, {}, {}, {}, {}).value();
    EXPECT_EQ(first.mappings.size(), 100U);
    EXPECT_EQ(sources.list(account, {}, {}, first.next_marker, 10'000).value().mappings.size(), 1U);
    EXPECT_EQ(sources.list(account, {}, {}, {}, 60).value().mappings.size(), 60U);
}

TEST_F(Event_Sources_Test, lists_are_by_function_and_source_and_page_by_page) {
    active("other");
    map(wanted());
    auto change = wanted();
    change.function_name = "other";
    map(change);
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
}  // namespace osbot_aws::engine
