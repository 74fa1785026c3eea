// Fakes Ubuntu 24.04 with its default settings: an unprivileged process can create a user namespace, but AppArmor
// grants no capabilities in it. The id maps, which need CAP_SYS_ADMIN, cannot be opened for writing, and mounts are
// refused. Source: https://gitlab.com/apparmor/apparmor/-/wikis/unprivileged_userns_restriction
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.hpp"
#include "sandbox/kernel.hpp"

namespace osbot_aws::test_support {

/// A kernel whose /proc/sys has AppArmor's restriction enabled.
class Apparmor_Kernel final : public sandbox::Kernel {
public:
    Apparmor_Kernel() {
        GTEST_FLAG_SET(death_test_style, "threadsafe");  // restarts the program, which already has threads
        std::filesystem::create_directories(folder_.path() / "sys/kernel");
        base::write_file(folder_.path() / "sys/kernel/apparmor_restrict_unprivileged_userns", "1\n").value();
    }
    std::filesystem::path proc() const override { return folder_.path(); }

private:
    base::Temporary_Folder folder_;
};

/// Restricts the calling process permanently, as the setting does. Only for death tests, which run in their own
/// process.
inline void refuse_as_apparmor_does() {
    __user_cap_header_struct version{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    const bool unprivileged = ::syscall(SYS_capset, &version, none) == 0;
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const auto refuse = static_cast<unsigned>(SCMP_ACT_ERRNO(EACCES));
    // A filter cannot read paths. The sandbox opens only the id maps with these flags.
    const bool refused =
        seccomp_rule_add(filter, refuse, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_EQ, O_WRONLY | O_CLOEXEC, 0)) == 0 &&
        seccomp_rule_add(filter, refuse, SCMP_SYS(mount), 0) == 0 && seccomp_load(filter) == 0;
    if (!unprivileged || !refused) ::_exit(70);
}

}  // namespace osbot_aws::test_support
