// Tests on hosts that refuse namespaces. The tests run this program again under without_namespaces. The inner tests,
// Refused_Inside and Engine_Inside, are not registered with ctest.
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <thread>

#include "running.hpp"
#include "support/refusal.hpp"

namespace osbot_aws::sandbox {
namespace {

using test_support::Fails_with;
using test_support::Part;
using test_support::refusal_of;
using testing::HasSubstr;

std::string this_program() { return fs::read_symlink("/proc/self/exe").string(); }

/// Runs an inner test and shows its output if it fails.
void expect_passes(const std::string& prefix, const fs::path& program, const std::string& test) {
    const std::string command = fmt::format("INSIDE=1 {} {} --gtest_filter={} 2>&1", prefix, program.string(), test);
    FILE* out = ::popen(command.c_str(), "r");
    std::string text;
    char bytes[4096];
    while (const std::size_t count = ::fread(bytes, 1, sizeof bytes, out)) text.append(bytes, count);
    EXPECT_EQ(::pclose(out), 0) << text;
    EXPECT_THAT(text, HasSubstr("[  PASSED  ] ")) << text;
}

struct Refused_Test : testing::Test {
    static void run_inner_test(const std::string& name) {
        expect_passes(WITHOUT_NAMESPACES, this_program(), "Refused_Inside." + name);
    }
};

TEST_F(Refused_Test, automatic_reports_missing_parts_and_runs) {
    run_inner_test("automatic_reports_missing_parts_and_runs");
}
TEST_F(Refused_Test, strict_fails_and_names_the_missing_part) {
    run_inner_test("strict_fails_and_names_the_missing_part");
}
TEST_F(Refused_Test, kill_includes_grandchildren) { run_inner_test("kill_includes_grandchildren"); }
TEST_F(Refused_Test, failed_exec_names_the_program) { run_inner_test("failed_exec_names_the_program"); }
TEST_F(Refused_Test, tmp_folder_is_created_and_removed) { run_inner_test("tmp_folder_is_created_and_removed"); }
TEST_F(Refused_Test, process_outlives_the_thread_that_started_it) {
    run_inner_test("process_outlives_the_thread_that_started_it");
}

/// Starts an engine that runs a function, kills the engine, and checks that the function closed its output.
void expect_function_is_killed_with_engine(std::vector<std::string> command) {
    command.insert(command.end(), {this_program(), "--gtest_filter=Engine_Inside.starts_a_function_and_waits"});
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    std::string inside = "INSIDE=1", program = "PATH=/usr/bin:/bin";
    char* const environment[] = {inside.data(), program.data(), nullptr};
    Pipe pipe;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe.ends[1], 1);
    pid_t engine = 0;
    ASSERT_EQ(::posix_spawn(&engine, arguments[0], &actions, nullptr, arguments.data(), environment), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    pipe.close_write_end();
    ASSERT_THAT(pipe.read("function runs\n"), HasSubstr("function runs\n"));

    ::kill(engine, SIGKILL);
    ::waitpid(engine, nullptr, 0);

    EXPECT_EQ(pipe.read(), "");  // returns when all processes have closed the pipe
}

TEST(Engine_Test, function_is_killed_with_the_engine) { expect_function_is_killed_with_engine({}); }
TEST(Engine_Test, function_without_namespaces_is_killed_with_the_engine) {
    expect_function_is_killed_with_engine({WITHOUT_NAMESPACES});
}

TEST(Engine_Inside, starts_a_function_and_waits) {
    if (::getenv("INSIDE") == nullptr) GTEST_SKIP() << "run by Engine_Test";
    auto sandbox = Sandbox::create(Mode::automatic).value();
    Process_Spec spec = shell("echo function runs; exec sleep 1000");
    spec.stdout_fd = 1;
    auto process = sandbox->start(spec).value();
    wait_for_exit(*process);
}

// Runs all of Sandbox_Test again as an unprivileged user.
TEST(Unprivileged_Test, sandbox_tests_pass_as_unprivileged_user) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: Sandbox_Test already ran as an unprivileged user";
    const auto sandbox = Sandbox::create(Mode::automatic).value();
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::namespaces)) GTEST_SKIP() << *reason;
    // The user may have no access to the build folder.
    const Scratch scratch;
    fs::permissions(scratch.folder("program").parent_path(), fs::perms(0755));
    const fs::path program = scratch.folder("program") / "sandbox_test";
    fs::copy_file(this_program(), program);
    expect_passes("setpriv --reuid 65534 --regid 65534 --clear-groups --", program, "Sandbox_Test.*");
}

