#include "sandbox/process_tree.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>

#include "sandbox/proc_files.hpp"
#include "sandbox/shared_memory.hpp"

namespace osbot_aws::sandbox {
namespace {

struct Kinship {
    pid_t pid = 0, parent = 0, session = 0;
    bool ended = false;  // exited and not yet reaped
};

std::optional<Kinship> kinship_of(pid_t pid) {
    const auto text = read_proc(fmt::format("/proc/{}/stat", pid));
    const auto name_end = text ? text->rfind(')') : std::string::npos;  // the name may contain ')' and spaces
    if (name_end == std::string::npos) return std::nullopt;
    Kinship found{.pid = pid};
    std::istringstream rest(text->substr(name_end + 1));
    char state = 0;
    pid_t group = 0;
    if (!(rest >> state >> found.parent >> group >> found.session)) return std::nullopt;
    found.ended = state == 'Z';
    return found;
}

std::vector<Kinship> all_processes() {
    std::vector<Kinship> all;
    for (const pid_t pid : numbered_entries("/proc"))
        if (auto process = kinship_of(pid)) all.push_back(*process);
    return all;
}

/// Returns false if the kernel does not provide the list of children.
bool add_children(pid_t parent, std::vector<pid_t>& found) {
    for (const pid_t thread : numbered_entries(fmt::format("/proc/{}/task", parent))) {
        const std::string path = fmt::format("/proc/{}/task/{}/children", parent, thread);
        const auto text = read_proc(path);
        if (!text) {
            if (::access(fmt::format("/proc/{}/task/{}", parent, thread).c_str(), F_OK) != 0)
                continue;  // the thread exited
            return false;
        }
        for (const char* at = text->c_str(); *at != '\0';) {
            char* end = nullptr;
            const long pid = std::strtol(at, &end, 10);
            if (end == at) break;
            found.push_back(static_cast<pid_t>(pid));
            at = end + std::strspn(end, " ");
        }
    }
    return true;
}

std::vector<pid_t> descendants_by_search(pid_t root) {
    const std::vector<Kinship> all = all_processes();
    std::vector<pid_t> found = {root};
    for (std::size_t i = 0; i < found.size(); ++i)
        for (const Kinship& process : all)
            if (process.parent == found[i]) found.push_back(process.pid);
    found.erase(found.begin());
    return found;
}

std::uint64_t number_after(const std::string& text, const char* name) {
    const auto at = text.find(name);
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + std::strlen(name), nullptr, 10);
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
    std::vector<pid_t> found;
    if (!add_children(root, found)) return descendants_by_search(root);
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!add_children(found[i], found)) return descendants_by_search(root);
    return found;
}

std::vector<pid_t> session_members(pid_t session) {
    std::vector<pid_t> found;
    for (const Kinship& process : all_processes())
        if (process.session == session && !process.ended) found.push_back(process.pid);
    return found;
}

Memory memory_of(const std::vector<pid_t>& pids) {
    Memory all;
    Shared_Memory shared_memory;
    for (const pid_t pid : pids) {
        const auto text = read_proc(fmt::format("/proc/{}/status", pid));
        if (!text) continue;
        const std::uint64_t now = number_after(*text, "\nRssAnon:") + number_after(*text, "\nRssFile:");
        const std::uint64_t highest = number_after(*text, "\nVmHWM:");
        const std::uint64_t shared = number_after(*text, "\nRssShmem:");
        shared_memory.add(pid, shared * 1024);
        all.now += now * 1024;
        all.peak += std::max(now, highest > shared ? highest - shared : 0) * 1024;
    }
    all.now += shared_memory.bytes();
    all.peak += shared_memory.bytes();
    return all;
}

std::size_t tasks_of(const std::vector<pid_t>& pids) {
    std::size_t tasks = 0;
    for (const pid_t pid : pids)
        if (const auto text = read_proc(fmt::format("/proc/{}/status", pid)))
            tasks += number_after(*text, "\nThreads:");
    return tasks;
}

}  // namespace osbot_aws::sandbox
