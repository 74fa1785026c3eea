// Companions of a process, with namespaces and as plain children.
#include "running.hpp"
#include "support/refusal.hpp"

namespace osbot_aws::sandbox {
namespace {

using test_support::Fails_with;
using test_support::Part;
using test_support::refusal_of;
using testing::HasSubstr;

struct Companions_Test : testing::TestWithParam<Mode> {
    void SetUp() override {
        sandbox = Sandbox::create(GetParam()).value();
        if (GetParam() == Mode::off) return;
        if (const auto reason = refusal_of(sandbox->capabilities(), Part::namespaces)) GTEST_SKIP() << *reason;
    }

    /// Adds a shell script as a companion.
    void add(const std::string& name, const std::string& script, bool executable = true) {
        const fs::path file = scratch.file("companions/" + name, "#!/bin/sh\n" + script);
        fs::permissions(file, executable ? fs::perms{0755} : fs::perms{0644});
        spec.companions.push_back(sandbox->mounts_apply() ? "/opt/" + name : file.string());
    }
    std::unique_ptr<Process> start() {
        spec.mounts = {{.source = scratch.folder("companions"), .target = "/opt"}};
        spec.companions_environment = {"PATH=/usr/bin:/bin", "NAME=companion"};
        spec.stdout_fd = output.ends[1];
        spec.companions_output_fd = companions_output.ends[1];
        return sandbox->start(spec).value();
    }
    std::unique_ptr<Sandbox> sandbox;
    Scratch scratch;
    Pipe output, companions_output;
    Process_Spec spec = shell("echo main; exit 3");
};

TEST_P(Companions_Test, main_process_starts_on_request_and_companions_run_on) {
    add("first", "echo $NAME $0; while :; do sleep 0.01; done");
    const auto process = start();
    EXPECT_THAT(companions_output.read("\n"), HasSubstr("companion " + spec.companions[0]));
    EXPECT_FALSE(wait_for(output.ends[0], 0)) << "the main process has not started";

    ASSERT_TRUE(process->start_main().has_value());

    EXPECT_EQ(output.read("main\n"), "main\n");
    EXPECT_EQ(wait_for_exit(*process).status, 3);
    EXPECT_TRUE(process->companion_exits().empty());
    process->kill();
    companions_output.close_write_end();
    EXPECT_EQ(companions_output.read(), "") << "the end of the file";
}

TEST_P(Companions_Test, exits_of_companions_are_reported) {
    add("first", "exit 5");
    add("second", "kill -9 $$");
    const auto process = start();
    std::vector<Companion_Exit> exits;
    while (exits.size() < 2 && wait_for(process->exit_fd()))
        for (const Companion_Exit& exit : process->companion_exits()) exits.push_back(exit);
    ASSERT_EQ(exits.size(), 2u);
    const Companion_Exit& first = exits[exits[0].index == 0 ? 0 : 1];
    const Companion_Exit& second = exits[exits[0].index == 0 ? 1 : 0];
    EXPECT_EQ(first.exit.status, 5);
    EXPECT_EQ(second.exit.signal, SIGKILL);
    EXPECT_FALSE(process->exit());
    ASSERT_TRUE(process->start_main().has_value());
    EXPECT_EQ(wait_for_exit(*process).status, 3);
}

TEST_P(Companions_Test, exits_of_killed_companions_are_reported_once) {
    add("first", "while :; do sleep 0.01; done");
    add("second", "exit 0");
    spec.argv = {"/bin/sh", "-c", "while :; do sleep 0.01; done"};
    const auto process = start();
    ASSERT_TRUE(process->start_main().has_value());
    std::vector<std::size_t> ended;
    const auto take_exits = [&] {
        for (const Companion_Exit& exit : process->companion_exits()) ended.push_back(exit.index);
    };
    while (ended.empty() && wait_for(process->exit_fd())) take_exits();
    process->kill();
    while ((ended.size() < 2 || !process->exit()) && wait_for(process->exit_fd())) take_exits();
    EXPECT_THAT(ended, testing::ElementsAre(1, 0));
    EXPECT_EQ(process->exit().value_or(Exit{}).signal, SIGKILL);
    EXPECT_TRUE(process->companion_exits().empty());
}

TEST_P(Companions_Test, sigterm_reaches_the_main_process_only) {
    add("first", "trap 'echo received' TERM; echo ready; while :; do sleep 0.01; done");
    spec = [&] {
        Process_Spec changed =
            shell("trap 'echo main received; exit 0' TERM; echo started; while :; do sleep 0.01; done");
        changed.companions = spec.companions;
        return changed;
    }();
    const auto process = start();
    EXPECT_EQ(companions_output.read("ready\n"), "ready\n");
    ASSERT_TRUE(process->start_main().has_value());
    EXPECT_EQ(output.read("started\n"), "started\n");
    process->terminate();
    EXPECT_EQ(output.read("main received\n"), "main received\n");
    EXPECT_EQ(wait_for_exit(*process).status, 0);
    EXPECT_FALSE(wait_for(companions_output.ends[0], 0));
}

TEST_P(Companions_Test, programs_that_cannot_start_are_named) {
    add("not_executable", "", false);
    spec.companions_output_fd = companions_output.ends[1];
    spec.mounts = {{.source = scratch.folder("companions"), .target = "/opt"}};
    const auto failed = sandbox->start(spec);
    ASSERT_THAT(failed, Fails_with("SandboxExecFailed"));
    EXPECT_EQ(failed.error().message, "executing " + spec.companions[0] + ": Permission denied");

    spec.companions.clear();
    add("runs", "while :; do sleep 0.01; done");
    spec.argv = {"/no/such/program"};
    const auto main = start()->start_main();
    ASSERT_THAT(main, Fails_with("SandboxExecFailed"));
    EXPECT_EQ(main.error().message, "executing /no/such/program: No such file or directory");
}

INSTANTIATE_TEST_SUITE_P(modes, Companions_Test, testing::Values(Mode::automatic, Mode::off),
                         [](const auto& mode) { return mode.param == Mode::off ? "plain" : "namespaces"; });

}  // namespace
}  // namespace osbot_aws::sandbox
