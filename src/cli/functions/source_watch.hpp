#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::cli {

/// Reports when source files were saved. A file is watched by its name: if an editor or a linker replaces it with a new
/// file, that is a change. A folder is watched recursively, including new files and folders.
///
/// A change is reported when it is complete: when the writer has closed the file, and when all files that are watched
/// by name exist. The only other delay is burst_gap, which combines files that are saved together into one report.
/// Source: inotify(7)
class Source_Watch {
public:
    /// Returns true for paths to ignore. Paths are absolute. An ignored folder is not watched.
    using Ignored = std::function<bool(const std::filesystem::path&)>;

    /// Starts to watch. Errors: FileError, which names the path or the limit of the host that is too small.
    static Result<Source_Watch> create(const std::vector<std::filesystem::path>& sources, Ignored ignored);

    /// Waits for changes. Returns the changed paths, sorted and without duplicates.
    /// Errors: FileError when a watched folder was removed.
    Result<std::vector<std::filesystem::path>> wait();

    static constexpr std::chrono::milliseconds burst_gap{2};
    /// A file that stays open longer than this after its last write, such as a log, does not delay the report.
    static constexpr std::chrono::milliseconds writing_max{2'000};

private:
    using Clock = std::chrono::steady_clock;

    struct Folder {
        std::filesystem::path path;
        bool all = false;             ///< watch all entries, not only `names`
        bool root = false;            ///< its removal is an error
        std::set<std::string> names;  ///< files that are watched by name
    };

    Source_Watch(base::Unique_Fd events, Ignored ignored) : events_(std::move(events)), ignored_(std::move(ignored)) {}

    Result<void> add_file(const std::filesystem::path& file);
    Result<void> add_tree(const std::filesystem::path& folder, bool root);
    Result<Folder*> watch(const std::filesystem::path& folder);
    Result<void> read_events();
    Result<void> handle_event(int watch_number, unsigned mask, const std::string& name);
    void record_change(const std::filesystem::path& path, unsigned mask);
    bool all_files_exist() const;
    int next_timeout_ms();

    base::Unique_Fd events_;
    Ignored ignored_;
    std::map<int, Folder> folders_;  // by watch descriptor
    std::set<std::filesystem::path> changed_;
    std::map<std::filesystem::path, Clock::time_point> writing_;  // files open for writing, with their last write
};

/// Returns true for files that editors and version control put next to sources: swap files, backups, locks, `.git`.
bool is_scratch(const std::filesystem::path& path);

}  // namespace osbot_aws::cli
