#include "cli/functions/source_watch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/local_error.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr unsigned watched_events = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM |
                                    IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr std::size_t events_bytes = 65'536;

Error watch_error(const fs::path& folder) {
    if (errno == ENOSPC)
        return local_error("FileError",
                           "cannot watch {}: too many inotify watches; increase the sysctl "
                           "fs.inotify.max_user_watches, or exclude folders with --ignore",
                           folder.string());
    return base::file_error("watch", folder);
}

/// Returns true for symbolic and hard links. A link is complete when it is created; other files are complete when their
/// writer closes them.
bool is_link(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && (S_ISLNK(info.st_mode) || info.st_nlink > 1);
}

}  // namespace

bool is_scratch(const fs::path& path) {
    const std::string name = path.filename().string();
    // Vim creates 4913 to test whether the folder is writable.
    for (const char* scratch_name : {".git", ".hg", ".svn", "4913"}) {
        if (name == scratch_name) return true;
    }
    const std::string extension = path.extension().string();
    return name.ends_with('~') || name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#')) ||
           extension == ".swp" || extension == ".swx" || extension == ".swo";
}

Result<Source_Watch> Source_Watch::create(const std::vector<fs::path>& sources, Ignored ignored) {
    base::Unique_Fd events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!events) return local_error("FileError", "cannot use inotify: {}", std::strerror(errno));
    Source_Watch source_watch(std::move(events), std::move(ignored));
    for (const fs::path& source : sources) {
        const fs::path path = fs::absolute(source).lexically_normal();
        std::error_code missing;
        const fs::path target = fs::canonical(path, missing);  // the target of a link is watched as well
        const bool folder = fs::is_directory(path, missing);
        OSBOT_TRY(folder ? source_watch.add_tree(target, true) : source_watch.add_file(path));
        if (!folder && !missing && target != path) OSBOT_TRY(source_watch.add_file(target));
    }
    return source_watch;
}

Result<Source_Watch::Folder*> Source_Watch::watch(const fs::path& folder) {
    const int number = ::inotify_add_watch(events_.fd(), folder.c_str(), watched_events);
    if (number < 0) return watch_error(folder);
    Folder& watched = folders_[number];  // the kernel returns the same number for the same folder
    if (watched.path.empty()) watched.path = folder;
    return &watched;
}

Result<void> Source_Watch::add_file(const fs::path& file) {
    OSBOT_TRY(auto folder, watch(file.parent_path()));
    folder->root = true;
    folder->names.insert(file.filename().string());
    return {};
}

Result<void> Source_Watch::add_tree(const fs::path& folder, bool root) {
    auto watched = watch(folder);
    if (!watched) {
        if (!root && errno == ENOENT) return {};  // already removed
        return watched.error();
    }
    (*watched)->all = true;
    (*watched)->root = (*watched)->root || root;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        if (ignored_(entry.path())) continue;
        if (entry.is_directory(failed) && !entry.is_symlink(failed)) {
            OSBOT_TRY(add_tree(entry.path(), false));
        } else if (!root) {
            changed_.insert(entry.path());  // created before its new folder was watched
        }
    }
    return {};
}

Result<std::vector<fs::path>> Source_Watch::wait() {
    for (;;) {
        pollfd ready{events_.fd(), POLLIN, 0};
        const int count = ::poll(&ready, 1, next_timeout_ms());
        if (count > 0) {
            OSBOT_TRY(read_events());
        } else if (count == 0 && !changed_.empty() && writing_.empty() && all_files_exist()) {
            const auto changed = std::exchange(changed_, {});
            return std::vector<fs::path>(changed.begin(), changed.end());
        }
    }
}

/// Returns the timeout of the next poll; -1 (none) unless something changed. Stops waiting for files that stay open
/// longer than writing_max.
int Source_Watch::next_timeout_ms() {
    const auto now = Clock::now();
    std::erase_if(writing_, [&](const auto& file) { return now - file.second >= writing_max; });
    if (!writing_.empty()) {
        const auto last = std::max_element(writing_.begin(), writing_.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(last->second + writing_max - now).count());
    }
    return changed_.empty() || !all_files_exist() ? -1 : static_cast<int>(burst_gap.count());
}

bool Source_Watch::all_files_exist() const {
    return std::all_of(folders_.begin(), folders_.end(), [](const auto& entry) {
        const Folder& folder = entry.second;
        return std::all_of(folder.names.begin(), folder.names.end(), [&](const std::string& name) {
            std::error_code failed;
            return fs::exists(folder.path / name, failed);
        });
    });
}

Result<void> Source_Watch::read_events() {
    alignas(inotify_event) char block[events_bytes];
    for (;;) {
        const ssize_t size = ::read(events_.fd(), block, sizeof block);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return {};
        for (ssize_t at = 0; at < size;) {
            inotify_event event;
            std::memcpy(&event, block + at, sizeof event);
            const char* name = block + at + sizeof event;
            OSBOT_TRY(handle_event(event.wd, event.mask, event.len > 0 ? name : ""));
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
}

Result<void> Source_Watch::handle_event(int watch_number, unsigned mask, const std::string& name) {
    const auto found = folders_.find(watch_number);
    if ((mask & IN_Q_OVERFLOW) != 0) {  // the lost events are unknown, so all folders are reported
        for (const auto& [number, folder] : folders_) changed_.insert(folder.path);
        return {};
    }
    if (found == folders_.end()) return {};
    if ((mask & IN_IGNORED) != 0) {
        const Folder removed = std::move(found->second);
        folders_.erase(found);
        if (removed.root) return local_error("FileError", "the watched folder {} was removed", removed.path.string());
        return {};
    }
    const Folder& folder = found->second;
    const fs::path path = folder.path / name;
    if (!folder.names.contains(name) && (!folder.all || ignored_(path))) return {};
    if ((mask & IN_ISDIR) != 0) {
        if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) return add_tree(path, false);
        if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) changed_.insert(path);
        return {};
    }
    record_change(path, mask);
    return {};
}

void Source_Watch::record_change(const fs::path& path, unsigned mask) {
    if ((mask & IN_MODIFY) != 0) {
        writing_[path] = Clock::now();
    } else if ((mask & IN_CREATE) != 0) {
        if (is_link(path)) changed_.insert(path);
    } else if ((mask & IN_ATTRIB) != 0) {
        if (!writing_.contains(path)) changed_.insert(path);
    } else {
        writing_.erase(path);
        changed_.insert(path);
    }
}

}  // namespace osbot_aws::cli
