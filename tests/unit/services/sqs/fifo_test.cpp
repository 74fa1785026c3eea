// FIFO queues. "Recorded" is a response of AWS in localstack, tests/aws/services/sqs/test_sqs.py; the name of its test
// follows.
#include "base/random.hpp"
#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Fifo_Test : Sqs_World {
    const std::string name = "work.fifo";

    /// Sends "g1-m1" to the group g1.
    Message send(const std::string& body, std::optional<std::string> deduplication_id = {}) {
        return try_send(name, body, body.substr(0, body.find('-')), std::move(deduplication_id)).value();
    }
    void send_all(const Strings& all) {
        for (const std::string& body : all) send(body);
    }
    Strings next(std::size_t max = 10, std::optional<seconds> visibility = {}) {
        return bodies(name, {.max = max, .visibility = visibility});
    }
    std::vector<Received_Message> take(std::size_t max = 10, std::optional<seconds> visibility = {}) {
        return receive(name, {.max = max, .visibility = visibility});
    }
    Result<void> erase(const Received_Message& received) {
        return sqs->delete_message(queue(name), received.receipt_handle);
    }
    void change(const Received_Message& received, seconds timeout) {
        sqs->change_visibility(queue(name), received.receipt_handle, timeout).value();
    }
};

// ---- order ----------------------------------------------------------------------------------------------------------

// Recorded: test_fifo_receive_message_group_id_ordering
TEST_F(Fifo_Test, messages_are_received_group_by_group) {
    make_fifo(name);
    send_all({"g1-m1", "g2-m1", "g1-m2", "g1-m3"});
    EXPECT_EQ(next(), (Strings{"g1-m1", "g1-m2", "g1-m3", "g2-m1"}));
}

// Recorded: test_fifo_receive_message_visibility_timeout_shared_in_group
TEST_F(Fifo_Test, group_waits_while_one_of_its_messages_is_hidden) {
    make_fifo(name, {{"VisibilityTimeout", "1"}});
    send_all({"g1-m1", "g1-m2", "g1-m3", "g1-m4", "g2-m1", "g3-m1"});
    EXPECT_EQ(next(2), (Strings{"g1-m1", "g1-m2"}));
    EXPECT_EQ(next(1), Strings{"g2-m1"});
    loop.advance(seconds{2});
    EXPECT_EQ(next(), (Strings{"g3-m1", "g1-m1", "g1-m2", "g1-m3", "g1-m4", "g2-m1"}));
}

// Recorded: test_fifo_receive_message_with_zero_visibility_timeout
TEST_F(Fifo_Test, groups_take_turns) {
    make_fifo(name);
    send_all({"g1-m1", "g2-m1", "g2-m2", "g3-m1", "g1-m2"});
    EXPECT_EQ(next(3, seconds{0}), (Strings{"g1-m1", "g1-m2", "g2-m1"}));
    EXPECT_EQ(next(10, seconds{0}), (Strings{"g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2"}));
}

// Recorded: test_fifo_message_group_visibility_after_terminate_visibility_timeout
TEST_F(Fifo_Test, messages_before_a_hidden_one_are_received) {
    make_fifo(name);
    send_all({"g1-m1", "g1-m2", "g2-m1"});
    const auto received = take(2);
    change(received[0], seconds{0});
    EXPECT_EQ(next(3), (Strings{"g2-m1", "g1-m1"}));
}

// Recorded: test_fifo_group_visibility_extends_with_change_message_visibility
TEST_F(Fifo_Test, messages_after_an_extended_one_wait) {
    for (const std::size_t position : {0U, 1U, 2U}) {
        make_fifo(name, {{"VisibilityTimeout", "1"}});
        const Strings all{"1-foo", "1-bar", "1-baz"};
        send_all(all);
        change(take()[position], seconds{4});
        loop.advance(seconds{2});
        EXPECT_EQ(next(), Strings(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(position)));
        sqs->remove(queue(name));
    }
}

