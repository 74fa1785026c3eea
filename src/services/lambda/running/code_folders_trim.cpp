// Keeps unpacked code within a maximum size.
#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/disk_usage.hpp"
#include "services/lambda/running/code_folders.hpp"

namespace osbot_aws::services {
namespace fs = std::filesystem;

/// Sizes and times of use of all folders, read by a worker thread.
struct Code_Folders::Measurement {
    struct Folder {
        std::string name;
        std::uint64_t bytes = 0;
        fs::file_time_type used_at;
    };
    fs::path root;
    std::map<std::string, std::uint64_t> sizes;
    std::vector<Folder> folders;  ///< least recently used first

    void run() {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(root, ignored)) {
            std::string name = entry.path().filename().string();
            if (name.find('.') != std::string::npos) continue;  // being unpacked or removed
            const auto found = sizes.find(name);
            const std::uint64_t bytes = found != sizes.end() ? found->second : base::bytes_below(entry.path());
            folders.push_back({std::move(name), bytes, entry.last_write_time(ignored)});
        }
        std::sort(folders.begin(), folders.end(), [](const auto& a, const auto& b) { return a.used_at < b.used_at; });
    }
};

void Code_Folders::mark_used(const std::string& name) const {
    std::error_code not_unpacked_yet;
    fs::last_write_time(folder_ / name, fs::file_time_type::clock::now(), not_unpacked_yet);
}

void Code_Folders::trim(std::uint64_t bytes_max, bool dry_run, std::function<void(std::vector<Unused>)> done) {
    auto work = std::make_shared<Measurement>(Measurement{folder_, sizes_, {}});
    context_.loop.run_blocking(
        [work] { work->run(); },
        [this, alive = std::weak_ptr<int>(alive_), work, bytes_max, dry_run, done = std::move(done)] {
            if (alive.expired()) return;
            sizes_.clear();
            for (const auto& folder : work->folders) sizes_[folder.name] = folder.bytes;
            std::vector<fs::path> moved;
            const auto unused = std::make_shared<std::vector<Unused>>(take_unused(*work, bytes_max, dry_run, moved));
            if (moved.empty()) return done(std::move(*unused));
            remove_moved(std::move(moved), [unused, done] { done(std::move(*unused)); });
        });
}

std::vector<Code_Folders::Unused> Code_Folders::take_unused(const Measurement& measured, std::uint64_t bytes_max,
                                                            bool dry_run, std::vector<fs::path>& moved) {
    std::uint64_t total = 0;
    for (const auto& folder : measured.folders) total += folder.bytes;
    std::vector<Unused> unused;
    for (const auto& folder : measured.folders) {
        if (total <= bytes_max) break;
        if (use_counts_.contains(folder.name) || waiting_.contains(folder.name)) continue;
        if (!dry_run) move_aside(folder.name, moved);
        total -= folder.bytes;
        unused.push_back({folder.name, folder.bytes});
    }
    return unused;
}

}  // namespace osbot_aws::services
