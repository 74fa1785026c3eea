#include "engine/sqs/sqs.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

using std::chrono::seconds;

struct Sqs_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    std::optional<Sqs> sqs{std::in_place, context};
    Account account;

    const Queue& make(const std::string& name, const std::map<std::string, std::string>& attributes = {}) {
        return *sqs->create(account, name, attributes, {}).value();
    }
    const Queue& queue(const std::string& name = "work") { return *sqs->find(account, name).value(); }
    std::string send(const std::string& body, std::optional<seconds> delay = {}, const std::string& to = "work") {
        return sqs->send(queue(to), {.body = body, .attributes = {}, .trace_header = {}, .delay = delay}).value().id;
    }
    std::vector<Received_Message> receive(std::size_t max = 10, std::optional<seconds> visibility = {},
                                          const std::string& from = "work") {
        return sqs->receive(queue(from), max, visibility).value();
    }
    std::vector<std::string> bodies(std::size_t max = 10, const std::string& from = "work") {
        std::vector<std::string> found;
        for (const auto& one : receive(max, {}, from)) found.push_back(one.message.body);
        return found;
    }
    std::string error_of(const Result<Message>& sent) { return sent ? "" : sent.error().code; }
};
using Strings = std::vector<std::string>;

TEST_F(Sqs_Test, messages_are_received_in_order_and_hidden_until_their_visibility_timeout_ends) {
    make("work", {{"VisibilityTimeout", "10"}});
    for (const char* body : {"a", "b", "c"}) send(body);
    EXPECT_EQ(bodies(2), (Strings{"a", "b"}));
    EXPECT_EQ(bodies(), Strings{"c"});
    EXPECT_EQ(bodies(), Strings{});
    loop.advance(seconds{10});
    EXPECT_EQ(bodies(), (Strings{"a", "b", "c"}));
}