// Recorded: test_fifo_message_group_visibility_after_partial_delete
TEST_F(Fifo_Test, group_waits_until_all_received_messages_are_deleted) {
    make_fifo(name);
    send_all({"g1-m1", "g2-m1", "g1-m2", "g2-m2", "g1-m3", "g1-m4", "g3-m1"});
    const auto received = take(2);
    ASSERT_TRUE(erase(received[0]));
    EXPECT_EQ(next(), (Strings{"g2-m1", "g2-m2", "g3-m1"}));
    ASSERT_TRUE(erase(received[1]));
    EXPECT_EQ(next(), (Strings{"g1-m3", "g1-m4"}));
}

// Recorded: test_fifo_empty_message_groups_added_back_to_queue
TEST_F(Fifo_Test, emptied_group_is_used_again) {
    make_fifo(name);
    send("g1-m1");
    ASSERT_TRUE(erase(take()[0]));
    EXPECT_EQ(next(), Strings{});
    send("g1-m2");
    EXPECT_EQ(next(), Strings{"g1-m2"});
}

// Recorded: test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay,
// test_fifo_queue_send_message_with_delay_seconds_fails
TEST_F(Fifo_Test, delay_is_that_of_the_queue) {
    make_fifo(name, {{"DelaySeconds", "2"}});
    Send_Message request{.body = "g-m", .attributes = {}, .trace_header = {}, .group_id = "g", .delay = seconds{0}};
    ASSERT_TRUE(sqs->send(queue(name), request));
    EXPECT_EQ(next(), Strings{});
    loop.advance(seconds{2});
    EXPECT_EQ(next(), Strings{"g-m"});
    request.delay = seconds{2};
    EXPECT_EQ(error_of(sqs->send(queue(name), request)),
              "InvalidParameterValue: Value 2 for parameter DelaySeconds is invalid. Reason: The request include "
              "parameter that is not valid for this queue type.");
}

// Recorded: test_fifo_approximate_number_of_messages_not_visible
TEST_F(Fifo_Test, only_received_messages_count_as_in_flight) {
    make_fifo(name);
    send_all({"1-a", "1-b", "2-c", "2-d", "3-e", "3-f"});
    take(1), take(1);
    EXPECT_EQ(attribute(name, "ApproximateNumberOfMessages"), "4");
    EXPECT_EQ(attribute(name, "ApproximateNumberOfMessagesNotVisible"), "2");
}

// Recorded: test_fifo_message_group_visibility
TEST_F(Fifo_Test, waiter_gets_the_next_message_when_one_is_deleted) {
    const std::string arn = make_fifo(name).arn;
    send("g-1");
    const auto first = take();
    Strings received;
    auto waiting = sqs->when_ready(arn, [&] { received = next(); });
    send("g-2");
    loop.run();
    EXPECT_EQ(received, Strings{}) << "the group waits";
    ASSERT_TRUE(erase(first[0]));
    loop.run();
    EXPECT_EQ(received, Strings{"g-2"});
}

// A receive of a queue with the maximum of messages in flight returns none, so waiters must not be called in a loop.
TEST_F(Fifo_Test, queue_with_too_many_in_flight_is_not_ready) {
    Queue full;
    full.settings.fifo = true;
    const base::Time now = context.now(), later = now + seconds{30};
    const Message message{.id = base::uuid4(), .body = "m", .sent_at = now, .visible_at = now};
    const auto add = [&](std::size_t group) {
        Message added = message;
        added.group_id = std::to_string(group);
        return full.add(added, now);
    };
    const Queue::Sequence first = add(0);
    full.receive(first, now, later);
    for (std::size_t group = 1; group < Queue::in_flight_max; ++group) full.receive(add(group), now, later);
    add(Queue::in_flight_max);
    EXPECT_FALSE(full.ready(now));
    full.take(first);
    EXPECT_TRUE(full.ready(now));
}

