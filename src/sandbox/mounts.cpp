#include "sandbox/mounts.hpp"

#include <fmt/format.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include <algorithm>

#include "sandbox/proc_files.hpp"
#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {
namespace {

namespace fs = std::filesystem;
using Kind = Mount_Step::Kind;

constexpr const char* old_root = "/.host";  // the mount point of the host's root until it is unmounted

// Files that programs and the C library need. Nothing else of /etc is visible: no shadow, no keys, no machine-id.
constexpr const char* etc_names[] = {
    "resolv.conf",  "hosts",           "host.conf",       "nsswitch.conf", "gai.conf",
    "services",     "protocols",       "localtime",       "timezone",      "ssl",
    "pki",          "ca-certificates", "mime.types",      "ld.so.cache",   "ld.so.conf",
    "ld.so.conf.d", "alternatives",    "crypto-policies", "magic",         "os-release",
};

constexpr const char* device_names[] = {"null", "zero", "full", "random", "urandom", "tty"};

// Protection in depth: root without a user namespace could write these, and so could a process through a kernel bug.
constexpr const char* proc_read_only[] = {"sys", "bus", "fs", "irq", "sysrq-trigger"};
constexpr const char* proc_hidden[] = {"kcore", "keys", "timer_list", "sched_debug"};

// An empty file of a tmpfs takes about 1 KB of kernel memory. The ratio is the default of ext4 (mke2fs.conf,
// inode_ratio).
constexpr std::uint64_t tmp_bytes_per_inode = 16'384, tmp_inodes_min = 1024;

constexpr const char* passwd_text =
    "root:x:0:0:root:/root:/sbin/nologin\nsbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n";
constexpr const char* group_text = "root:x:0:\nsbx_user1051:x:990:\n";

std::string on_host(const fs::path& path) { return std::string(old_root) + path.string(); }

void add_folders(Plan& plan, const fs::path& target) {
    fs::path folder = "/";
    for (const fs::path& part : target.relative_path()) {
        folder /= part;
        if (!part.empty() && !plan.has_target(folder.string()))
            plan.add({.kind = Kind::folder, .target = plan.store_text(folder.string())});
    }
}

/// Adds a bind mount. The source is resolved before the root changes, because a link in the old root would lead to the
/// new one.
bool add_bind(Plan& plan, const fs::path& source, const fs::path& target, bool read_only, bool devices = false) {
    std::error_code error;
    const fs::path real = fs::canonical(source, error);
    if (error) return false;
    if (fs::is_directory(real, error)) {
        add_folders(plan, target);
    } else {
        add_folders(plan, target.parent_path());
        plan.add({.kind = Kind::file, .target = plan.store_text(target.string())});
    }
    plan.add({.kind = Kind::bind,
              .source = plan.store_text(on_host(real)),
              .target = plan.store_text(target.string()),
              .read_only = read_only,
              .devices = devices});
    return true;
}

Error missing_source(const fs::path& source, const fs::path& target) {
    return Error{"SandboxMountFailed",
                 fmt::format("mounting {} at {}: No such file or directory", source.string(), target.string()), 500};
}

void add_programs(Plan& plan) {
    add_bind(plan, "/usr", "/usr", true);
    for (const char* name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
        std::error_code error;
        if (fs::is_symlink(name, error)) {  // merged /usr: create the same link
            plan.add({.kind = Kind::link,
                      .source = plan.store_text(fs::read_symlink(name, error).string()),
                      .target = name});
        } else {
            add_bind(plan, name, name, true);
        }
    }
}

void add_etc(Plan& plan) {
    add_folders(plan, "/etc");
    for (const char* name : etc_names) add_bind(plan, fs::path("/etc") / name, fs::path("/etc") / name, true);
    plan.add({.kind = Kind::text, .source = passwd_text, .target = "/etc/passwd"});
    plan.add({.kind = Kind::text, .source = group_text, .target = "/etc/group"});
}

// Top-level names that an image cannot provide: folders of the sandbox, and the mount point of the old root.
constexpr std::string_view reserved_names[] = {"dev", "proc", "sys", "tmp", ".host"};

/// Mounts each top-level entry of the image separately, because folders must be created in the new root.
Result<void> add_image(Plan& plan, const fs::path& root) {
    std::error_code error;
    for (fs::directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (std::find(std::begin(reserved_names), std::end(reserved_names), name) != std::end(reserved_names)) continue;
        const char* target = plan.store_text("/" + name);
        if (at->is_symlink(error))
            plan.add({.kind = Kind::link,
                      .source = plan.store_text(fs::read_symlink(at->path()).string()),
                      .target = target});
        else if (!add_bind(plan, at->path(), target, true))
            return missing_source(at->path(), target);
    }
    if (error) return missing_source(root, "/");
    // Host names are resolved as on the host. Only regular files are replaced, because a link would be followed in the
    // host's root.
    for (const char* name : {"/etc/resolv.conf", "/etc/hosts"}) {
        if (fs::is_directory(fs::symlink_status(root / "etc", error)) &&
            fs::is_regular_file(fs::symlink_status(root.string() + name, error)))
            add_bind(plan, name, name, true);
    }
    return {};
}

void add_devices(Plan& plan, bool shared_memory) {
    add_folders(plan, "/dev");
    for (const char* name : device_names) add_bind(plan, fs::path("/dev") / name, fs::path("/dev") / name, false, true);
    for (const auto& [name, to] :
         {std::pair{"/dev/fd", "/proc/self/fd"}, std::pair{"/dev/stdin", "/proc/self/fd/0"},
          std::pair{"/dev/stdout", "/proc/self/fd/1"}, std::pair{"/dev/stderr", "/proc/self/fd/2"}}) {
        plan.add({.kind = Kind::link, .source = to, .target = name});
    }
    if (!shared_memory) return;
    // For semaphores of Python's multiprocessing. Small, because unmapped files in it are not counted as the function's
    // memory.
    add_folders(plan, "/dev/shm");
    plan.add({.kind = Kind::tmpfs, .target = "/dev/shm", .options = "mode=1777,size=16m,nr_inodes=1k"});
}

/// Adds the name of the sandbox to /etc/hosts, where extensions listen for telemetry on Lambda.
void add_own_name(Plan& plan) {
    if (!plan.has_target("/etc/hosts") && !plan.has_target("/etc")) return;
    const std::string hosts = read_proc("/etc/hosts").value_or("127.0.0.1 localhost\n");
    constexpr const char* file = "/dev/.hosts";
    plan.add({.kind = Kind::text,
              .source = plan.store_text(hosts + "\n127.0.0.1 sandbox.localdomain sandbox\n"),
              .target = file});
    plan.add({.kind = Kind::bind, .source = file, .target = "/etc/hosts", .may_be_missing = true});
}

void add_proc(Plan& plan) {
    add_folders(plan, "/proc");
    plan.add({.kind = Kind::proc, .target = "/proc"});
    for (const char* name : proc_read_only) {
        const char* path = plan.store_text(fmt::format("/proc/{}", name));
        plan.add({.kind = Kind::bind, .source = path, .target = path, .may_be_missing = true});
    }
    for (const char* name : proc_hidden) {
        plan.add({.kind = Kind::bind,
                  .source = "/dev/null",
                  .target = plan.store_text(fmt::format("/proc/{}", name)),
                  .devices = true,
                  .may_be_missing = true});
    }
}

/// Escapes ':' and ',', at which overlayfs splits its options.
std::string overlay_escaped(const std::string& path) {
    std::string escaped;
    for (const char c : path) {
        if (c == ':' || c == ',' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

Result<void> add_layers(Plan& plan, const std::vector<fs::path>& layers) {
    if (layers.empty() && plan.has_target("/opt")) return {};  // the image has its own /opt
    add_folders(plan, "/opt");
    if (layers.empty()) return {};
    if (layers.size() == 1)
        return add_bind(plan, layers.front(), "/opt", true) ? Result<void>{} : missing_source(layers.front(), "/opt");
    std::string lower;  // overlayfs expects the topmost layer first, Lambda lists it last
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
        std::error_code error;
        const fs::path real = fs::canonical(*layer, error);
        if (error) return missing_source(*layer, "/opt");
        lower += (lower.empty() ? "lowerdir=" : ":") + overlay_escaped(on_host(real));
    }
    plan.add({.kind = Kind::overlay, .target = "/opt", .options = plan.store_text(lower)});
    return {};
}

const char* root_base() {
    for (const char* folder : {"/tmp", "/run", "/var", "/mnt"}) {
        std::error_code error;
        if (fs::is_directory(folder, error)) return folder;
    }
    return "/proc";
}

// --- in the child ---

OSBOT_CHILD long remount_read_only(const char* target, bool devices) {
    struct statfs now = {};
    raw::call(SYS_statfs, target, &now);
    // In a user namespace the existing flags of a mount are locked: the kernel rejects a remount without them. statfs
    // returns the same values as MS_*, except for relatime.
    unsigned long flags =
        static_cast<unsigned long>(now.f_flags) & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME);
    flags |= MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;
    if (!devices) flags |= MS_NODEV;
    return raw::call(SYS_mount, nullptr, target, nullptr, flags, nullptr);
}

OSBOT_CHILD long bind(const Mount_Step& step) {
    // MS_REC is required: in a user namespace the kernel rejects folders that contain mounts without it, because it
    // would reveal the files below those mounts.
    if (raw::call(SYS_mount, step.source, step.target, nullptr, static_cast<unsigned long>(MS_BIND | MS_REC), nullptr) <
        0)
        return -1;
    mount_attr attributes = {};
    attributes.attr_set = MOUNT_ATTR_NOSUID;
    if (step.read_only) attributes.attr_set |= MOUNT_ATTR_RDONLY;
    if (!step.devices) attributes.attr_set |= MOUNT_ATTR_NODEV;
    const long result = raw::call(SYS_mount_setattr, -100 /* AT_FDCWD */, step.target, 0x8000 /* AT_RECURSIVE */,
                                  &attributes, sizeof attributes);
    if (result < 0 && errno == ENOSYS && step.read_only) return remount_read_only(step.target, step.devices);  // < 5.12
    return result;
}

OSBOT_CHILD bool exists(const char* path) { return raw::call(SYS_faccessat, -100, path, 0) == 0; }

OSBOT_CHILD long make_folder(const char* path) {
    const long result = raw::call(SYS_mkdirat, -100, path, 0755);
    if (result == 0) return 0;
    const int error = errno;
    if (exists(path)) return 0;  // created earlier, or part of a read-only mount
    errno = error;
    return -1;
}

OSBOT_CHILD long make_file(const char* path) {
    if (exists(path)) return 0;
    return raw::write_file(path, "", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
}

OSBOT_CHILD long do_step(const Mount_Step& step) {
    constexpr unsigned long plain_flags = MS_NOSUID | MS_NODEV;
    switch (step.kind) {
        case Kind::folder:
            return make_folder(step.target);
        case Kind::file:
            return make_file(step.target);
        case Kind::link:
            return raw::call(SYS_symlinkat, step.source, -100, step.target);
        case Kind::text:
            return raw::write_file(step.target, step.source, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        case Kind::bind:
            return bind(step);
        case Kind::tmpfs:
            return raw::call(SYS_mount, "tmpfs", step.target, "tmpfs", plain_flags, step.options);
        case Kind::proc:
            return raw::call(SYS_mount, "proc", step.target, "proc", plain_flags | MS_NOEXEC, nullptr);
        case Kind::overlay:
            return raw::call(SYS_mount, "overlay", step.target, "overlay", plain_flags | MS_RDONLY, step.options);
    }
    return -1;
}

OSBOT_CHILD long pivot_into_tmpfs(const char* base) {
    if (raw::call(SYS_mount, "tmpfs", base, "tmpfs", static_cast<unsigned long>(MS_NOSUID | MS_NODEV),
                  "mode=755,size=4m") < 0)
        return -1;
    if (raw::call(SYS_chdir, base) < 0) return -1;
    if (raw::call(SYS_mkdirat, -100, ".host", 0755) < 0) return -1;
    if (raw::call(SYS_pivot_root, ".", ".host") < 0) return -1;
    return raw::call(SYS_chdir, "/");
}

OSBOT_CHILD long leave_old_root() {
    if (raw::call(SYS_umount2, old_root, MNT_DETACH) < 0) return -1;
    raw::call(SYS_unlinkat, -100, old_root, 0x200 /* AT_REMOVEDIR */);
    return remount_read_only("/", false);
}

}  // namespace

Result<void> plan_mounts(Plan& plan, const Process_Spec& spec) {
    plan.child().root_base = root_base();
    if (spec.root.empty()) {
        add_programs(plan);
        add_etc(plan);
    } else if (auto added = add_image(plan, spec.root); !added) {
        return added.error();
    }
    add_devices(plan, spec.shared_memory);
    if (!spec.companions.empty()) add_own_name(plan);
    add_proc(plan);
    add_folders(plan, "/tmp");
    plan.add({.kind = Kind::tmpfs,
              .target = "/tmp",
              .options = plan.store_text(
                  fmt::format("mode=1777,size={},nr_inodes={}", std::max<std::uint64_t>(spec.tmp_bytes_max, 4096),
                              std::max(spec.tmp_bytes_max / tmp_bytes_per_inode, tmp_inodes_min)))});
    if (spec.root.empty()) add_folders(plan, "/var/task");
    OSBOT_TRY(add_layers(plan, spec.layers));
    for (const Mount& mount : spec.mounts) {
        if (!add_bind(plan, mount.source, mount.target.lexically_normal(), mount.read_only))
            return missing_source(mount.source, mount.target);
    }
    plan.finish_mounts();
    return {};
}

void plan_trial_mounts(Plan& plan, bool with_overlay) {
    plan.child().root_base = root_base();
    add_bind(plan, "/usr", "/usr", true);
    add_folders(plan, "/proc");
    plan.add({.kind = Kind::proc, .target = "/proc"});
    if (with_overlay) {
        for (const char* folder : {"/a", "/b", "/opt"}) add_folders(plan, folder);
        plan.add({.kind = Kind::overlay, .target = "/opt", .options = "lowerdir=/a:/b"});
    }
    plan.finish_mounts();
}

OSBOT_CHILD Failure enter_new_root(const Child_Plan& plan) {
    // Otherwise the mounts would appear on the host, because systemd makes its root a shared mount.
    if (raw::call(SYS_mount, nullptr, "/", nullptr, static_cast<unsigned long>(MS_REC | MS_PRIVATE), nullptr) < 0)
        return {Step::private_mounts, errno, 0};
    if (pivot_into_tmpfs(plan.root_base) < 0) return {Step::new_root, errno, 0};
    for (int i = 0; i < plan.mounts_count; ++i) {
        const Mount_Step& step = plan.mounts[i];
        if (do_step(step) < 0 && !(step.may_be_missing && errno == ENOENT)) return {Step::mount, errno, i};
    }
    if (leave_old_root() < 0) return {Step::old_root, errno, 0};
    return {};
}

}  // namespace osbot_aws::sandbox
