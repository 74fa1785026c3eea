#include "services/sqs/sqs.hpp"

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::seconds;

struct Sqs_Test : Sqs_World {
    const Queue& queue(const std::string& name = "work") { return *sqs->find(account, name).value(); }
    std::string send(const std::string& body, std::optional<seconds> delay = {}, const std::string& to = "work") {
        return sqs->send(queue(to), {.body = body, .attributes = {}, .trace_header = {}, .delay = delay}).value().id;
    }
    std::vector<Received_Message> receive(std::size_t max = 10, std::optional<seconds> visibility = {},
                                          const std::string& from = "work") {
        return Sqs_World::receive(from, {.max = max, .visibility = visibility});
    }
    std::vector<std::string> bodies(std::size_t max = 10, const std::string& from = "work") {
        return bodies_of(receive(max, {}, from));
    }
    std::string error_of(const Result<Message>& sent) { return sent ? "" : sent.error().code; }
};

TEST_F(Sqs_Test, received_messages_are_hidden_until_the_timeout) {
    make("work", {{"VisibilityTimeout", "10"}});
    for (const char* body : {"a", "b", "c"}) send(body);
    EXPECT_EQ(bodies(2), (Strings{"a", "b"}));
    EXPECT_EQ(bodies(), Strings{"c"});
    EXPECT_EQ(bodies(), Strings{});
    loop.advance(seconds{10});
    EXPECT_EQ(bodies(), (Strings{"a", "b", "c"}));
}

TEST_F(Sqs_Test, message_is_delayed_by_its_own_or_the_queue_delay) {
    make("work", {{"DelaySeconds", "5"}});
    send("the queue's");
    send("its own", seconds{1});
    send("none", seconds{0});
    EXPECT_EQ(bodies(), Strings{"none"});
    loop.advance(seconds{1});
    EXPECT_EQ(bodies(), Strings{"its own"});
    loop.advance(seconds{4});
    EXPECT_EQ(bodies(), Strings{"the queue's"});
}

TEST_F(Sqs_Test, attributes_count_visible_in_flight_and_delayed) {
    make("work");
    send("a"), send("b"), send("later", seconds{60});
    receive(1);
    const auto counted = sqs->attributes(queue(), {"All"}).value();
    EXPECT_EQ(counted.at("ApproximateNumberOfMessages"), "1");
    EXPECT_EQ(counted.at("ApproximateNumberOfMessagesNotVisible"), "1");
    EXPECT_EQ(counted.at("ApproximateNumberOfMessagesDelayed"), "1");
    EXPECT_EQ(counted.at("VisibilityTimeout"), "30");
    EXPECT_EQ(counted.at("QueueArn"), "arn:aws:sqs:us-east-1:000000000000:work");
}

TEST_F(Sqs_Test, handle_from_before_a_restart_names_no_new_message) {
    make("work");
    send("deleted");
    const std::string old_handle = receive(1)[0].receipt_handle;
    ASSERT_TRUE(sqs->delete_message(queue(), old_handle));
    sqs.emplace(context).load();

    send("new");
    receive(1, seconds{0});
    ASSERT_TRUE(sqs->delete_message(queue(), old_handle)) << "as on AWS, a handle of a deleted message has no effect";
    EXPECT_EQ(bodies(), Strings{"new"});
}