// A waiter is called only if a receive returns a message: the two must agree on which messages wait for their group.
TEST_F(Fifo_Test, queue_is_ready_if_a_message_is_receivable) {
    make_fifo(name, {{"VisibilityTimeout", "10"}});
    const auto agree = [&] {
        const auto received = take(1, seconds{0});
        bool is_ready = false;
        auto waiting = sqs->when_ready(queue(name).arn, [&] { is_ready = true; });
        loop.run();
        EXPECT_EQ(is_ready, !received.empty());
        return is_ready;
    };
    EXPECT_FALSE(agree());
    send_all({"g1-m1", "g1-m2"});
    EXPECT_TRUE(agree());
    const auto first = take(1);
    EXPECT_FALSE(agree()) << "m2 waits for m1";
    send("g2-m1");
    EXPECT_TRUE(agree());
    take(1);
    EXPECT_FALSE(agree());
    ASSERT_TRUE(erase(first[0]));
    EXPECT_TRUE(agree());
}

TEST_F(Fifo_Test, order_survives_a_restart) {
    make_fifo(name);
    send_all({"g1-m1", "g2-m1", "g1-m2"});
    take(1);
    restart();
    EXPECT_EQ(next(), Strings{"g2-m1"});
    loop.advance(seconds{30});
    EXPECT_EQ(next(), (Strings{"g1-m1", "g1-m2", "g2-m1"}));
}

// ---- handles --------------------------------------------------------------------------------------------------------

// Recorded: test_fifo_delete_after_visibility_timeout, test_fifo_delete_after_visibility_timeout_extended
TEST_F(Fifo_Test, expired_handle_does_not_delete) {
    make_fifo(name, {{"VisibilityTimeout", "1"}});
    send("g-m");
    auto received = take();
    loop.advance(seconds{1});
    EXPECT_EQ(erase(received[0]).error().message, "Value " + received[0].receipt_handle +
                                                      " for parameter ReceiptHandle is invalid. Reason: The receipt "
                                                      "handle has expired.");
    EXPECT_EQ(sqs->change_visibility(queue(name), received[0].receipt_handle, seconds{5}).error().code,
              "InvalidParameterValue");
    received = take();
    change(received[0], seconds{5});
    loop.advance(seconds{2});
    EXPECT_TRUE(erase(received[0]));
    EXPECT_TRUE(erase(received[0])) << "deleting twice succeeds";
    EXPECT_EQ(next(), Strings{});
}

// ---- deduplication --------------------------------------------------------------------------------------------------

TEST_F(Fifo_Test, duplicate_gets_the_id_and_number_of_the_first) {
    make_fifo(name);
    const Message first = send("g-m", "d"), again = send("g-other", "d");
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.sequence_number, first.sequence_number);
    EXPECT_EQ(next(), Strings{"g-m"});
}

// Recorded: test_fifo_deduplication_arrives_once_after_delete, test_deduplication_interval
TEST_F(Fifo_Test, window_is_five_minutes_from_the_first_message) {
    make_fifo(name);
    send("g-m");
    ASSERT_TRUE(erase(take()[0]));
    loop.advance(minutes{4});
    send("g-m");  // a duplicate, which does not renew the window
    EXPECT_EQ(next(), Strings{});
    loop.advance(minutes{1});
    send("g-m");
    EXPECT_EQ(next(), Strings{"g-m"});
    EXPECT_EQ(store->load("sqs.deduplication").size(), 1U);
}

TEST_F(Fifo_Test, window_and_numbers_survive_a_restart) {
    make_fifo(name);
    const Message first = send("g-m");
    ASSERT_TRUE(erase(take()[0]));
    restart();
    EXPECT_EQ(send("g-m").id, first.id);
    EXPECT_EQ(next(), Strings{});
    const Message other = send("g-other");
    EXPECT_GT(other.sequence_number, first.sequence_number);
    EXPECT_EQ(first.sequence_number.size(), 20U);
    EXPECT_EQ(other.sequence_number.size(), 20U);
    restart();
    EXPECT_EQ(take()[0].message.sequence_number, other.sequence_number);
}

