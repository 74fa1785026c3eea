#include "sandbox/cgroup.hpp"

#include "base/numbers.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

#include "sandbox/sandbox.hpp"

namespace osbot_aws::sandbox {
namespace {

namespace fs = std::filesystem;

// `osbot_aws.<process id of the engine>.<number>.<its PID namespace>`
constexpr const char* name_start = "osbot_aws.";
constexpr const char* freezer_file = "cgroup.freeze";
constexpr const char* type_file = "cgroup.type";  // the root of cgroup v2 has none
// A group is empty only before its process has entered it and until it is removed.
constexpr std::chrono::seconds unused_max{60};

Error cgroup_error(const std::string& path, int error) {
    return Error{"SandboxCgroupFailed", fmt::format("{}: {}", path, std::generic_category().message(error)), 500};
}

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Searches "cpu,cpuacct" for an item.
bool has_item(const std::string& list, std::string_view item) {
    return ("," + list + ",").find(fmt::format(",{},", item)) != std::string::npos;
}

constexpr std::string_view unified_hierarchy = "";  // cgroup v2, which has no controllers in its name

/// Returns the path of this process in the hierarchy of a v1 controller, or in the unified one. From /proc/self/cgroup:
/// "4:memory:/a" or "0::/a".
std::optional<std::string> own_path(const Kernel& kernel, std::string_view controller) {
    std::istringstream lines(text_of(kernel.proc() / "self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool found =
            controller == unified_hierarchy ? line.starts_with("0::") : has_item(controllers, controller);
        if (found) return line.substr(second + 1);
    }
    return std::nullopt;
}

/// Returns the folder of this process's cgroup in a mounted hierarchy. In a container, the root of the mount may
/// already be this cgroup: proc_pid_mountinfo(5).
std::optional<Cgroup_Location> own_location(const Kernel& kernel, std::string_view controller) {
    const bool unified = controller == unified_hierarchy;
    const auto path = own_path(kernel, controller);
    if (!path) return std::nullopt;
    std::istringstream lines(text_of(kernel.proc() / "self/mountinfo"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, point, word, type, source, options;
        words >> id >> parent >> device >> root >> point;
        while (words >> word && word != "-") {}
        words >> type >> source >> options;
        if (unified ? type != "cgroup2" : type != "cgroup" || !has_item(options, controller)) continue;
        std::string below = *path;
        if (root != "/") below = below.starts_with(root) ? below.substr(root.size()) : "";
        fs::path folder = fs::path(point) / fs::path(below).relative_path();
        if (std::error_code error; fs::is_directory(folder, error)) return Cgroup_Location{folder, unified};
    }
    return std::nullopt;
}

bool has_word(const std::string& text, const std::string& word) {
    std::istringstream words(text);
    for (std::string candidate; words >> candidate;)
        if (candidate == word) return true;
    return false;
}

/// Moves this process to a new child group, if it is alone in its group. Other processes are not moved.
Result<void> move_to_leaf(const Kernel& kernel, const fs::path& folder) {
    if (text_of(folder / "cgroup.procs") != fmt::format("{}\n", ::getpid()))
        return Error{"SandboxCgroupFailed", fmt::format("{} has other processes in it", folder.string()), 500};
    const fs::path leaf = folder / "osbot_engine";
    if (const int error = kernel.make_group(leaf); error != 0 && error != EEXIST)
        return cgroup_error(leaf.string(), error);
    if (const int error = kernel.write(leaf / "cgroup.procs", "0"); error != 0)
        return cgroup_error(leaf.string(), error);
    return {};
}

/// Enables a controller for child groups. cgroup v2 allows this only in groups without processes, so that this process
/// moves to a child group (systemd's Delegate=).
Result<void> enable_controller(const Kernel& kernel, const fs::path& folder, const std::string& controller) {
    if (!has_word(text_of(folder / "cgroup.controllers"), controller))
        return Error{"SandboxCgroupFailed", fmt::format("{} has no {} controller", folder.string(), controller), 500};
    const fs::path file = folder / "cgroup.subtree_control";
    if (has_word(text_of(file), controller)) return {};
    int error = kernel.write(file, "+" + controller);
    if (error == EBUSY) {
        OSBOT_TRY(move_to_leaf(kernel, folder));
        error = kernel.write(file, "+" + controller);
    }
    return error == 0 ? Result<void>{} : cgroup_error(file.string(), error);
}

bool is_threaded(const fs::path& group) { return has_word(text_of(group / type_file), "threaded"); }

/// Returns the number of this process's PID namespace. Containers can share the cgroups of a host, but a process of
/// another PID namespace looks as if it had ended.
std::string pid_namespace(const Kernel& kernel) {
    std::error_code error;
    std::string target = fs::read_symlink(kernel.proc() / "self/ns/pid", error).string();  // "pid:[4026531836]"
    std::erase_if(target, [](char c) { return c < '0' || c > '9'; });
    return target;
}

bool has_ended(pid_t pid) { return ::kill(pid, 0) < 0 && errno == ESRCH; }

bool is_old(const fs::directory_entry& group) {
    std::error_code error;
    const auto written = group.last_write_time(error);
    return !error && fs::file_time_type::clock::now() - written > unused_max;
}

std::vector<pid_t> processes_of(const fs::path& group) {
    std::vector<pid_t> pids;
    std::ifstream in(group / "cgroup.procs");
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
    return pids;
}

void kill_all(const Kernel& kernel, const fs::path& group) {
    if (kernel.write(group / "cgroup.kill", "1") == 0) return;  // cgroup v2 since Linux 5.14
    for (const pid_t pid : processes_of(group)) ::kill(pid, SIGKILL);
}

/// Removes a group whose processes were killed.
void remove_emptied(const Kernel& kernel, const fs::path& folder) {
    // The kernel removes the last process from the group shortly after it was reaped.
    for (int attempt = 0; attempt < 50 && kernel.remove_group(folder) == EBUSY; ++attempt) ::usleep(1000);
}

/// Removes cgroups of engines that were killed, and kills processes that outlived them, even frozen ones: without a PID
/// namespace, only the first process of an environment ends with its engine.
void remove_abandoned(const Kernel& kernel, const fs::path& folder) {
    const std::string own_namespace = pid_namespace(kernel);
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(name_start)) continue;
        std::istringstream parts(name.substr(std::string_view(name_start).size()));
        std::string pid, number, name_space;
        std::getline(std::getline(std::getline(parts, pid, '.'), number, '.'), name_space);
        const auto owner = base::parse_number<pid_t>(pid);
        if (!owner || name_space != own_namespace) {
            if (is_old(entry)) kernel.remove_group(entry.path());  // refused if it has a process
        } else if (has_ended(*owner)) {
            kill_all(kernel, entry.path());
            remove_emptied(kernel, entry.path());
        }
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
    for (const fs::path& folder : {memory_.folder, pids_, freezer_})
        if (!folder.empty()) remove_emptied(kernel_, folder);
}

std::vector<Fd> Cgroup::open_procs() const {
    std::vector<Fd> all;
    for (const fs::path& folder : {memory_.folder, pids_, freezer_}) {
        if (folder.empty()) continue;
        Fd fd(::open((folder / "tasks").c_str(), O_WRONLY | O_CLOEXEC));
        if (!fd && is_threaded(folder)) fd.reset(::open((folder / "cgroup.threads").c_str(), O_WRONLY | O_CLOEXEC));
        if (!fd) fd.reset(::open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));  // cgroup v2
        all.push_back(Fd::duplicate(fd.value()));
        if (!all.back()) return {};
    }
    return all;
}

std::vector<pid_t> Cgroup::processes() const { return processes_of(memory_.folder); }

Result<void> Cgroup::set_frozen(bool frozen) const {
    if (!freezes_) return {};
    const fs::path file = (freezer_.empty() ? memory_.folder : freezer_) / freezer_file;
    const int error = kernel_.write(file, frozen ? "1" : "0");
    return error == 0 ? Result<void>{} : cgroup_error(file.string(), error);
}

bool Cgroup::killed_for_memory() const {
    std::ifstream in(memory_.folder / (memory_.unified ? "memory.events" : "memory.oom_control"));
    std::string name;
    for (std::uint64_t count = 0; in >> name >> count;)
        if (name == "oom_kill" && count > 0) return true;
    return false;
}

Cgroup_Parent::Cgroup_Parent(const Kernel& kernel, Cgroup_Location memory)
    : kernel_(&kernel), pid_namespace_(pid_namespace(kernel)), memory_(std::move(memory)) {}

Result<Cgroup_Parent> Cgroup_Parent::find(const Kernel& kernel) {
    // Determined first: enabling a controller can move this process to a child group.
    const auto unified = own_location(kernel, unified_hierarchy);
    auto parent = with_memory(kernel, unified);
    if (!parent) return parent;
    parent->add_pids(unified);
    parent->add_freezer(unified);
    return parent;
}

Result<Cgroup_Parent> Cgroup_Parent::with_memory(const Kernel& kernel, const std::optional<Cgroup_Location>& unified) {
    Result<Cgroup_Parent> found = Error{"SandboxCgroupFailed", "no memory cgroup hierarchy is mounted", 500};
    for (const auto& location : {unified, own_location(kernel, "memory")}) {
        if (!location) continue;
        if (location->unified) {
            if (auto enabled = enable_controller(kernel, location->folder, "memory"); !enabled) {
                found = enabled.error();
                continue;
            }
        }
        const Cgroup_Parent parent(kernel, *location);
        remove_abandoned(kernel, location->folder);
        if (auto trial = parent.create(64u << 20); !trial)
            found = trial.error();
        else
            return parent;
    }
    return found;
}

void Cgroup_Parent::add_pids(const std::optional<Cgroup_Location>& unified) {
    pids_error_ = Error{"SandboxCgroupFailed", "no pids cgroup hierarchy is mounted", 500};
    for (const auto& location : {unified, own_location(*kernel_, "pids")}) {
        if (!location) continue;
        if (location->unified) {
            if (auto enabled = enable_controller(*kernel_, location->folder, "pids"); !enabled) {
                pids_error_ = enabled.error();
                continue;
            }
        }
        pids_ = location;
        remove_abandoned(*kernel_, location->folder);
        if (auto trial = create(64u << 20))
            return pids_error_.reset();
        else
            pids_error_ = trial.error();
        pids_.reset();
    }
}

/// Only the freezer of cgroup v2 is used: a process that is frozen by that of v1 cannot be killed, so it would outlive
/// an engine that was killed.
void Cgroup_Parent::add_freezer(const std::optional<Cgroup_Location>& unified) {
    freezer_error_ = Error{"SandboxCgroupFailed", "no cgroup v2 hierarchy is mounted", 500};
    if (!unified) return;
    freezer_ = unified;
    auto checked = check_freezer(*unified);
    if (checked) return freezer_error_.reset();
    freezer_error_ = checked.error();
    freezer_.reset();
}

Result<void> Cgroup_Parent::check_freezer(const Cgroup_Location& unified) {
    // A group whose processes were moved to another one by enable_controller() needs no check: its children may have
    // processes. Other groups may only have processes in their children without controllers.
    if (unified != memory_ && !text_of(unified.folder / "cgroup.subtree_control").empty() &&
        text_of(unified.folder / "cgroup.subtree_control") != "\n")
        return Error{"SandboxCgroupFailed", fmt::format("{} has controllers for other groups", unified.folder.string()),
                     500};
    const fs::path procs = unified.folder / "cgroup.procs";  // a process of this group is moved only with this right
    if (::access(procs.c_str(), W_OK) != 0) return cgroup_error(procs.string(), errno);
    if (unified != memory_) remove_abandoned(*kernel_, unified.folder);
    OSBOT_TRY(const auto trial, create(64u << 20));
    return {};
}

Result<std::unique_ptr<Cgroup>> Cgroup_Parent::create(std::uint64_t bytes) const {
    OSBOT_TRY(auto folder, make_group(memory_.folder));
    auto cgroup = std::make_unique<Cgroup>(*kernel_, Cgroup_Location{std::move(folder), memory_.unified});
    OSBOT_TRY(limit_memory(*cgroup, bytes));
    OSBOT_TRY(limit_pids(*cgroup));
    OSBOT_TRY(make_freezable(*cgroup));
    if (cgroup->open_procs().empty()) return cgroup_error((cgroup->memory_.folder / "cgroup.procs").string(), errno);
    return cgroup;
}

Result<fs::path> Cgroup_Parent::make_group(const fs::path& parent) const {
    static std::atomic<unsigned> next = 0;
    for (;;) {  // the name may exist: left by a killed engine that had the same process id
        fs::path folder = parent / fmt::format("{}{}.{}.{}", name_start, ::getpid(), next++, pid_namespace_);
        const int error = kernel_->make_group(folder);
        if (error == 0) return folder;
        if (error != EEXIST) return cgroup_error(folder.string(), error);
    }
}

/// Returns the group of `cgroup` in the hierarchy of `parent`: that for memory, or a new one, `own`.
Result<fs::path> Cgroup_Parent::group_in(const Cgroup_Location& parent, const Cgroup& cgroup, fs::path& own) const {
    if (parent == memory_) return cgroup.memory_.folder;
    OSBOT_TRY(own, make_group(parent.folder));
    return own;
}

Result<void> Cgroup_Parent::limit_memory(const Cgroup& cgroup, std::uint64_t bytes) const {
    const auto& [folder, unified] = cgroup.memory_;
    const fs::path limit = folder / (unified ? "memory.max" : "memory.limit_in_bytes");
    if (const int error = kernel_->write(limit, std::to_string(bytes)); error != 0)
        return cgroup_error(limit.string(), error);
    // Errors are ignored: kernels without swap accounting have neither file.
    kernel_->write(folder / (unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes"),
                   unified ? "0" : std::to_string(bytes));
    return {};
}

Result<void> Cgroup_Parent::limit_pids(Cgroup& cgroup) const {
    if (!pids_) return {};
    OSBOT_TRY(const fs::path folder, group_in(*pids_, cgroup, cgroup.pids_));
    const int error = kernel_->write(folder / "pids.max", std::to_string(processes_and_threads_max));
    return error == 0 ? Result<void>{} : cgroup_error((folder / "pids.max").string(), error);
}

Result<void> Cgroup_Parent::make_freezable(Cgroup& cgroup) const {
    if (!freezer_) return {};
    OSBOT_TRY(const fs::path folder, group_in(*freezer_, cgroup, cgroup.freezer_));
    // A thread moves itself between threaded groups without a grace period. A parent other than the root would have to
    // be threaded, too, with all of its groups.
    std::error_code ignored;
    if (!cgroup.freezer_.empty() && !fs::exists(freezer_->folder / type_file, ignored))
        kernel_->write(folder / type_file, "threaded");
    const int error = ::access((folder / freezer_file).c_str(), W_OK) == 0 ? 0 : errno;  // Linux 5.2
    cgroup.freezes_ = error == 0;
    return error == 0 ? Result<void>{} : cgroup_error((folder / freezer_file).string(), error);
}

}  // namespace osbot_aws::sandbox
