#include "base/subprocess.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>

#include "base/files.hpp"

namespace osbot_aws::base {
namespace {

using namespace std::chrono_literals;

Program shell(std::string script) {
    Program program;
    program.argv = {"sh", "-c", std::move(script)};
    return program;
}

TEST(Run_Program_Test, returns_exit_code_and_both_outputs) {
    const Temporary_Folder folder;
    Program program = shell("pwd; echo bad >&2; exit 3");
    program.folder = folder.path();
    const Program_End end = run_program(program).value();
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.output, std::filesystem::canonical(folder.path()).string() + "\n");
    EXPECT_EQ(end.errors, "bad\n");
    EXPECT_FALSE(end.timed_out);
}

TEST(Run_Program_Test, input_larger_than_a_pipe_is_sent_completely) {
    Program program = shell("cat");
    program.input.assign(1'000'000, 'x');
    EXPECT_EQ(run_program(program).value().output, program.input);
}

TEST(Run_Program_Test, closed_standard_input_is_not_an_error) {
    Program program = shell("exec 0<&-; echo done");
    program.input.assign(1'000'000, 'x');
    EXPECT_EQ(run_program(program).value().output, "done\n");
}

TEST(Run_Program_Test, empty_input_reads_as_end_of_file) { EXPECT_EQ(run_program(shell("cat")).value().output, ""); }

TEST(Run_Program_Test, environment_replaces_that_of_the_parent) {
    Program program = shell("echo $HOME-$ONLY");
    program.environment = {"ONLY=this", "PATH=/usr/bin:/bin"};
    EXPECT_EQ(run_program(program).value().output, "-this\n");
}

TEST(Run_Program_Test, timeout_kills_the_program_and_its_children) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);  // both processes inherit the write end, which closes when the last of them exits
    const Unique_Fd read_end(ends[0]);
    Unique_Fd write_end(ends[1]);
    Program program = shell("sleep 100 & sleep 100");
    program.time_max = 100ms;
    const Program_End end = run_program(program).value();
    write_end.reset();
    EXPECT_TRUE(end.timed_out);
    EXPECT_EQ(end.exit_code, 128 + SIGKILL);
    pollfd closed{read_end.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&closed, 1, 10'000), 1);
}

TEST(Run_Program_Test, timeout_kills_a_program_that_closed_its_output) {
    Program program = shell("exec >&- 2>&-; sleep 100");
    program.time_max = 100ms;
    EXPECT_TRUE(run_program(program).value().timed_out);
}

TEST(Run_Program_Test, cancellation_kills_the_program_and_its_children) {
    const Unique_Fd cancellation(::eventfd(1, EFD_CLOEXEC));
    cancellation_fd = cancellation.fd();
    const Program_End with_output = run_program(shell("sleep 100 & sleep 100")).value();
    const Program_End without_output = run_program(shell("exec >&- 2>&-; sleep 100")).value();
    cancellation_fd = -1;
    EXPECT_EQ(with_output.exit_code, 128 + SIGKILL);
    EXPECT_EQ(without_output.exit_code, 128 + SIGKILL);
}

TEST(Run_Program_Test, background_process_does_not_delay_the_end) {
    const Program_End end = run_program(shell("sleep 100 & echo done; exit 3")).value();
    EXPECT_FALSE(end.timed_out);
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.output, "done\n");
}

TEST(Run_Program_Test, output_above_the_limit_is_dropped) {
    Program program = shell("head -c 1000000 /dev/zero");
    program.output_bytes_max = 1000;
    const Program_End end = run_program(program).value();
    EXPECT_EQ(end.output.size(), 1000u);
    EXPECT_EQ(end.exit_code, 0);
}

TEST(Run_Program_Test, output_together_preserves_the_order) {
    Program program = shell("echo a; echo b >&2; echo c");
    program.output_together = true;
    EXPECT_EQ(run_program(program).value().output, "a\nb\nc\n");
}

TEST(Run_Program_Test, missing_program_fails_with_its_path) {
    Program program;
    program.argv = {"/not/there"};
    const auto end = run_program(program);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().message, "cannot run /not/there: No such file or directory");
}

}  // namespace
}  // namespace osbot_aws::base