TEST_F(Sqs_Test, restart_continues_after_many_messages) {
    make("work");
    for (int i = 0; i < 2'500; ++i) send(std::to_string(i));
    sqs.emplace(context).load();
    send("last");
    Strings all;
    for (auto page = bodies(); !page.empty(); page = bodies()) all.insert(all.end(), page.begin(), page.end());
    ASSERT_EQ(all.size(), 2'501U);
    EXPECT_EQ(all.front(), "0");
    EXPECT_EQ(all.back(), "last");
}

TEST_F(Sqs_Test, each_handle_of_the_same_queue_deletes) {
    make("work");
    make("other");
    send("a");
    const auto first = receive(1, seconds{0});
    const auto second = receive(1);
    EXPECT_EQ(sqs->delete_message(queue("other"), second[0].receipt_handle).error().code, "ReceiptHandleIsInvalid");
    EXPECT_EQ(sqs->attributes(queue(), {"All"}).value().at("ApproximateNumberOfMessagesNotVisible"), "1");
    sqs->delete_message(queue(), first[0].receipt_handle).value();
    EXPECT_EQ(sqs->attributes(queue(), {"All"}).value().at("ApproximateNumberOfMessagesNotVisible"), "0");
    sqs->delete_message(queue(), second[0].receipt_handle).value();
    sqs->delete_message(queue(), second[0].receipt_handle).value();  // deleting twice succeeds
    loop.advance(seconds{31});
    EXPECT_EQ(bodies(), Strings{});
}

TEST_F(Sqs_Test, visibility_timeout_is_extended_or_ended) {
    make("work", {{"VisibilityTimeout", "10"}});
    send("a");
    const auto received = receive();
    sqs->change_visibility(queue(), received[0].receipt_handle, seconds{100}).value();
    loop.advance(seconds{50});
    EXPECT_EQ(bodies(), Strings{});
    sqs->change_visibility(queue(), received[0].receipt_handle, seconds{0}).value();
    EXPECT_EQ(sqs->change_visibility(queue(), received[0].receipt_handle, seconds{5}).error().code,
              "MessageNotInflight");
    EXPECT_EQ(bodies(), Strings{"a"});
    sqs->change_visibility(queue(), received[0].receipt_handle, seconds{0}).value();  // a handle of an earlier receive
    EXPECT_EQ(bodies(), Strings{"a"});
    loop.advance(seconds{10});
    sqs->change_visibility(queue(), received[0].receipt_handle, seconds{5}).value();  // after the timeout
    EXPECT_EQ(bodies(), Strings{});
    EXPECT_EQ(sqs->change_visibility(queue(), received[0].receipt_handle, seconds{43'201}).error().code,
              "InvalidParameterValue");
}

TEST_F(Sqs_Test, visibility_timeout_ends_12_hours_after_the_receive) {
    make("work");
    send("a");
    const auto received = receive();
    const auto change = [&](seconds timeout) {
        const auto changed = sqs->change_visibility(queue(), received[0].receipt_handle, timeout);
        return changed ? "" : changed.error().code + ": " + changed.error().message;
    };
    EXPECT_EQ(change(seconds{43'200}), "");
    loop.advance(seconds{200});
    sqs.emplace(context).load();
    EXPECT_EQ(change(seconds{43'000}), "");
    EXPECT_EQ(change(seconds{43'001}),
              "InvalidParameterValue: Value 43001 for parameter VisibilityTimeout is invalid. Reason: Total "
              "VisibilityTimeout for the message is beyond the limit [43200 seconds]");
    loop.advance(seconds{43'000});
    EXPECT_EQ(bodies(), Strings{"a"}) << "the rejected change has no effect";
}

TEST_F(Sqs_Test, handle_with_an_impossible_time_is_invalid) {
    make("work");
    send("a");
    const std::string handle = base::base64_decode(receive(1)[0].receipt_handle).value();
    const std::string without_time = handle.substr(0, handle.rfind(' '));
    const auto code = [&](const std::string& forged) {
        const auto changed = sqs->change_visibility(queue(), base::base64_encode(forged), seconds{5});
        return changed ? "" : changed.error().code;
    };
    for (const char* time : {" -1", " 9223372036854775807", " 9223372036854775808", " x", " 1 2"})
        EXPECT_EQ(code(without_time + time), "ReceiptHandleIsInvalid") << time;
    EXPECT_EQ(code(without_time), "") << "of an earlier version of the engine";
}

TEST_F(Sqs_Test, expired_messages_are_removed_from_the_store) {
    make("work", {{"MessageRetentionPeriod", "60"}});
    send("old");
    loop.advance(seconds{59});
    send("new");
    loop.advance(seconds{1});
    EXPECT_EQ(bodies(), Strings{"new"});
    EXPECT_EQ(store->load("sqs.message").size(), 1U);
}

TEST_F(Sqs_Test, dead_letter_queue_gets_messages_received_too_often) {
    const std::string dead = make("dead").arn;
    make("work", {{"VisibilityTimeout", "1"},
                  {"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":"2"})"}});
    const std::string id = send("a");
    send("b");
    for (int n = 0; n < 2; ++n) {
        EXPECT_EQ(bodies(1), Strings{"a"});
        loop.advance(seconds{1});
    }
    EXPECT_EQ(bodies(1), Strings{"b"}) << "received by the call that moves the other message";
    const auto moved = receive(10, {}, "dead");
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_EQ(moved[0].message.id, id);
    EXPECT_EQ(moved[0].message.dead_letter_source, queue().arn);
    EXPECT_EQ(moved[0].message.receive_count, 3);
    EXPECT_EQ(sqs->list(account, {.dead_letter_arn = queue("dead").arn}).queues.size(), 1U);
}

TEST_F(Sqs_Test, message_stays_if_the_dead_letter_queue_is_missing) {
    make("none");
    make("work", {{"VisibilityTimeout", "0"},
                  {"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none",)"
                                    R"("maxReceiveCount":1})"}});
    sqs->remove(queue("none"));
    send("a");
    EXPECT_EQ(bodies(), Strings{"a"});
    EXPECT_EQ(bodies(), Strings{"a"});
}

TEST_F(Sqs_Test, state_survives_a_restart) {
    make("work");
    send("taken");
    sqs->send(queue(), {.body = "with",
                        .attributes = {{"b", {"Binary", std::string("\0\xff", 2)}}, {"n", {"Number", "1"}}},
                        .trace_header = "Root=1-2-3",
                        .delay = {}})
        .value();
    const auto in_flight = receive(1);
    sqs.reset();
    sqs.emplace(context).load();
    const auto received = receive();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].message.attributes.at("b").value, std::string("\0\xff", 2));
    EXPECT_EQ(received[0].message.trace_header, "Root=1-2-3");
    sqs->delete_message(queue(), in_flight[0].receipt_handle).value();
    loop.advance(seconds{30});
    EXPECT_EQ(bodies(), Strings{"with"});
}

TEST_F(Sqs_Test, waiters_are_called_once_in_order) {
    const std::string arn = make("work").arn;
    std::vector<int> calls;
    auto first = sqs->when_ready(arn, [&] { calls.push_back(1), receive(1); });
    auto second = sqs->when_ready(arn, [&] { calls.push_back(2), receive(1); });
    loop.run();
    EXPECT_TRUE(calls.empty());
    send("a");
    loop.run();
    EXPECT_EQ(calls, std::vector<int>{1});
    send("b"), send("c");
    loop.run();
    EXPECT_EQ(calls, (std::vector<int>{1, 2})) << "c stays until a waiter registers";
}

TEST_F(Sqs_Test, waiter_is_called_on_visibility_unless_cancelled) {
    const std::string arn = make("work", {{"VisibilityTimeout", "7"}}).arn;
    send("a");
    receive();
    int calls = 0;
    auto waiting = sqs->when_ready(arn, [&] { ++calls; });
    auto left = sqs->when_ready(arn, [&] { FAIL(); });
    left.reset();
    loop.advance(seconds{6});
    EXPECT_EQ(calls, 0);
    loop.advance(seconds{1});
    EXPECT_EQ(calls, 1);
}

TEST_F(Sqs_Test, waiter_is_called_when_the_queue_is_deleted) {
    const std::string arn = make("work").arn;
    int calls = 0;
    auto waiting = sqs->when_ready(arn, [&] { ++calls; });
    sqs->remove(queue());
    loop.run();
    EXPECT_EQ(calls, 1);
    make("work");
    waiting = sqs->when_ready(arn, [&] { ++calls; });
    loop.run();
    EXPECT_EQ(calls, 1);
    send("a");
    loop.run();
    EXPECT_EQ(calls, 2);
}

TEST_F(Sqs_Test, waiter_that_registers_again_waits_for_a_new_queue) {
    const std::string arn = make("work").arn;
    int calls = 0;
    base::Subscription_Ptr waiting;
    const std::function<void()> wait = [&] {
        waiting = sqs->when_ready(arn, [&] {
            ++calls;
            if (sqs->find_arn(arn)) receive();
            wait();
        });
    };
    wait();
    sqs->remove(queue());
    loop.run();  // it never ended: an event source mapping of a deleted queue registers again at once
    EXPECT_EQ(calls, 1);
    make("work");
    send("a");
    loop.run();
    EXPECT_EQ(calls, 2);
}

TEST_F(Sqs_Test, create_returns_the_existing_queue_or_a_conflict) {
    const std::string id = make("work", {{"DelaySeconds", "5"}}).id;
    EXPECT_EQ(make("work", {{"DelaySeconds", "5"}}).id, id);
    EXPECT_EQ(make("work").id, id);
    const auto conflict = sqs->create(account, "work", {{"DelaySeconds", "6"}}, {});
    EXPECT_EQ(conflict.error().code, "QueueNameExists");
    EXPECT_EQ(sqs->create({"000000000000", "eu-west-1"}, "work", {{"DelaySeconds", "6"}}, {}).value()->arn,
              "arn:aws:sqs:eu-west-1:000000000000:work");
}

TEST_F(Sqs_Test, list_filters_by_prefix_and_pages) {
    for (const char* name : {"a", "b1", "b2", "b3", "c"}) make(name);
    auto page = sqs->list(account, {.prefix = "b", .max = 2});
    ASSERT_EQ(page.queues.size(), 2U);
    EXPECT_EQ(page.next_token, "b2");
    page = sqs->list(account, {.prefix = "b", .after = page.next_token, .max = 2});
    ASSERT_EQ(page.queues.size(), 1U);
    EXPECT_EQ(page.queues[0]->name, "b3");
    EXPECT_EQ(page.next_token, "");
}

const std::string queue_policy_text =
    R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}})";

TEST_F(Sqs_Test, empty_value_removes_or_resets_an_attribute) {
    make("work", {{"DelaySeconds", "5"}, {"Policy", queue_policy_text}});
    sqs->set_attributes(queue(), {{"DelaySeconds", ""}, {"Policy", ""}}).value();
    const auto attributes = sqs->attributes(queue(), {"All"}).value();
    EXPECT_EQ(attributes.at("DelaySeconds"), "0");
    EXPECT_FALSE(attributes.contains("Policy"));
}

TEST_F(Sqs_Test, queue_is_purged_at_most_once_a_minute) {
    make("work");
    send("a"), receive(), send("b");
    sqs->purge(queue()).value();
    loop.advance(seconds{30});
    EXPECT_EQ(bodies(), Strings{});
    EXPECT_TRUE(store->load("sqs.message").empty());
    EXPECT_EQ(sqs->purge(queue()).error().code, "PurgeQueueInProgress");
    loop.advance(seconds{31});
    EXPECT_TRUE(sqs->purge(queue()));
}

struct Invalid_Attribute {
    const char *name, *value, *code;
};
struct Invalid_Attributes_Test : Sqs_Test, testing::WithParamInterface<Invalid_Attribute> {};

TEST_P(Invalid_Attributes_Test, invalid_attributes_are_rejected) {
    const auto created = sqs->create(account, "work", {{GetParam().name, GetParam().value}}, {});
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Attributes, Invalid_Attributes_Test,
    testing::Values(
        Invalid_Attribute{"Nonsense", "1", "InvalidAttributeName"},
        Invalid_Attribute{"QueueArn", "x", "InvalidAttributeName"},
        Invalid_Attribute{"VisibilityTimeout", "43201", "InvalidAttributeValue"},
        Invalid_Attribute{"VisibilityTimeout", "-1", "InvalidAttributeValue"},
        Invalid_Attribute{"DelaySeconds", "1.5", "InvalidAttributeValue"},
        Invalid_Attribute{"MaximumMessageSize", "1023", "InvalidAttributeValue"},
        Invalid_Attribute{"MessageRetentionPeriod", "59", "InvalidAttributeValue"},
        Invalid_Attribute{"ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"},
        Invalid_Attribute{"Policy", "not JSON", "InvalidAttributeValue"},
        Invalid_Attribute{"Policy", R"({"Statement":[]})", "InvalidAttributeValue"},
        Invalid_Attribute{"Policy", R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*"}})",
                          "InvalidAttributeValue"},
        Invalid_Attribute{"Policy",
                          R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*",)"
                          R"("Condition":{"StringEqual":{"aws:username":"a"}}}})",
                          "InvalidAttributeValue"},
        Invalid_Attribute{"SqsManagedSseEnabled", "yes", "InvalidAttributeValue"},
        Invalid_Attribute{"RedrivePolicy", "{}", "InvalidParameterValue"},
        Invalid_Attribute{"RedrivePolicy", "[", "InvalidParameterValue"},
        Invalid_Attribute{"RedrivePolicy", R"({"deadLetterTargetArn":"a","maxReceiveCount":0})",
                          "InvalidParameterValue"},
        Invalid_Attribute{"RedrivePolicy", R"({"deadLetterTargetArn":"a","maxReceiveCount":1001})",
                          "InvalidParameterValue"},
        Invalid_Attribute{"RedrivePolicy", R"({"deadLetterTargetArn":"dummy","maxReceiveCount":42})",
                          "InvalidParameterValue"},
        Invalid_Attribute{"RedrivePolicy",
                          R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none",)"
                          R"("maxReceiveCount":42})",
                          "InvalidParameterValue"},
        Invalid_Attribute{"RedriveAllowPolicy", R"({"redrivePermission":"some"})", "InvalidParameterValue"},
        Invalid_Attribute{"RedriveAllowPolicy", R"({"redrivePermission":"byQueue"})", "InvalidParameterValue"},
        Invalid_Attribute{"FifoQueue", "false", "InvalidAttributeName"},
        Invalid_Attribute{"FifoQueue", "true", "InvalidParameterValue"},
        Invalid_Attribute{"ContentBasedDeduplication", "false", "InvalidAttributeName"},
        Invalid_Attribute{"DeduplicationScope", "queue", "InvalidAttributeName"},
        Invalid_Attribute{"FifoThroughputLimit", "perQueue", "InvalidAttributeName"}),
    [](const auto& c) { return std::string(c.param.name) + "_" + std::to_string(c.index); });

TEST_F(Sqs_Test, queue_names_are_validated) {
    for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"), std::string(81, 'x')})
        EXPECT_EQ(sqs->create(account, name, {}, {}).error().code, "InvalidParameterValue") << name;
    EXPECT_EQ(sqs->create(account, "a.fifo", {}, {}).error().code, "InvalidParameterValue");
    EXPECT_EQ(sqs->create(account, ".fifo", {{"FifoQueue", "true"}}, {}).error().code, "InvalidParameterValue");
    EXPECT_TRUE(sqs->create(account, "a.fifo", {{"FifoQueue", "true"}}, {}));
    EXPECT_TRUE(sqs->create(account, std::string(80, 'x'), {}, {}));
}

TEST_F(Sqs_Test, invalid_messages_are_rejected) {
    make("work", {{"MaximumMessageSize", "1024"}});
    const auto error_code = [&](const std::string& body, Message_Attributes attributes = {}) {
        return error_of(
            sqs->send(queue(), {.body = body, .attributes = std::move(attributes), .trace_header = {}, .delay = {}}));
    };
    EXPECT_EQ(error_code(""), "MissingParameter");
    EXPECT_EQ(error_code(std::string(1024, 'x')), "");
    EXPECT_EQ(error_code(std::string(1025, 'x')), "InvalidParameterValue");
    EXPECT_EQ(error_code(std::string(1015, 'x'), {{"abc", {"String", "1"}}}), "InvalidParameterValue")
        << "attributes count towards the size";
    EXPECT_EQ(error_code("a\x01"), "InvalidMessageContents");
    EXPECT_EQ(error_code("tab\tline\n"), "");
    EXPECT_EQ(error_code("a", {{"AWS.x", {"String", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x", {"Text", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x", {"String", ""}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x", {"", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x", {"String", "bell \x07"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x", {"Number", "one"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x..y", {"String", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(error_code("a", {{"x\xC2\xA7", {"String", "1"}}}), "InvalidParameterValue") << "a section sign";
    EXPECT_EQ(error_code("a", {{"x\xC3\xB8", {"String", "1"}}}), "") << "a letter";
    Message_Attributes eleven;
    for (int n = 0; n < 11; ++n) eleven["a" + std::to_string(n)] = {"String", "1"};
    EXPECT_EQ(error_code("a", eleven), "InvalidParameterValue");
    EXPECT_EQ(error_of(sqs->send(queue(), {.body = "a", .attributes = {}, .trace_header = {}, .delay = seconds{901}})),
              "InvalidParameterValue");
}

// The expected values use the encoding with which botocore verifies a response.
TEST(Md5_Of_Attributes, equals_the_hash_of_botocore) {
    EXPECT_EQ(md5_of_attributes({{"kind", {"String", "order"}}}),
              base::md5_hex(std::string("\0\0\0\4kind\0\0\0\6String\1\0\0\0\5order", 28)));
    EXPECT_EQ(md5_of_attributes({{"b", {"Binary", "x"}}, {"a", {"Number", "1"}}}),
              base::md5_hex(std::string("\0\0\0\1a\0\0\0\6Number\1\0\0\0\0011\0\0\0\1b\0\0\0\6Binary\2\0\0\0\1x", 42)));
}

}  // namespace
}  // namespace osbot_aws::services
