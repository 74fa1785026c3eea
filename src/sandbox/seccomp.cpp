#include "sandbox/seccomp.hpp"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#include <optional>
#include <system_error>

#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {
namespace {

// System calls that functions do not need and that had kernel vulnerabilities. All others are allowed, because runtimes
// differ and namespaces are the main protection; the filter only reduces the attack surface.
constexpr const char* denied[] = {
    // mounts and file handles
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "fspick",
    "swapon",
    "swapoff",
    "quotactl",
    "open_by_handle_at",
    "name_to_handle_at",
    // other processes
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    // namespaces: a process has all capabilities in a new user namespace
    "unshare",
    "setns",
    // the kernel
    "kexec_load",
    "kexec_file_load",
    "bpf",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "reboot",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "syslog",
    "acct",
    "lookup_dcookie",
    "iopl",
    "ioperm",
    "vhangup",
    // kernel keyrings, which no namespace isolates
    "keyctl",
    "add_key",
    "request_key",
    // the machine's clock and name
    "settimeofday",
    "clock_settime",
    "clock_settime64",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
};

constexpr int new_namespaces[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                  CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

/// Compares an argument that the kernel reads as 32 bits. It ignores the upper half of the register, in which a process
/// can put anything.
scmp_arg_cmp equals_32_bits(unsigned argument, std::uint32_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, 0xffff'ffffu, value};
}

int add_rules(scmp_filter_ctx filter) {
    const std::uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
    for (const char* name : denied) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number == __NR_SCMP_ERROR) continue;  // newer than this libseccomp
        if (const int error = seccomp_rule_add(filter, refuse, number, 0); error != 0 && error != -EDOM) return error;
    }
    for (const int flag : new_namespaces) {
        const auto bits = static_cast<scmp_datum_t>(flag);
        if (const int error =
                seccomp_rule_add(filter, refuse, SCMP_SYS(clone), 1, scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, bits, bits});
            error != 0)
            return error;
    }
    // A filter cannot read the flags of clone3, which are in memory. With ENOSYS, libc falls back to clone.
    if (const int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0); error != 0)
        return error;
    // TIOCSTI inserts input into the terminal from which the engine was started.
    if (const int error = seccomp_rule_add(filter, refuse, SCMP_SYS(ioctl), 1, equals_32_bits(1, TIOCSTI)); error != 0)
        return error;
    // Vsock connects to the hypervisor, independent of the network namespace.
    return seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1, equals_32_bits(0, AF_VSOCK));
}

Error filter_error(const char* call, int error) {
    return Error{"SandboxSeccompFailed",
                 fmt::format("creating the system call filter: {}: {}", call, std::generic_category().message(error)),
                 500};
}

struct Compiled {
    std::vector<sock_filter> code;
    std::optional<Error> error;
};

Compiled exported(scmp_filter_ctx filter) {
    const Fd file(static_cast<int>(::memfd_create("filter", MFD_CLOEXEC)));
    if (!file) return {{}, filter_error("memfd_create", errno)};
    if (const int error = seccomp_export_bpf(filter, file.value()); error != 0)
        return {{}, filter_error("seccomp_export_bpf", -error)};
    const off_t size = ::lseek(file.value(), 0, SEEK_END);
    std::vector<sock_filter> code(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (::pread(file.value(), code.data(), static_cast<std::size_t>(size), 0) != size)
        return {{}, filter_error("pread", errno)};
    return {std::move(code), std::nullopt};
}

Compiled compile() {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == nullptr) return {{}, filter_error("seccomp_init", ENOMEM)};
    // System calls of other architectures (32-bit programs) would bypass the rules above.
    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    const int error = add_rules(filter);
    Compiled compiled = error != 0 ? Compiled{{}, filter_error("seccomp_rule_add", -error)} : exported(filter);
    seccomp_release(filter);
    return compiled;
}

}  // namespace

Result<const sock_fprog*> system_call_filter() {
    static const Compiled compiled = compile();
    if (compiled.error) return *compiled.error;
    static const sock_fprog program = {static_cast<unsigned short>(compiled.code.size()),
                                       const_cast<sock_filter*>(compiled.code.data())};
    return &program;
}

OSBOT_CHILD Failure install_filter(const Child_Plan& plan) {
    if (raw::call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return {Step::no_new_privs, errno, 0};
    if (plan.filter == nullptr) return {};
    if (raw::call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, plan.filter) < 0) return {Step::seccomp, errno, 0};
    return {};
}

}  // namespace osbot_aws::sandbox
