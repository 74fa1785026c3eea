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
#include "engine/context.hpp"
#include "engine/lambda/function.hpp"

namespace osbot_aws::engine {

/// Unpacks zips of code and layers, each once per SHA-256, into folders that are mounted read-only.
class Code_Folders {
public:
    Code_Folders(Context& context, std::filesystem::path folder) : context_(context), folder_(std::move(folder)) {}

    /// Unpacks on a worker thread, then `done` on the loop with the folder. A folder that is there already answers
    /// soon. Unpacks beside and renames, so that a crash leaves no half folder. Errors: InvalidParameterValueException
    /// for a bad zip (message as AWS's), ServiceException for the disk.
    void unpack(const std::string& zip_sha256, std::function<void(Result<std::filesystem::path>)> done);
    /// unpack() of each; `done` with the folders in the same order, or with the first error.
    void unpack_all(const std::vector<std::string>& zip_sha256s,
                    std::function<void(Result<std::vector<std::filesystem::path>>)> done);
    /// One folder with the contents of several, later ones over earlier ones, where the kernel can't lay them over each
    /// other: made of hard links, once. Blocks: for a worker. Any thread. Errors: ServiceException for the disk.
    Result<std::filesystem::path> merged(const std::vector<std::filesystem::path>& folders);
    /// Removes all but the folders of these, and what was merged: at start.
    void keep_only(const std::set<std::string>& zip_sha256s);

    /// What an environment runs from: nothing of it goes before the result does. `zip_sha256s` as of zips_of().
    std::shared_ptr<const void> hold(const std::vector<std::string>& zip_sha256s);
    /// Something that named these zips is gone. A second later the folders of those that neither `named` names any more
    /// nor an environment holds are removed, on a worker; of those that are held, once they are not.
    void released(const std::vector<std::string>& zip_sha256s);
    /// Says what all functions and layers name.
    void set_named(std::function<std::set<std::string>()> named) { named_ = std::move(named); }

    struct Unused {
        std::string name;
        std::uint64_t bytes = 0;
    };
    /// Removes folders that no environment holds, those first that were used least lately, until all together take no
    /// more than that; `done` with what went (dry run: would go). What a function needs again is unpacked again.
    void trim(std::uint64_t bytes_max, bool dry_run, std::function<void(std::vector<Unused>)> done);

    /// The folder if it has been unpacked, else an empty path.
    std::filesystem::path find(const std::string& zip_sha256) const;
    /// Forgets everything (reset).
    void clear();

private:
    using Done = std::function<void(Result<std::filesystem::path>)>;

    struct Measuring;

    std::vector<Unused> take_unused(const Measuring& measured, std::uint64_t bytes_max, bool dry_run,
                                    std::vector<std::filesystem::path>& gone);
    void mark_used(const std::string& name) const;
    void remove_released();
    void give_back(const std::vector<std::string>& names);
    void move_aside(const std::string& name, std::vector<std::filesystem::path>& gone);

    Context& context_;
    std::filesystem::path folder_;
    std::mutex merging_;
    std::function<std::set<std::string>()> named_;
    std::map<std::string, int> held_;  ///< by the folder's name
    std::set<std::string> released_;
    std::map<std::string, std::uint64_t> sizes_;  ///< of folders that were measured: they don't change
    base::Subscription_Ptr removal_;
    std::map<std::string, std::vector<Done>> waiting_;  ///< one unpacking serves all who ask meanwhile
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// The zips that a function is made of: its code, then its layers in their order; none of an image.
std::vector<std::string> zips_of(const Function& function);

}  // namespace osbot_aws::engine