struct Refused_Inside : testing::Test {
    void SetUp() override {
        if (::getenv("INSIDE") == nullptr) GTEST_SKIP() << "run by Refused_Test";
        ASSERT_EQ(::unshare(CLONE_NEWUSER), -1) << "this host must refuse namespaces";
    }
    Scratch scratch;
};

TEST_F(Refused_Inside, automatic_reports_missing_parts_and_runs) {
    auto sandbox = Sandbox::create(Mode::automatic).value();

    EXPECT_FALSE(sandbox->capabilities().namespaces);
    EXPECT_FALSE(sandbox->mounts_apply());
    EXPECT_THAT(sandbox->capabilities().missing,
                testing::Contains(testing::AllOf(HasSubstr("No namespaces"), HasSubstr("Operation not permitted"))));
    const Outcome outcome =
        run(*sandbox,
            shell("grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status; ulimit -n; ls /proc/self/fd | wc -l; exit 4"))
            .value();
    EXPECT_EQ(outcome.output, "NoNewPrivs:\t1\nSeccomp:\t2\n1024\n4\n");
    EXPECT_EQ(outcome.exit.status, 4);
}

TEST_F(Refused_Inside, strict_fails_and_names_the_missing_part) {
    const auto sandbox = Sandbox::create(Mode::strict);

    ASSERT_THAT(sandbox, Fails_with("SandboxUnavailable"));
    EXPECT_THAT(sandbox.error().message, HasSubstr("No namespaces"));
}

TEST_F(Refused_Inside, kill_includes_grandchildren) {
    auto sandbox = Sandbox::create(Mode::automatic).value();
    Pipe pipe;
    Process_Spec spec = shell("(sleep 1000 &); sh -c 'sleep 1000; true' & echo ready; sleep 1000");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    pipe.close_write_end();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");
    EXPECT_GT(process->memory_bytes(), 0u);

    process->kill();

    EXPECT_EQ(wait_for_exit(*process).signal, SIGKILL);
    EXPECT_EQ(pipe.read(), "");
}

TEST_F(Refused_Inside, failed_exec_names_the_program) {
    auto sandbox = Sandbox::create(Mode::automatic).value();
    Process_Spec spec;
    spec.argv = {"/no/such/program"};

    const auto started = sandbox->start(spec);

    ASSERT_THAT(started, Fails_with("SandboxExecFailed"));
    EXPECT_EQ(started.error().message, "executing /no/such/program: No such file or directory");
}

TEST_F(Refused_Inside, tmp_folder_is_created_and_removed) {
    auto sandbox = Sandbox::create(Mode::automatic).value();
    Process_Spec spec = shell("cd \"$TMPDIR\" && echo x > file && echo written");
    spec.tmp_folder = scratch.folder("environments") / "one";
    spec.environment.push_back("TMPDIR=" + spec.tmp_folder.string());

    EXPECT_EQ(run(*sandbox, spec).value().output, "written\n");
    EXPECT_FALSE(fs::exists(spec.tmp_folder));
}

TEST_F(Refused_Inside, process_outlives_the_thread_that_started_it) {
    auto sandbox = Sandbox::create(Mode::automatic).value();
    Pipe pipe;
    Process_Spec spec = shell("read line < /dev/null; sleep 0.05; echo still here");
    spec.stdout_fd = pipe.ends[1];
    std::unique_ptr<Process> process;
    std::thread([&] { process = sandbox->start(spec).value(); }).join();

    pipe.close_write_end();
    EXPECT_EQ(pipe.read(), "still here\n");
}

}  // namespace
}  // namespace osbot_aws::sandbox