TEST_F(Sqs_Test, a_delayed_message_is_seen_when_its_delay_is_over_the_message_s_own_or_the_queue_s) {
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

TEST_F(Sqs_Test, attributes_count_what_is_there_in_flight_and_delayed) {
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

TEST_F(Sqs_Test, only_the_handle_of_the_last_receive_deletes_and_handles_are_of_one_queue) {
    make("work");
    make("other");
    send("a");
    const auto first = receive(1, seconds{0});
    const auto second = receive(1);
    sqs->delete_message(queue(), first[0].receipt_handle).value();
    EXPECT_EQ(sqs->attributes(queue(), {"All"}).value().at("ApproximateNumberOfMessagesNotVisible"), "1");
    EXPECT_EQ(sqs->delete_message(queue("other"), second[0].receipt_handle).error().code, "ReceiptHandleIsInvalid");
    sqs->delete_message(queue(), second[0].receipt_handle).value();
    sqs->delete_message(queue(), second[0].receipt_handle).value();  // twice is as once
    loop.advance(seconds{31});
    EXPECT_EQ(bodies(), Strings{});
}

TEST_F(Sqs_Test, a_visibility_timeout_is_made_longer_or_ended) {
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
    EXPECT_EQ(sqs->change_visibility(queue(), received[0].receipt_handle, seconds{5}).error().code,
              "InvalidParameterValue")
        << "of an earlier receive";
    EXPECT_EQ(sqs->change_visibility(queue(), received[0].receipt_handle, seconds{43'201}).error().code,
              "InvalidParameterValue");
}

TEST_F(Sqs_Test, messages_older_than_the_retention_are_gone_in_the_store_too) {
    make("work", {{"MessageRetentionPeriod", "60"}});
    send("old");
    loop.advance(seconds{59});
    send("new");
    loop.advance(seconds{1});
    EXPECT_EQ(bodies(), Strings{"new"});
    EXPECT_EQ(store->load("sqs.message").size(), 1U);
}

TEST_F(Sqs_Test, what_is_received_too_often_goes_to_the_dead_letter_queue_with_its_id_and_age) {
    const std::string dead = make("dead").arn;
    make("work", {{"VisibilityTimeout", "1"},
                  {"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":"2"})"}});
    const std::string id = send("a");
    send("b");
    for (int n = 0; n < 2; ++n) {
        EXPECT_EQ(bodies(1), Strings{"a"});
        loop.advance(seconds{1});
    }
    EXPECT_EQ(bodies(1), Strings{"b"}) << "in the same receive as the other's move";
    const auto moved = receive(10, {}, "dead");
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_EQ(moved[0].message.id, id);
    EXPECT_EQ(moved[0].message.dead_letter_source, queue().arn);
    EXPECT_EQ(moved[0].message.receive_count, 3);
    EXPECT_EQ(sqs->sources_of(queue("dead")).size(), 1U);
}

TEST_F(Sqs_Test, a_message_stays_when_its_dead_letter_queue_does_not_exist) {
    make("work", {{"VisibilityTimeout", "0"},
                  {"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none",)"
                                    R"("maxReceiveCount":1})"}});
    send("a");
    EXPECT_EQ(bodies(), Strings{"a"});
    EXPECT_EQ(bodies(), Strings{"a"});
}

TEST_F(Sqs_Test, messages_queues_and_what_was_received_are_the_same_after_a_restart) {
    make("work");
    send("taken");
    sqs->send(queue(), {.body = "with",
                        .attributes = {{"b", {"Binary", std::string("\0\xff", 2)}}, {"n", {"Number", "1"}}},
                        .trace_header = "Root=1-2-3",
                        .delay = {}})
        .value();
    const auto taken = receive(1);
    sqs.reset();
    sqs.emplace(context);
    const auto received = receive();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].message.attributes.at("b").value, std::string("\0\xff", 2));
    EXPECT_EQ(received[0].message.trace_header, "Root=1-2-3");
    sqs->delete_message(queue(), taken[0].receipt_handle).value();
    loop.advance(seconds{30});
    EXPECT_EQ(bodies(), Strings{"with"});
}

TEST_F(Sqs_Test, who_waits_is_told_once_in_the_order_of_asking) {
    const std::string arn = make("work").arn;
    std::vector<int> told;
    auto first = sqs->when_ready(arn, [&] { told.push_back(1), receive(1); });
    auto second = sqs->when_ready(arn, [&] { told.push_back(2), receive(1); });
    loop.run();
    EXPECT_TRUE(told.empty());
    send("a");
    loop.run();
    EXPECT_EQ(told, std::vector<int>{1});
    send("b"), send("c");
    loop.run();
    EXPECT_EQ(told, (std::vector<int>{1, 2})) << "c waits for somebody who asks";
}

TEST_F(Sqs_Test, who_waits_is_told_when_a_hidden_message_comes_back_and_not_after_he_left) {
    const std::string arn = make("work", {{"VisibilityTimeout", "7"}}).arn;
    send("a");
    receive();
    int told = 0;
    auto waiting = sqs->when_ready(arn, [&] { ++told; });
    auto left = sqs->when_ready(arn, [&] { FAIL(); });
    left.reset();
    loop.advance(seconds{6});
    EXPECT_EQ(told, 0);
    loop.advance(seconds{1});
    EXPECT_EQ(told, 1);
}

TEST_F(Sqs_Test, who_waits_is_told_that_the_queue_is_gone_and_may_wait_for_its_return) {
    const std::string arn = make("work").arn;
    int told = 0;
    auto waiting = sqs->when_ready(arn, [&] { ++told; });
    sqs->remove(queue());
    loop.run();
    EXPECT_EQ(told, 1);
    make("work");
    waiting = sqs->when_ready(arn, [&] { ++told; });
    loop.run();
    EXPECT_EQ(told, 1);
    send("a");
    loop.run();
    EXPECT_EQ(told, 2);
}

TEST_F(Sqs_Test, a_queue_is_made_once_and_other_attributes_are_a_conflict) {
    const std::string id = make("work", {{"DelaySeconds", "5"}}).id;
    EXPECT_EQ(make("work", {{"DelaySeconds", "5"}}).id, id);
    EXPECT_EQ(make("work").id, id);
    const auto refused = sqs->create(account, "work", {{"DelaySeconds", "6"}}, {});
    EXPECT_EQ(refused.error().code, "QueueNameExists");
    EXPECT_EQ(sqs->create({"000000000000", "eu-west-1"}, "work", {{"DelaySeconds", "6"}}, {}).value()->arn,
              "arn:aws:sqs:eu-west-1:000000000000:work");
}

TEST_F(Sqs_Test, lists_are_by_prefix_and_page_by_page) {
    for (const char* name : {"a", "b1", "b2", "b3", "c"}) make(name);
    auto page = sqs->list(account, "b", "", 2);
    ASSERT_EQ(page.queues.size(), 2U);
    EXPECT_EQ(page.next_token, "b2");
    page = sqs->list(account, "b", page.next_token, 2);
    ASSERT_EQ(page.queues.size(), 1U);
    EXPECT_EQ(page.queues[0]->name, "b3");
    EXPECT_EQ(page.next_token, "");
}

TEST_F(Sqs_Test, an_attribute_is_taken_away_by_an_empty_text_and_numbers_go_back_to_their_defaults) {
    make("work", {{"DelaySeconds", "5"}, {"Policy", "{}"}});
    sqs->set_attributes(queue(), {{"DelaySeconds", ""}, {"Policy", ""}}).value();
    const auto left = sqs->attributes(queue(), {"All"}).value();
    EXPECT_EQ(left.at("DelaySeconds"), "0");
    EXPECT_FALSE(left.contains("Policy"));
}

TEST_F(Sqs_Test, a_queue_is_purged_once_a_minute) {
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

struct Bad_Attribute {
    const char *name, *value, *code;
};
struct Bad_Attributes_Test : Sqs_Test, testing::WithParamInterface<Bad_Attribute> {};

TEST_P(Bad_Attributes_Test, are_refused) {
    const auto made = sqs->create(account, "work", {{GetParam().name, GetParam().value}}, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Attributes, Bad_Attributes_Test,
    testing::Values(Bad_Attribute{"Nonsense", "1", "InvalidAttributeName"},
                    Bad_Attribute{"QueueArn", "x", "InvalidAttributeName"},
                    Bad_Attribute{"VisibilityTimeout", "43201", "InvalidAttributeValue"},
                    Bad_Attribute{"VisibilityTimeout", "-1", "InvalidAttributeValue"},
                    Bad_Attribute{"DelaySeconds", "1.5", "InvalidAttributeValue"},
                    Bad_Attribute{"MaximumMessageSize", "1023", "InvalidAttributeValue"},
                    Bad_Attribute{"MessageRetentionPeriod", "59", "InvalidAttributeValue"},
                    Bad_Attribute{"ReceiveMessageWaitTimeSeconds", "21", "InvalidAttributeValue"},
                    Bad_Attribute{"Policy", "no JSON", "InvalidAttributeValue"},
                    Bad_Attribute{"SqsManagedSseEnabled", "yes", "InvalidAttributeValue"},
                    Bad_Attribute{"RedrivePolicy", "{}", "InvalidParameterValue"},
                    Bad_Attribute{"RedrivePolicy", "[", "InvalidParameterValue"},
                    Bad_Attribute{"RedrivePolicy", R"({"deadLetterTargetArn":"a","maxReceiveCount":0})",
                                  "InvalidParameterValue"},
                    Bad_Attribute{"RedrivePolicy", R"({"deadLetterTargetArn":"a","maxReceiveCount":1001})",
                                  "InvalidParameterValue"},
                    Bad_Attribute{"FifoQueue", "true", "NotImplemented"}),
    [](const auto& one) { return std::string(one.param.name) + "_" + std::to_string(one.index); });

TEST_F(Sqs_Test, names_are_letters_digits_hyphens_and_underscores) {
    for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"), std::string(81, 'x')})
        EXPECT_EQ(sqs->create(account, name, {}, {}).error().code, "InvalidParameterValue") << name;
    EXPECT_EQ(sqs->create(account, "a.fifo", {}, {}).error().http_status, 501);
    EXPECT_TRUE(sqs->create(account, std::string(80, 'x'), {}, {}));
}

TEST_F(Sqs_Test, messages_that_break_a_rule_are_refused) {
    make("work", {{"MaximumMessageSize", "1024"}});
    const auto refused = [&](const std::string& body, Message_Attributes attributes = {}) {
        return error_of(
            sqs->send(queue(), {.body = body, .attributes = std::move(attributes), .trace_header = {}, .delay = {}}));
    };
    EXPECT_EQ(refused(""), "MissingParameter");
    EXPECT_EQ(refused(std::string(1024, 'x')), "");
    EXPECT_EQ(refused(std::string(1025, 'x')), "InvalidParameterValue");
    EXPECT_EQ(refused(std::string(1015, 'x'), {{"abc", {"String", "1"}}}), "InvalidParameterValue")
        << "attributes count";
    EXPECT_EQ(refused("a\x01"), "InvalidMessageContents");
    EXPECT_EQ(refused("tab\tline\n"), "");
    EXPECT_EQ(refused("a", {{"AWS.x", {"String", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(refused("a", {{"x", {"Text", "1"}}}), "InvalidParameterValue");
    EXPECT_EQ(refused("a", {{"x", {"String", ""}}}), "InvalidParameterValue");
    EXPECT_EQ(refused("a", {{"x", {"", "1"}}}), "InvalidParameterValue");
    Message_Attributes eleven;
    for (int n = 0; n < 11; ++n) eleven["a" + std::to_string(n)] = {"String", "1"};
    EXPECT_EQ(refused("a", eleven), "InvalidParameterValue");
    EXPECT_EQ(error_of(sqs->send(queue(), {.body = "a", .attributes = {}, .trace_header = {}, .delay = seconds{901}})),
              "InvalidParameterValue");
}

// Taken from what botocore computes when it checks an answer, for the same attributes.
TEST(Md5_Of_Attributes, is_what_clients_compute) {
    EXPECT_EQ(md5_of_attributes({{"kind", {"String", "order"}}}),
              base::md5_hex(std::string("\0\0\0\4kind\0\0\0\6String\1\0\0\0\5order", 28)));
    EXPECT_EQ(md5_of_attributes({{"b", {"Binary", "x"}}, {"a", {"Number", "1"}}}),
              base::md5_hex(std::string("\0\0\0\1a\0\0\0\6Number\1\0\0\0\0011\0\0\0\1b\0\0\0\6Binary\2\0\0\0\1x", 42)));
}

}  // namespace
}  // namespace osbot_aws::engine
