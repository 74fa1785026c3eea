// Simulates hosts that differ from the one that runs the tests.
#include <errno.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"
#include "running.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/kernel.hpp"
#include "support/apparmor_host.hpp"

namespace osbot_aws::sandbox {
namespace {

using test_support::Apparmor_Kernel;
using test_support::Fails_with;
using testing::HasSubstr;

std::string text_of(const fs::path& file) { return base::read_file(file).value(); }
void put(const fs::path& file, const std::string& text) { base::write_file(file, text).value(); }

/// Simulates the control groups of a host with cgroup v2 only in a temporary folder, with the rules of cgroups(7). This
/// process is in the group /service.
class Unified_Kernel final : public Kernel {
public:
    explicit Unified_Kernel(const std::string& controllers = "cpu memory pids") {
        fs::create_directories(folder_.path() / "proc/self");
        put(folder_.path() / "proc/self/cgroup", "0::/service\n");
        put(folder_.path() / "proc/self/mountinfo",
            fmt::format("24 1 8:1 / / rw - ext4 /dev/root rw\n30 24 0:26 / {} rw,nosuid shared:4 - cgroup2 cgroup2 "
                        "rw,nsdelegate\n",
                        top().string()));
        fs::create_directory(top());
        put(top() / "cgroup.subtree_control", controllers + "\n");
        make_group(service());
        put(service() / "cgroup.procs", fmt::format("{}\n", ::getpid()));
    }

    fs::path top() const { return folder_.path() / "cgroup"; }
    fs::path service() const { return top() / "service"; }
    bool delegated = true;  ///< systemd's Delegate=yes

    fs::path proc() const override { return folder_.path() / "proc"; }

    int make_group(const fs::path& folder) const override {
        if (!delegated) return EACCES;
        if (fs::exists(folder)) return EEXIST;
        fs::create_directory(folder);
        const std::string controllers = text_of(folder.parent_path() / "cgroup.subtree_control");
        put(folder / "cgroup.controllers", controllers);
        for (const char* name : {"cgroup.subtree_control", "cgroup.procs", "cgroup.freeze"}) put(folder / name, "");
        if (controllers.find("memory") != std::string::npos)
            for (const char* name : {"memory.max", "memory.swap.max", "memory.events"}) put(folder / name, "");
        if (controllers.find("pids") != std::string::npos) put(folder / "pids.max", "");
        return 0;
    }

    int remove_group(const fs::path& folder) const override {
        if (!text_of(folder / "cgroup.procs").empty()) return EBUSY;
        fs::remove_all(folder);
        return 0;
    }

