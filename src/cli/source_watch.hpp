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

/// Tells when sources were saved. A file is followed by its name, so that an editor's or a linker's way of putting a
/// new one in its place counts as a change of it; a folder is followed with all below it, and with what comes into it.
///
/// A change is told once it is complete: a file that is written is waited for until its writer closes it, and one that
/// is followed by name until it is there. No time passes otherwise, except burst_gap, in which what was saved together
/// is told together. Source: inotify(7)
class Source_Watch {
public:
    /// Of a path as it was given, made absolute. A folder of which it is true is not looked into.
    using Ignored = std::function<bool(const std::filesystem::path&)>;

    /// Errors: FileError, which names the path, or says which limit of the host's is too small.
    static Result<Source_Watch> of(const std::vector<std::filesystem::path>& sources, Ignored ignored);

    /// Waits; answers what changed, each path once, in order of paths.
    /// Errors: FileError when a folder that was to be followed is gone.
    Result<std::vector<std::filesystem::path>> wait();

    static constexpr std::chrono::milliseconds burst_gap{2};
    /// Whoever keeps a file open for writing longer than this after its last write is not waited for: a log, say.
    static constexpr std::chrono::milliseconds writing_max{2'000};

private:
    using Clock = std::chrono::steady_clock;

    struct Folder {
        std::filesystem::path path;
        bool all = false;             ///< else only `names`
        bool root = false;            ///< its end is an error
        std::set<std::string> names;  ///< files that are followed by name
    };

    Source_Watch(base::Unique_Fd events, Ignored ignored) : events_(std::move(events)), ignored_(std::move(ignored)) {}

    Result<void> add_file(const std::filesystem::path& file);
    Result<void> add_tree(const std::filesystem::path& folder, bool root);
    Result<Folder*> watch(const std::filesystem::path& folder);
    Result<void> take_events();
    Result<void> take(int watch_number, unsigned mask, const std::string& name);
    void settle(const std::filesystem::path& path, unsigned mask);
    bool all_there() const;
    int patience_ms();

    base::Unique_Fd events_;
    Ignored ignored_;
    std::map<int, Folder> folders_;  // by watch descriptor
    std::set<std::filesystem::path> changed_;
    std::map<std::filesystem::path, Clock::time_point> writing_;  // and when it was written last
};

/// What editors and version control leave beside sources for a moment: swap files, backups, locks, `.git`.
bool is_scratch(const std::filesystem::path& path);

}  // namespace osbot_aws::cli
