#include "sandbox/cgroup.hpp"

#include "base/numbers.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace osbot_aws::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_start = "osbot_aws.";

Error cgroup_error(const std::string& path, int error) {
    return Error{"SandboxCgroupFailed", fmt::format("{}: {}", path, std::generic_category().message(error)), 500};
}

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

struct Location {
    fs::path folder;
    bool unified;
};

/// Returns the path of this process in the hierarchy, from /proc/self/cgroup: "4:memory:/a" or "0::/a".
std::optional<std::string> own_path(const Kernel& kernel, bool unified) {
    std::istringstream lines(text_of(kernel.proc() / "self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const bool found = unified ? line.starts_with("0::") : controllers.find(",memory,") != std::string::npos;
        if (found) return line.substr(second + 1);
    }
    return std::nullopt;
}

/// Returns the folder of this process's cgroup in a mounted hierarchy. In a container, the root of the mount may
/// already be this cgroup: proc_pid_mountinfo(5).
std::optional<Location> own_location(const Kernel& kernel, bool unified) {
    const auto path = own_path(kernel, unified);
    if (!path) return std::nullopt;
    std::istringstream lines(text_of(kernel.proc() / "self/mountinfo"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, point, word, type, source, options;
        words >> id >> parent >> device >> root >> point;
        while (words >> word && word != "-") {}
        words >> type >> source >> options;
        if (unified ? type != "cgroup2"
                    : type != "cgroup" || ("," + options + ",").find(",memory,") == std::string::npos)
            continue;
        std::string below = *path;
        if (root != "/") below = below.starts_with(root) ? below.substr(root.size()) : "";
        fs::path folder = fs::path(point) / fs::path(below).relative_path();
        if (std::error_code error; fs::is_directory(folder, error)) return Location{folder, unified};
    }
    return std::nullopt;
}

bool has_word(const std::string& text, const std::string& word) {
    std::istringstream words(text);
    for (std::string candidate; words >> candidate;)
        if (candidate == word) return true;
    return false;
}

/// Enables the memory controller for child groups. cgroup v2 allows this only in groups without processes. If this
/// process is alone in its group (systemd's Delegate=), it moves to a new child group; other processes are not moved.
Result<void> enable_memory_controller(const Kernel& kernel, const fs::path& folder) {
    if (!has_word(text_of(folder / "cgroup.controllers"), "memory"))
        return Error{"SandboxCgroupFailed", fmt::format("{} has no memory controller", folder.string()), 500};
    if (has_word(text_of(folder / "cgroup.subtree_control"), "memory")) return {};
    int error = kernel.write(folder / "cgroup.subtree_control", "+memory");
    if (error != EBUSY)
        return error == 0 ? Result<void>{} : cgroup_error((folder / "cgroup.subtree_control").string(), error);
    if (text_of(folder / "cgroup.procs") != fmt::format("{}\n", ::getpid()))
        return Error{"SandboxCgroupFailed", fmt::format("{} has other processes in it", folder.string()), 500};
    const fs::path leaf = folder / "osbot_engine";
    if (error = kernel.make_group(leaf); error != 0 && error != EEXIST) return cgroup_error(leaf.string(), error);
    if ((error = kernel.write(leaf / "cgroup.procs", "0")) != 0) return cgroup_error(leaf.string(), error);
    if ((error = kernel.write(folder / "cgroup.subtree_control", "+memory")) != 0)
        return cgroup_error(folder.string(), error);
    return {};
}

/// Removes cgroups of engines that were killed.
void remove_abandoned(const Kernel& kernel, const fs::path& folder) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(name_start)) continue;
        const std::string pid = name.substr(std::string_view(name_start).size());  // `<pid>.<number>`
        const auto owner = base::parse_number<pid_t>(pid.substr(0, pid.find('.')));
        if (owner && ::kill(*owner, 0) < 0 && errno == ESRCH) kernel.remove_group(entry.path());
    }
}

}  // namespace

int Kernel::make_group(const fs::path& folder) const { return ::mkdir(folder.c_str(), 0755) == 0 ? 0 : errno; }

int Kernel::remove_group(const fs::path& folder) const { return ::rmdir(folder.c_str()) == 0 ? 0 : errno; }

int Kernel::write(const fs::path& file, const std::string& text) const {  // a stream would hide errno
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return errno;
    return ::write(fd.value(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

const Kernel& Kernel::of_this_host() {
    static const Kernel kernel;
    return kernel;
}

Cgroup::~Cgroup() {
    // The kernel removes the last process from the group shortly after it was reaped.
    for (int attempt = 0; attempt < 50; ++attempt) {
        if (kernel_.remove_group(folder_) != EBUSY) return;
        ::usleep(1000);
    }
}

Fd Cgroup::open_procs() const {
    const Fd fd(::open((folder_ / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    return Fd::duplicate(fd.value());
}

std::vector<pid_t> Cgroup::processes() const {
    std::vector<pid_t> pids;
    std::ifstream in(folder_ / "cgroup.procs");
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
    return pids;
}

bool Cgroup::killed_for_memory() const {
    std::ifstream in(folder_ / (unified_ ? "memory.events" : "memory.oom_control"));
    std::string name;
    for (std::uint64_t count = 0; in >> name >> count;)
        if (name == "oom_kill" && count > 0) return true;
    return false;
}

Result<Cgroup_Parent> Cgroup_Parent::find(const Kernel& kernel) {
    Result<Cgroup_Parent> found = Error{"SandboxCgroupFailed", "no memory cgroup hierarchy is mounted", 500};
    for (const bool unified : {true, false}) {
        const auto location = own_location(kernel, unified);
        if (!location) continue;
        if (unified) {
            if (auto enabled = enable_memory_controller(kernel, location->folder); !enabled) {
                found = enabled.error();
                continue;
            }
        }
        const Cgroup_Parent parent(kernel, location->folder, unified);
        remove_abandoned(kernel, location->folder);
        if (auto trial = parent.create(64u << 20); !trial)
            found = trial.error();
        else
            return parent;
    }
    return found;
}

Result<std::unique_ptr<Cgroup>> Cgroup_Parent::create(std::uint64_t bytes) const {
    static std::atomic<unsigned> next = 0;
    fs::path folder;
    do {  // the name may exist: left by a killed engine that had the same process id
        folder = folder_ / fmt::format("{}{}.{}", name_start, ::getpid(), next++);
        const int error = kernel_->make_group(folder);
        if (error == 0) break;
        if (error != EEXIST) return cgroup_error(folder.string(), error);
    } while (true);
    auto cgroup = std::make_unique<Cgroup>(*kernel_, folder, unified_);
    const fs::path limit = folder / (unified_ ? "memory.max" : "memory.limit_in_bytes");
    if (const int error = kernel_->write(limit, std::to_string(bytes)); error != 0)
        return cgroup_error(limit.string(), error);
    // Errors are ignored: kernels without swap accounting have neither file.
    kernel_->write(folder / (unified_ ? "memory.swap.max" : "memory.memsw.limit_in_bytes"),
                   unified_ ? "0" : std::to_string(bytes));
    if (!cgroup->open_procs()) return cgroup_error((folder / "cgroup.procs").string(), errno);
    return cgroup;
}

}  // namespace osbot_aws::sandbox