    int write(const fs::path& file, const std::string& text) const override {
        if (!delegated) return EACCES;
        if (file.filename() == "cgroup.subtree_control") {
            if (!text_of(file.parent_path() / "cgroup.procs").empty()) return EBUSY;  // "no internal processes"
            put(file, text_of(file) + text.substr(1) + "\n");
        } else if (file.filename() == "cgroup.procs") {
            put(service() / "cgroup.procs", "");
            put(file, fmt::format("{}\n", ::getpid()));
        } else {
            return Kernel::write(file, text);
        }
        return 0;
    }

private:
    base::Temporary_Folder folder_;
};

TEST(Unified_Cgroup_Test, delegated_group_gets_a_leaf_for_the_engine) {
    const Unified_Kernel kernel;

    const auto parent = Cgroup_Parent::find(kernel);

    ASSERT_TRUE(parent.has_value());
    EXPECT_EQ(parent->folder(), kernel.service());
    EXPECT_EQ(text_of(kernel.service() / "cgroup.procs"), "");
    EXPECT_EQ(text_of(kernel.service() / "osbot_engine/cgroup.procs"), fmt::format("{}\n", ::getpid()));
    EXPECT_EQ(text_of(kernel.service() / "cgroup.subtree_control"), "memory\npids\n");
}

TEST(Unified_Cgroup_Test, function_group_limits_memory_without_swap) {
    const Unified_Kernel kernel;
    const auto parent = Cgroup_Parent::find(kernel).value();
    const auto groups = [&] {
        return std::count_if(fs::directory_iterator(kernel.service()), {}, [](const auto& entry) {
            return entry.path().filename().string().starts_with("osbot_aws.");
        });
    };

    auto group = parent.create(64u << 20);

    ASSERT_TRUE(group.has_value());
    ASSERT_EQ(groups(), 1);
    for (const auto& entry : fs::directory_iterator(kernel.service())) {
        if (!entry.path().filename().string().starts_with("osbot_aws.")) continue;
        EXPECT_EQ(text_of(entry.path() / "memory.max"), "67108864");
        EXPECT_EQ(text_of(entry.path() / "memory.swap.max"), "0");
        EXPECT_FALSE((*group)->killed_for_memory());
        put(entry.path() / "memory.events", "low 0\noom 1\noom_kill 1\n");
        EXPECT_TRUE((*group)->killed_for_memory());
    }
    group->reset();
    EXPECT_EQ(groups(), 0);
}

TEST(Unified_Cgroup_Test, function_group_limits_processes) {
    const Unified_Kernel kernel;
    const auto parent = Cgroup_Parent::find(kernel).value();
    EXPECT_FALSE(parent.pids_error());

    const auto group = parent.create(64u << 20);

    ASSERT_TRUE(group.has_value());
    int limited = 0;
    for (const auto& entry : fs::directory_iterator(kernel.service()))
        if (entry.path().filename().string().starts_with("osbot_aws."))
            limited += text_of(entry.path() / "pids.max") == std::to_string(processes_and_threads_max);
    EXPECT_EQ(limited, 1);
}

TEST(Unified_Cgroup_Test, function_group_can_be_frozen) {
    const Unified_Kernel kernel;
    const auto parent = Cgroup_Parent::find(kernel).value();
    EXPECT_FALSE(parent.freezer_error());
    const auto group = parent.create(64u << 20).value();
    const auto state = [&] {
        std::string text;
        for (const auto& entry : fs::directory_iterator(kernel.service()))
            if (entry.path().filename().string().starts_with("osbot_aws."))
                text += text_of(entry.path() / "cgroup.freeze");
        return text;
    };
    EXPECT_EQ(group->open_procs().size(), 1u);
    ASSERT_TRUE(group->set_frozen(true));
    EXPECT_EQ(state(), "1");
    ASSERT_TRUE(group->set_frozen(false));
    EXPECT_EQ(state(), "0");
}

TEST(Unified_Cgroup_Test, processes_of_a_killed_engine_are_killed) {
    const pid_t engine = ::fork();
    if (engine == 0) ::_exit(0);
    ASSERT_EQ(::waitpid(engine, nullptr, 0), engine);
    const pid_t orphan = ::fork();
    if (orphan == 0) {
        ::pause();
        ::_exit(0);
    }
    const Unified_Kernel kernel;
    const fs::path group = kernel.service() / fmt::format("osbot_aws.{}.0.", engine);
    kernel.make_group(group);
    put(group / "cgroup.procs", fmt::format("{}\n", orphan));

    ASSERT_TRUE(Cgroup_Parent::find(kernel).has_value());

    int status = 0;
    ASSERT_EQ(::waitpid(orphan, &status, 0), orphan);
    EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(Unified_Cgroup_Test, group_without_pids_controller_limits_memory_only) {
    const Unified_Kernel kernel("memory");

    const auto parent = Cgroup_Parent::find(kernel);

    ASSERT_TRUE(parent.has_value());
    ASSERT_TRUE(parent->pids_error());
    EXPECT_THAT(parent->pids_error()->message, HasSubstr("has no pids controller"));
    EXPECT_TRUE(parent->create(64u << 20).has_value());
}

/// A host with cgroup v1, where each controller has its own hierarchy.
class Separate_Kernel final : public Kernel {
public:
    /// `unified`: the freezer of cgroup v2 is available beside the controllers of v1.
    explicit Separate_Kernel(bool unified = false) {
        fs::create_directories(folder_.path() / "proc/self");
        put(folder_.path() / "proc/self/cgroup", "4:memory:/service\n8:pids:/\n0::/\n");
        std::string mounts;
        for (const char* controller : {"memory", "pids"}) {
            fs::create_directories(hierarchy(controller) / "service");
            mounts +=
                fmt::format("30 24 0:26 / {} rw - cgroup cgroup rw,{}\n", hierarchy(controller).string(), controller);
        }
        if (unified) {
            fs::create_directory(hierarchy("unified"));
            put(hierarchy("unified") / "cgroup.procs", "");
            mounts += fmt::format("31 24 0:27 / {} rw - cgroup2 cgroup2 rw\n", hierarchy("unified").string());
        }
        put(folder_.path() / "proc/self/mountinfo", mounts);
    }
    fs::path hierarchy(const std::string& controller) const { return folder_.path() / controller; }
    fs::path proc() const override { return folder_.path() / "proc"; }
    int make_group(const fs::path& folder) const override {
        if (!fs::create_directory(folder)) return EEXIST;
        const std::string controller = folder.lexically_relative(folder_.path()).begin()->string();
        std::vector<const char*> files{"cgroup.procs", "tasks", "pids.max"};
        if (controller == "memory") files.back() = "memory.limit_in_bytes";
        if (controller == "unified") files = {"cgroup.procs", "cgroup.threads", "cgroup.type", "cgroup.freeze"};
        for (const char* name : files) put(folder / name, "");
        return 0;
    }
    int remove_group(const fs::path& folder) const override { return fs::remove_all(folder) > 0 ? 0 : ENOENT; }

private:
    base::Temporary_Folder folder_;
};

TEST(Separate_Cgroups_Test, function_enters_a_group_of_each_controller) {
    const Separate_Kernel kernel;
    const auto parent = Cgroup_Parent::find(kernel).value();
    const auto groups = [&](const fs::path& folder) {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().filename().string().starts_with("osbot_aws.")) found.push_back(entry.path());
        return found;
    };

    auto group = parent.create(64u << 20);

    ASSERT_TRUE(group.has_value());
    ASSERT_EQ(groups(kernel.hierarchy("memory") / "service").size(), 1u);
    ASSERT_EQ(groups(kernel.hierarchy("pids")).size(), 1u);
    for (const Fd& file : (*group)->open_procs()) EXPECT_EQ(::write(file.value(), "0", 1), 1);
    for (const fs::path& folder : {kernel.hierarchy("memory") / "service", kernel.hierarchy("pids")})
        EXPECT_EQ(text_of(groups(folder)[0] / "tasks"), "0") << "a thread moves itself without a grace period";
    EXPECT_EQ(text_of(groups(kernel.hierarchy("pids"))[0] / "pids.max"), std::to_string(processes_and_threads_max));
    group->reset();
    EXPECT_TRUE(groups(kernel.hierarchy("memory") / "service").empty());
    EXPECT_TRUE(groups(kernel.hierarchy("pids")).empty());
}

TEST(Separate_Cgroups_Test, freezer_is_that_of_version_2_if_it_is_mounted) {
    const Separate_Kernel without;
    EXPECT_THAT(Cgroup_Parent::find(without).value().freezer_error().value().message,
                HasSubstr("no cgroup v2 hierarchy is mounted"));

    const Separate_Kernel kernel(true);
    const auto parent = Cgroup_Parent::find(kernel).value();
    EXPECT_FALSE(parent.freezer_error());
    const auto group = parent.create(64u << 20).value();
    for (const Fd& file : group->open_procs()) EXPECT_EQ(::write(file.value(), "0", 1), 1);
    ASSERT_TRUE(group->set_frozen(true));
    std::string state;
    for (const auto& entry : fs::directory_iterator(kernel.hierarchy("unified")))
        if (entry.is_directory()) state += text_of(entry.path() / "cgroup.freeze");
    EXPECT_EQ(state, "1");
    std::string threads;
    for (const auto& entry : fs::directory_iterator(kernel.hierarchy("unified")))
        if (entry.is_directory()) threads += text_of(entry.path() / "cgroup.threads");
    EXPECT_EQ(threads, "0") << "a thread moves itself without a grace period";
}

TEST(Unified_Cgroup_Test, other_processes_of_the_group_are_not_moved) {
    const Unified_Kernel kernel;
    put(kernel.service() / "cgroup.procs", fmt::format("1\n{}\n", ::getpid()));

    const auto parent = Cgroup_Parent::find(kernel);

    ASSERT_THAT(parent, Fails_with("SandboxCgroupFailed"));
    EXPECT_THAT(parent.error().message, HasSubstr("has other processes in it"));
    EXPECT_FALSE(fs::exists(kernel.service() / "osbot_engine"));
}

TEST(Unified_Cgroup_Test, group_without_delegation_is_rejected) {
    Unified_Kernel kernel;
    kernel.delegated = false;

    auto sandbox = Sandbox::create(Mode::automatic, kernel).value();

    EXPECT_FALSE(sandbox->capabilities().cgroup);
    EXPECT_THAT(sandbox->capabilities().missing,
                testing::Contains(testing::AllOf(HasSubstr("No memory cgroup"),
                                                 HasSubstr("cgroup.subtree_control: Permission denied"))));
    const auto strict = Sandbox::create(Mode::strict, kernel);
    ASSERT_THAT(strict, Fails_with("SandboxUnavailable"));
    EXPECT_THAT(strict.error().message, HasSubstr("cgroup.subtree_control: Permission denied"));
}

TEST(Unified_Cgroup_Test, parent_without_memory_controller_is_named) {
    const Unified_Kernel kernel;
    put(kernel.service() / "cgroup.controllers", "cpu pids\n");

    const auto parent = Cgroup_Parent::find(kernel);

    ASSERT_THAT(parent, Fails_with("SandboxCgroupFailed"));
    EXPECT_THAT(parent.error().message, HasSubstr("has no memory controller"));
}

constexpr const char* apparmor_setting = "sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them";

TEST(Apparmor_Test, automatic_falls_back_and_names_the_setting) {
    const Apparmor_Kernel kernel;

    const auto check = [&] {
        test_support::refuse_as_apparmor_does();
        auto sandbox = Sandbox::create(Mode::automatic, kernel).value();
        const Outcome outcome = run(*sandbox, shell("echo function runs")).value();
        fmt::print(stderr, "{}\n{}", sandbox->capabilities().missing.front(), outcome.output);
        ::_exit(sandbox->mounts_apply() ? 1 : 0);
    };

    EXPECT_EXIT(check(), testing::ExitedWithCode(0),
                fmt::format("No namespaces: .*; {}.*\nfunction runs", apparmor_setting));
}

TEST(Apparmor_Test, strict_refuses_and_names_the_setting) {
    const Apparmor_Kernel kernel;

    const auto check = [&] {
        test_support::refuse_as_apparmor_does();
        const auto sandbox = Sandbox::create(Mode::strict, kernel);
        fmt::print(stderr, "{}: {}", sandbox.error().code, sandbox.error().message);
        ::_exit(0);
    };

    EXPECT_EXIT(check(), testing::ExitedWithCode(0), fmt::format("SandboxUnavailable: .*{}", apparmor_setting));
}

}  // namespace
}  // namespace osbot_aws::sandbox
