// Tasks that move messages from a dead-letter queue. "Recorded" is a response of AWS in localstack,
// tests/aws/services/sqs/test_sqs_move_task.snapshot.json; the name of its test follows.
#include "services/sqs/move_tasks.hpp"

#include "base/encoding.hpp"
#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::seconds;

struct Move_Tasks_Test : Sqs_World {
    std::string work, dead;

    Move_Tasks_Test() {
        dead = make("dead").arn;
        work = make("work", {{"VisibilityTimeout", "0"},
                             {"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":1})"}})
                   .arn;
        make("target");
    }
    /// Sends messages and moves them to the dead-letter queue.
    void fill(int count) {
        for (int number = 0; number < count; ++number) try_send("work", std::to_string(number)).value();
        for (int receives = 0; receives < 2; ++receives)
            while (!receive("work").empty()) {}
        ASSERT_EQ(attribute("dead", "ApproximateNumberOfMessages"), std::to_string(count));
    }
    std::string start(std::optional<int> per_second = {}, const std::string& to = "target") {
        const std::string destination = to.empty() ? "" : queue(to).arn;
        return sqs->move_tasks()
            .start({.source_arn = dead, .destination_arn = destination, .per_second = per_second})
            .value()
            ->handle();
    }
    const Move_Task& last() { return *sqs->move_tasks().list(dead).front(); }
};
using Status = Move_Task::Status;

// Recorded: test_basic_move_task_workflow
TEST_F(Move_Tasks_Test, moves_all_messages_as_new_ones) {
    fill(250);
    const std::string id = receive("dead", {.max = 1, .visibility = seconds{0}})[0].message.id;
    start();
    loop.advance(seconds{0});
    EXPECT_EQ(last().status, Status::completed);
    EXPECT_EQ(last().moved, 250U);
    EXPECT_EQ(last().to_move, 250U);
    EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "0");
    const auto moved = receive("target");
    EXPECT_EQ(bodies_of(moved).front(), "0");
    EXPECT_NE(moved[0].message.id, id);
    EXPECT_EQ(moved[0].message.receive_count, 1);
    EXPECT_EQ(moved[0].message.dead_letter_source, "");
}

// Recorded: test_move_task_workflow_with_default_destination
TEST_F(Move_Tasks_Test, messages_return_to_their_queue) {
    fill(2);
    start({}, "");
    loop.advance(seconds{0});
    EXPECT_EQ(last().status, Status::completed);
    EXPECT_EQ(bodies("work"), (Strings{"0", "1"}));
}

TEST_F(Move_Tasks_Test, fails_if_a_message_has_no_source) {
    try_send("dead", "own").value();
    start({}, "");
    loop.advance(seconds{0});
    EXPECT_EQ(last().status, Status::failed);
    EXPECT_EQ(last().failure, "CouldNotDetermineMessageSource");
    EXPECT_EQ(bodies("dead"), Strings{"own"});
}

// Recorded: test_move_task_cancel
TEST_F(Move_Tasks_Test, rate_is_kept_until_the_task_is_cancelled) {
    fill(10);
    const std::string handle = start(2);
    loop.advance(seconds{0});
    EXPECT_EQ(last().moved, 2U);
    loop.advance(seconds{2});
    EXPECT_EQ(last().moved, 4U);
    EXPECT_EQ(last().status, Status::running);
    EXPECT_EQ(sqs->move_tasks().cancel(handle).value()->moved, 4U);
    loop.advance(seconds{5});
    EXPECT_EQ(last().status, Status::cancelled);
    EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "6");
    EXPECT_EQ(sqs->move_tasks().cancel(handle).error().message, "Task does not exist.");
}

// Recorded: test_start_multiple_move_tasks
TEST_F(Move_Tasks_Test, only_one_task_of_a_queue_runs) {
    fill(2);
    start(1);
    EXPECT_EQ(sqs->move_tasks().start({.source_arn = dead}).error().message,
              "There is already a task running. Only one active task is allowed for a source queue arn at a given "
              "time.");
}

// Recorded: test_move_task_delete_destination_queue_while_running
TEST_F(Move_Tasks_Test, fails_when_the_destination_is_deleted) {
    fill(5);
    start(1);
    loop.advance(seconds{3});
    sqs->remove(queue("target"));
    loop.advance(seconds{1});
    EXPECT_EQ(last().status, Status::failed);
    EXPECT_EQ(last().failure, "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(last().moved, 3U);
    EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "2");
}

TEST_F(Move_Tasks_Test, continues_after_a_restart) {
    fill(5);
    start(1);
    loop.advance(seconds{2});
    restart();
    EXPECT_EQ(last().moved, 2U);
    loop.advance(seconds{4});
    EXPECT_EQ(last().status, Status::completed);
    EXPECT_EQ(last().moved, 5U);
    EXPECT_EQ(bodies("target").size(), 5U);
}

TEST_F(Move_Tasks_Test, ten_tasks_are_kept_until_the_queue_is_deleted) {
    for (int number = 0; number < 12; ++number) {
        loop.advance(seconds{1});
        start();
        loop.advance(seconds{0});
    }
    EXPECT_EQ(sqs->move_tasks().list(dead).size(), Move_Tasks::tasks_of_queue_max);
    restart();
    const auto tasks = sqs->move_tasks().list(dead);
    ASSERT_EQ(tasks.size(), Move_Tasks::tasks_of_queue_max);
    EXPECT_GT(tasks.front()->started_at, tasks.back()->started_at);
    sqs->remove(queue("dead"));
    EXPECT_TRUE(store->load("sqs.move_task").empty());
}

// Recorded: test_cancel_with_invalid_task_handle, test_cancel_with_invalid_source_arn_in_task_handle,
// test_cancel_with_invalid_task_id_in_task_handle
TEST_F(Move_Tasks_Test, invalid_handles_are_named) {
    const auto cancel = [&](const std::string& handle) {
        return sqs->move_tasks().cancel(base::base64_encode(handle)).error().message;
    };
    for (const char* invalid : {"", "garbage", "[]", "{}", R"({"taskId":1,"sourceArn":"a"})"})
        EXPECT_EQ(cancel(invalid), "Value for parameter TaskHandle is invalid.");
    EXPECT_EQ(cancel(R"({"taskId":"t","sourceArn":"arn:aws:sqs:us-east-1:000000000000:none"})"),
              "The resource that you specified for the SourceArn parameter doesn't exist.");
    EXPECT_EQ(cancel(R"({"taskId":"t","sourceArn":")" + dead + R"("})"), "Task does not exist.");
}

TEST_F(Move_Tasks_Test, tasks_between_two_queues_end) {
    const std::string target = queue("target").arn;
    for (const char* name : {"dead", "target"})
        for (int number = 0; number < 3; ++number) try_send(name, name).value();
    start(1);
    sqs->move_tasks().start({.source_arn = target, .destination_arn = dead, .per_second = 1}).value();
    restart();
    loop.advance(seconds{60});
    for (const std::string& source : {dead, target}) {
        const Move_Task& task = *sqs->move_tasks().list(source).front();
        EXPECT_EQ(task.status, Status::completed);
        EXPECT_EQ(task.moved, 3U) << "those that arrived after the start stay";
    }
    EXPECT_EQ(bodies("target"), Strings(3, "dead"));
}

}  // namespace
}  // namespace osbot_aws::services