// Recorded: test_sqs_fifo_same_dedup_id_different_message_groups, test_fifo_high_throughput_ordering
TEST_F(Fifo_Test, scope_is_the_queue_or_the_group) {
    make_fifo(name);
    send("g1-m", "d"), send("g2-m", "d");
    EXPECT_EQ(next(), Strings{"g1-m"});
    make_fifo("group.fifo", {{"DeduplicationScope", "messageGroup"}, {"FifoThroughputLimit", "perMessageGroupId"}});
    for (const char* group : {"g1", "g2", "g2"}) try_send("group.fifo", group, group, "d").value();
    EXPECT_EQ(bodies("group.fifo"), (Strings{"g1", "g2"}));
}

// Recorded: test_fifo_change_to_high_throughput_after_creation. AWS documents that changes of attributes take up to a
// minute.
TEST_F(Fifo_Test, change_of_scope_takes_effect_after_a_minute) {
    make_fifo(name);
    send("g1-m", "d");
    sqs->set_attributes(queue(name), {{"DeduplicationScope", "messageGroup"}}).value();
    send("g2-m", "d");
    EXPECT_EQ(next(), Strings{"g1-m"});
    restart();
    loop.advance(seconds{60});
    send("g3-m", "d"), send("g3-m", "d");
    EXPECT_EQ(next(), (Strings{"g1-m", "g3-m"}));
    sqs->set_attributes(queue(name), {{"DeduplicationScope", "queue"}}).value();
    sqs->set_attributes(queue(name), {{"DeduplicationScope", "messageGroup"}}).value();
    send("g4-m", "d");
    EXPECT_EQ(next(), Strings{"g4-m"}) << "two changes within a minute";
}

// Recorded: test_purge_queue_clears_fifo_deduplication_cache
TEST_F(Fifo_Test, purge_forgets_earlier_messages) {
    make_fifo(name);
    send("g-m");
    sqs->purge(queue(name)).value();
    EXPECT_TRUE(store->load("sqs.deduplication").empty());
    restart();
    send("g-m");
    EXPECT_EQ(next(), Strings{"g-m"});
}

// Recorded: test_posting_to_fifo_requires_deduplicationid_group_id, test_message_deduplication_id_invalid
TEST_F(Fifo_Test, missing_and_invalid_ids_are_rejected) {
    make_fifo(name, {{"ContentBasedDeduplication", "false"}});
    EXPECT_EQ(error_of(try_send(name, "m", {}, "d")),
              "MissingParameter: The request must contain the parameter MessageGroupId.");
    EXPECT_EQ(error_of(try_send(name, "m", "g")),
              "InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or "
              "MessageDeduplicationId provided explicitly");
    const std::string reason = " can only include alphanumeric and punctuation characters. 1 to 128 in length.";
    for (const std::string& invalid : {std::string(), std::string(129, 'a'), std::string("group 123")}) {
        EXPECT_EQ(error_of(try_send(name, "m", "g", invalid)), "InvalidParameterValue: Value " + invalid +
                                                                   " for parameter MessageDeduplicationId is invalid. "
                                                                   "Reason: MessageDeduplicationId" +
                                                                   reason);
        EXPECT_EQ(error_of(try_send(name, "m", invalid, "d")), "InvalidParameterValue: Value " + invalid +
                                                                   " for parameter MessageGroupId is invalid. "
                                                                   "Reason: MessageGroupId" +
                                                                   reason);
    }
    EXPECT_EQ(error_of(try_send(name, "m", "g", std::string(128, 'a'))), "");
}

TEST_F(Fifo_Test, deduplication_id_is_returned_or_computed) {
    make_fifo(name);
    send("g-m"), send("g-n", "mine");
    const auto received = take();
    EXPECT_EQ(received[0].message.system_attributes().at("MessageDeduplicationId"), content_deduplication_id("g-m"));
    EXPECT_EQ(received[1].message.system_attributes().at("MessageDeduplicationId"), "mine");
}

// ---- attempts -------------------------------------------------------------------------------------------------------

