#include "sandbox/sandbox.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cassert>
#include <sstream>

#include "sandbox/cgroup.hpp"
#include "sandbox/kernel.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/peer_process.hpp"
#include "sandbox/proc_files.hpp"
#include "sandbox/process.hpp"
#include "sandbox/seccomp.hpp"

namespace osbot_aws::sandbox {
namespace {

namespace fs = std::filesystem;

/// Creates minimal namespaces as a trial. Returns the host's reason if that fails.
std::optional<Error> trial_error(bool network, bool overlay) {
    Process_Spec nothing;
    nothing.own_network = network;
    auto plan = std::make_unique<Plan>(nothing, true);
    plan_trial_mounts(*plan, overlay);
    auto trial = start_in_namespaces(std::move(plan), {});
    if (trial) return std::nullopt;
    return trial.error();
}

bool starts_with(const fs::path& file, char value) {
    const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    char first = '\0';
    return ::read(fd.value(), &first, 1) == 1 && first == value;
}

/// The root user of a container is also unprivileged if it lacks CAP_SYS_ADMIN.
bool is_privileged() {
    __user_cap_header_struct version{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    return ::syscall(SYS_capget, &version, sets) == 0 && (sets[0].effective & (1U << CAP_SYS_ADMIN)) != 0;
}

/// Distributions restrict namespaces of unprivileged processes by settings whose errors do not name them: EPERM,
/// EACCES, ENOSPC. Returns the setting that applies and how to change it.
std::string setting_that_denies(const Kernel& kernel) {
    const fs::path settings = kernel.proc() / "sys";
    if (starts_with(settings / "kernel/apparmor_restrict_unprivileged_userns", '1') && !is_privileged())
        return "; sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them";
    if (starts_with(settings / "kernel/unprivileged_userns_clone", '0') && !is_privileged())
        return "; sysctl kernel.unprivileged_userns_clone=1 allows them";
    if (starts_with(settings / "user/max_user_namespaces", '0')) return "; sysctl user.max_user_namespaces is 0";
    return "";
}

struct Host {
    Capabilities capabilities;
    std::optional<Cgroup_Parent> cgroups;
    const sock_fprog* filter = nullptr;
};

void find_namespaces(Capabilities& found, const Kernel& kernel) {
    if (!trial_error(true, true)) {  // one trial is enough on most hosts
        found.namespaces = found.network = found.overlay = true;
        return;
    }
    const auto add_missing = [&](const char* consequence, const Error& reason) {
        found.missing.push_back(fmt::format("{} ({})", consequence, reason.message));
    };
    if (auto reason = trial_error(false, false)) {
        reason->message += setting_that_denies(kernel);
        add_missing(
            "No namespaces: functions see this machine's files and processes, and code and layers are not mounted at "
            "/var/task and /opt",
            *reason);
        found.missing.push_back("No network namespace: it needs the namespaces above");
        found.missing.push_back("No overlay: it needs the namespaces above");
        return;
    }
    found.namespaces = true;
    if (const auto reason = trial_error(true, false))
        add_missing("No network namespace: functions always use this machine's network", *reason);
    else
        found.network = true;
    if (const auto reason = trial_error(false, true))
        add_missing("No overlay: layers are merged by copying", *reason);
    else
        found.overlay = true;
}

/// The kernel does not apply RLIMIT_NPROC to root of the host (copy_process in kernel/fork.c). Root of a container in a
/// user namespace is another user of the host.
bool is_root_of_the_host() {
    const auto map = read_proc("/proc/self/uid_map");
    std::istringstream fields(map.value_or(""));
    uid_t first = 0, first_outside = 0;
    fields >> first >> first_outside;
    return ::geteuid() == 0 && first == 0 && first_outside == 0;
}

/// Finds out whether the kernel limits the number of processes: by a cgroup, or by RLIMIT_NPROC, which counts the
/// processes of a user namespace.
void find_process_limit(Host& host) {
    const auto reason = host.cgroups ? host.cgroups->pids_error()
                                     : std::optional(Error{"SandboxCgroupFailed", "no cgroup can be created", 500});
    host.capabilities.processes = !reason || (host.capabilities.namespaces && !is_root_of_the_host());
    if (!host.capabilities.processes)
        host.capabilities.missing.push_back(fmt::format(
            "No pids cgroup: processes and threads are counted periodically, not limited by the kernel ({})",
            reason->message));
}

void find_freezer(Host& host) {
    const auto reason = host.cgroups ? host.cgroups->freezer_error()
                                     : std::optional(Error{"SandboxCgroupFailed", "no cgroup can be created", 500});
    host.capabilities.freezer = !reason;
    if (reason)
        host.capabilities.missing.push_back(
            fmt::format("No freezer: background work of functions continues between events ({})", reason->message));
}

Host inspect_host(const Kernel& kernel) {
    Host host;
    find_namespaces(host.capabilities, kernel);
    if (auto cgroups = Cgroup_Parent::find(kernel)) {
        host.cgroups = std::move(*cgroups);
        host.capabilities.cgroup = true;
    } else {
        host.capabilities.missing.push_back(
            fmt::format("No memory cgroup: memory is measured periodically, not limited by the kernel ({})",
                        cgroups.error().message));
    }
    find_process_limit(host);
    find_freezer(host);
    host.capabilities.peers = peers_are_known();
    if (!host.capabilities.peers)
        host.capabilities.missing.push_back(
            "No socket diagnosis: a function on this machine's network reaches the Runtime API of other functions (the "
            "kernel module tcp_diag provides it)");
    if (auto filter = system_call_filter())
        host.filter = *filter;
    else
        host.capabilities.missing.push_back(fmt::format("No system call filter ({})", filter.error().message));
    return host;
}

class Host_Sandbox : public Sandbox {
public:
    Host_Sandbox(Mode mode, Host host) : mode_(mode), host_(std::move(host)) {}

    const Capabilities& capabilities() const override { return host_.capabilities; }
    bool mounts_apply() const override { return mode_ != Mode::off && host_.capabilities.namespaces; }

    Result<std::unique_ptr<Process>> start(const Process_Spec& spec) override {
        if (spec.argv.empty()) return Error{"SandboxExecFailed", "executing: argv is empty", 500};
        if (spec.own_network && !(mounts_apply() && host_.capabilities.network))
            return Error{"SandboxNetworkFailed",
                         "a network namespace is required, and this host or mode does not have one", 500};
        if (!spec.root.empty() && !mounts_apply())
            return Error{"SandboxRootFailed",
                         "a separate root file system needs namespaces, and this host or mode does not have them", 500};
        return mounts_apply() ? start_confined(spec) : start_without_namespaces(spec);
    }

private:
    Result<std::unique_ptr<Process>> start_confined(const Process_Spec& spec) {
        assert(spec.layers.size() < 2 || host_.capabilities.overlay);
        Process_Parts parts{.peers = host_.capabilities.peers};
        auto plan = std::make_unique<Plan>(spec, true);
        OSBOT_TRY(plan->streams());
        OSBOT_TRY(plan_mounts(*plan, spec));
        plan->child().confined = plan->child().limits = plan->child().limit_processes = true;
        plan->child().filter = host_.filter;
        OSBOT_TRY(make_cgroup(spec, *plan, parts));
        return start_in_namespaces(std::move(plan), std::move(parts));
    }

    Result<std::unique_ptr<Process>> start_without_namespaces(const Process_Spec& spec) {
        Process_Parts parts;
        if (!spec.tmp_folder.empty()) {
            std::error_code error;
            if (fs::create_directories(spec.tmp_folder, error)) parts.own_folder = spec.tmp_folder;
            if (error)
                return Error{"SandboxTmpFailed",
                             fmt::format("creating {}: {}", spec.tmp_folder.string(), error.message()), 500};
        }
        OSBOT_TRY(auto plan, plain_plan(spec));
        if (mode_ != Mode::off) OSBOT_TRY(make_cgroup(spec, *plan, parts));
        if (spec.companions.empty()) return start_plain(*plan, std::move(parts));
        std::vector<std::unique_ptr<Plan>> companions;
        for (const std::string& program : spec.companions) {
            Process_Spec companion{.argv = {program}, .environment = spec.companions_environment};
            companion.stdout_fd = companion.stderr_fd = spec.companions_output_fd;
            OSBOT_TRY(companions.emplace_back(), plain_plan(companion));
            std::ranges::copy(plan->child().cgroup_fds, companions.back()->child().cgroup_fds);
        }
        return start_plain_companions(std::move(plan), std::move(parts), std::move(companions));
    }

    Result<std::unique_ptr<Plan>> plain_plan(const Process_Spec& spec) const {
        auto plan = std::make_unique<Plan>(spec, false);
        OSBOT_TRY(plan->streams());
        plan->child().confined = plan->child().limits = mode_ != Mode::off;
        plan->child().filter = host_.filter;
        return plan;
    }

    Result<void> make_cgroup(const Process_Spec& spec, Plan& plan, Process_Parts& parts) {
        if (!host_.cgroups) return {};
        // The kernel charges /tmp to the group as well, so the limit includes a full /tmp. The function's own memory
        // can therefore exceed memory_bytes_max; memory_bytes(), which excludes /tmp, is the exact measure.
        OSBOT_TRY(auto cgroup,
                  host_.cgroups->create(spec.memory_bytes_max + (mounts_apply() ? spec.tmp_bytes_max : 0)));
        parts.cgroup = std::move(cgroup);
        parts.procs = parts.cgroup->open_procs();
        for (std::size_t i = 0; i < parts.procs.size(); ++i) plan.child().cgroup_fds[i] = parts.procs[i].value();
        return {};
    }

    Mode mode_;
    Host host_;
};

}  // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::create(Mode mode) { return create(mode, Kernel::of_this_host()); }

Result<std::unique_ptr<Sandbox>> Sandbox::create(Mode mode, const Kernel& kernel) {
    Host host;
    if (mode != Mode::off) host = inspect_host(kernel);
    // Overlay is not required: without it, layers are copied, which is slower but not less secure.
    const Capabilities& found = host.capabilities;
    if (mode == Mode::strict &&
        !(found.namespaces && found.network && found.cgroup && found.processes && host.filter != nullptr)) {
        return Error{"SandboxUnavailable",
                     fmt::format("--sandbox=strict needs the complete sandbox, and this host refuses: {}",
                                 fmt::join(host.capabilities.missing, "; ")),
                     500};
    }
    return std::unique_ptr<Sandbox>(std::make_unique<Host_Sandbox>(mode, std::move(host)));
}

}  // namespace osbot_aws::sandbox
