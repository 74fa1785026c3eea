#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// Unpacks zips of code and layers, each once per SHA-256, into folders that are mounted read-only.
class Code_Folders {
public:
    Code_Folders(Context& context, std::filesystem::path folder) : context_(context), folder_(std::move(folder)) {}

    /// Unpacks on a worker thread, then calls `done` on the loop with the folder. An existing folder is not unpacked
    /// again. Unpacks into a temporary folder and renames it, so that a crash leaves no partial folder. Errors:
    /// InvalidParameterValueException for a bad zip (with AWS's message), ServiceException for the disk.
    void unpack(const std::string& zip_sha256, std::function<void(Result<std::filesystem::path>)> done);
    /// Unpacks each zip with unpack(), then calls `done` with the folders in the same order, or with the first error.
    void unpack_all(const std::vector<std::string>& zip_sha256s,
                    std::function<void(Result<std::vector<std::filesystem::path>>)> done);
    /// Merges several folders into one, for kernels that cannot mount them as an overlay. Files of later folders
    /// replace those of earlier ones. The result consists of hard links and is made once. Blocks, so call it on a
    /// worker thread. Any thread. Errors: ServiceException for the disk.
    Result<std::filesystem::path> merged(const std::vector<std::filesystem::path>& folders);
    /// Removes all folders if the host was rebooted since they were unpacked: they are not fsynced, so a power failure
    /// may have damaged them, and the zips still exist. `boot_id` identifies the current boot; see base::boot_id() in
    /// base/power_failure.hpp. Called at start, before the first unpack().
    void discard_after_reboot(const std::string& boot_id);
    /// Removes all folders except those of these zips, and also all merged folders. Called at start.
    void keep_only(const std::set<std::string>& zip_sha256s);

    /// Marks the folders that an environment runs from as in use. They are not removed before the returned object is
    /// destroyed. `zip_sha256s`: as zips_of() returns them.
    std::shared_ptr<const void> hold(const std::vector<std::string>& zip_sha256s);
    /// Schedules a check of these zips after a reference to them was removed. A second later, a worker thread removes
    /// the folders that are neither referenced nor in use by an environment. A folder in use is checked again when it
    /// is released.
    void schedule_removal(const std::vector<std::string>& zip_sha256s);
    /// Sets the callback that returns the zips referenced by all functions and layers.
    void set_referenced(std::function<std::set<std::string>()> referenced) { referenced_ = std::move(referenced); }

    struct Unused {
        std::string name;
        std::uint64_t bytes = 0;
    };
    /// Removes the least recently used folders that no environment uses until the total size is at most `bytes_max`.
    /// Calls `done` with the removed folders; a dry run removes nothing and reports what it would remove. A removed
    /// folder is unpacked again when a function needs it.
    void trim(std::uint64_t bytes_max, bool dry_run, std::function<void(std::vector<Unused>)> done);

    /// Returns the folder if the zip has been unpacked, else an empty path.
    std::filesystem::path find(const std::string& zip_sha256) const;
    /// Removes all folders (reset).
    void clear();

private:
    using Done = std::function<void(Result<std::filesystem::path>)>;

    struct Measurement;

    std::vector<Unused> take_unused(const Measurement& measured, std::uint64_t bytes_max, bool dry_run,
                                    std::vector<std::filesystem::path>& moved);
    void mark_used(const std::string& name) const;
    void remove_candidates();
    void release(const std::vector<std::string>& names);
    void move_aside(const std::string& name, std::vector<std::filesystem::path>& moved);
    void remove_moved(std::vector<std::filesystem::path> moved, std::function<void()> done);

    Context& context_;
    std::filesystem::path folder_;
    std::mutex merge_mutex_;
    std::function<std::set<std::string>()> referenced_;
    std::map<std::string, int> use_counts_;  ///< folder name -> number of users
    std::set<std::string> removal_candidates_;
    std::map<std::string, std::uint64_t> sizes_;  ///< sizes already measured; a folder never changes
    base::Subscription_Ptr removal_timer_;
    std::map<std::string, std::vector<Done>> waiting_;  ///< by zip; concurrent calls share one unpacking
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// Returns the zips of a function: its code, then its layers in order. Empty for a container image.
std::vector<std::string> zips_of(const Function& function);

}  // namespace osbot_aws::services