TEST_F(Fifo_Test, repeated_attempt_gets_the_same_messages) {
    make_fifo(name);
    send_all({"g-1", "g-2", "h-1"});
    const Receive_Message request{.max = 2, .attempt_id = "attempt"};
    const auto first = receive(name, request);
    loop.advance(seconds{20});
    restart();
    const auto again = receive(name, request);
    EXPECT_EQ(bodies_of(again), (Strings{"g-1", "g-2"}));
    EXPECT_EQ(again[0].receipt_handle, first[0].receipt_handle);
    EXPECT_EQ(again[0].message.receive_count, 1);
    loop.advance(seconds{20});
    EXPECT_EQ(next(), Strings{"h-1"}) << "the repetition renewed the visibility timeout";
    ASSERT_TRUE(erase(first[0]));
    EXPECT_EQ(bodies(name, request), Strings{}) << "a message was deleted since";
}

TEST_F(Fifo_Test, attempt_ends_with_a_change_or_the_timeout) {
    make_fifo(name);
    send_all({"g-1"});
    const Receive_Message request{.attempt_id = "attempt"};
    change(receive(name, request)[0], seconds{60});
    EXPECT_EQ(bodies(name, request), Strings{});
    loop.advance(seconds{60});
    EXPECT_EQ(receive(name, request)[0].message.receive_count, 2);
    loop.advance(minutes{5});
    receive(name, {.attempt_id = "other"});
    EXPECT_EQ(store->load("sqs.receive_attempt").size(), 1U);
}

// ---- dead letters ---------------------------------------------------------------------------------------------------

// Recorded: test_dead_letter_queue_with_fifo_and_content_based_deduplication
TEST_F(Fifo_Test, dead_letters_leave_their_group) {
    const std::string dead = make_fifo("dead.fifo").arn;
    make_fifo(name, {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":2})"}});
    send_all({"g-1", "g-2"});
    for (int n = 0; n < 2; ++n) EXPECT_EQ(next(1, seconds{0}), Strings{"g-1"});
    EXPECT_EQ(next(1), Strings{"g-2"});
    const auto moved = receive("dead.fifo");
    ASSERT_EQ(bodies_of(moved), Strings{"g-1"});
    EXPECT_EQ(moved[0].message.group_id, "g");
    EXPECT_EQ(moved[0].message.dead_letter_source, queue(name).arn);
}

TEST_F(Fifo_Test, dead_letter_queue_has_the_type_of_its_source) {
    const std::string standard = make("standard").arn;
    const auto created =
        sqs->create(account, name,
                    {{"FifoQueue", "true"},
                     {"RedrivePolicy", R"({"deadLetterTargetArn":")" + standard + R"(","maxReceiveCount":2})"}},
                    {});
    EXPECT_NE(created.error().message.find("Dead-letter queue must be same type of queue as the source."),
              std::string::npos);
}

// ---- attributes -----------------------------------------------------------------------------------------------------

// Recorded: test_fifo_set_content_based_deduplication_strategy, test_set_unsupported_attribute_fifo
TEST_F(Fifo_Test, attributes_have_defaults_and_cannot_change_the_type) {
    make(name, {{"FifoQueue", "True"}});
    EXPECT_EQ(attribute(name, "FifoQueue"), "true");
    EXPECT_EQ(attribute(name, "ContentBasedDeduplication"), "false");
    EXPECT_EQ(attribute(name, "DeduplicationScope"), "queue");
    EXPECT_EQ(attribute(name, "FifoThroughputLimit"), "perQueue");
    EXPECT_TRUE(sqs->set_attributes(queue(name), {{"FifoQueue", "true"}}));
    EXPECT_EQ(sqs->set_attributes(queue(name), {{"FifoQueue", "false"}}).error().message,
              "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
    EXPECT_EQ(sqs->set_attributes(queue(name), {{"FifoThroughputLimit", "perMessageGroupId"}}).error().code,
              "InvalidAttributeValue");
    EXPECT_EQ(sqs->set_attributes(queue(name), {{"DeduplicationScope", "group"}}).error().code,
              "InvalidAttributeValue");
}

}  // namespace
}  // namespace osbot_aws::services
