#include "services/lambda/running/process_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <vector>

#include "store/store.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

/// Returns the other descriptor of a pipe in this process.
int other_end(int fd) {
    const std::filesystem::path folder = "/proc/self/fd";
    const auto pipe = std::filesystem::read_symlink(folder / std::to_string(fd));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::error_code closed;
        const int other = std::stoi(entry.path().filename());
        if (other != fd && std::filesystem::read_symlink(entry.path(), closed) == pipe) return other;
    }
    return -1;
}

struct Process_Output_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Logs logs{context};
    std::shared_ptr<Function> function = std::make_shared<Function>();
    int times_written = 0;
    std::unique_ptr<Process_Output> output;
    base::Unique_Fd process;
    int read_end = -1;

    Process_Output_Test() {
        function->log_group = "/aws/lambda/hello";
        output = std::make_unique<Process_Output>(context, logs, function, [this] { ++times_written; });
        process = output->open().value();
        read_end = other_end(process.fd());
        output->watch();
    }
    void print(std::string_view text) const {
        ASSERT_EQ(::write(process.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void print_and_read(std::string_view text) {
        print(text);
        loop.fire_readable(read_end);
    }
    std::vector<std::string> logged() {
        const auto found = logs.get_events(
            function->account, {.group = function->log_group, .stream = output->log_stream(), .from_head = true});
        std::vector<std::string> lines;
        if (found)
            for (const auto& event : found->events) lines.push_back(event.message);
        return lines;
    }
    /// Waits until the store has written all events, and runs the tasks that wait for that.
    void write_log() {
        std::promise<void> written;
        store->when_durable(store->last_change(), [&](const Result<void>&) { written.set_value(); });
        written.get_future().wait();
        loop.run();
    }
};

TEST_F(Process_Output_Test, lines_of_an_event_are_logged_when_it_ends) {
    output->begin_event();
    print_and_read("one\ntwo");
    EXPECT_THAT(logged(), IsEmpty());
    print(" more");
    output->drain();
    EXPECT_EQ(output->tail(), "one\n");
    output->end_event();
    EXPECT_THAT(logged(), ElementsAre("one\n", "two more\n"));
}

TEST_F(Process_Output_Test, lines_between_events_are_logged_immediately) {
    print_and_read("unfinished");
    EXPECT_THAT(logged(), ElementsAre("unfinished\n"));
}

TEST_F(Process_Output_Test, record_of_the_runtime_is_one_event) {
    print_and_read("[ERROR] one\0\rtwo\nprinted\rby the function\r\n"sv);
    EXPECT_THAT(logged(), ElementsAre("[ERROR] one\ntwo\n", "printed\rby the function\n"));
}

TEST_F(Process_Output_Test, tail_begins_with_the_event) {
    output->begin_event();
    print_and_read("earlier\n");
    output->begin_event();
    output->capture().line("START", 1);
    EXPECT_EQ(output->tail(), "START\n");
}

TEST_F(Process_Output_Test, output_line_by_line_is_read_with_pauses) {
    print_and_read("one\n");
    print_and_read("two\n");
    EXPECT_THAT(logged(), ElementsAre("one\n")) << "the pipe is not watched during the pause";
    loop.advance(1ms);
    loop.fire_readable(read_end);
    EXPECT_THAT(logged(), ElementsAre("one\n", "two\n"));
}

TEST_F(Process_Output_Test, process_is_not_read_while_the_log_is_not_written) {
    logs.pause();
    output->begin_event();
    const std::string block = std::string(59'999, 'x') + "\n";
    for (int i = 0; i < 9; ++i) print_and_read(block);
    EXPECT_FALSE(output->is_behind());
    print_and_read(block);
    EXPECT_TRUE(output->is_behind());
    print_and_read("next\n");
    EXPECT_EQ(times_written, 0);

    write_log();
    logs.resume();
    write_log();
    EXPECT_FALSE(output->is_behind());
    EXPECT_GT(times_written, 0);
    loop.fire_readable(read_end);
    output->end_event();
    EXPECT_EQ(logged().back(), "next\n");
}

TEST_F(Process_Output_Test, closed_output_accepts_the_pipe_of_a_new_process) {
    print("last words");
    output->close();
    process = output->open().value();
    output->watch();
    read_end = other_end(process.fd());
    print_and_read(" first words\n");
    EXPECT_THAT(logged(), ElementsAre("last words first words\n"));
}

TEST_F(Process_Output_Test, end_of_the_last_writer_closes_the_pipe) {
    print("bye\n");
    process.reset();
    loop.fire_readable(read_end);
    EXPECT_THAT(logged(), ElementsAre("bye\n"));
    EXPECT_EQ(output->drain(), 0u);
    EXPECT_TRUE(output->open()) << "the environment can start another process";
}

}  // namespace
}  // namespace osbot_aws::services
