#include "services/lambda/running/code_folders.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/zip_reader.hpp"
#include "services/lambda/zips.hpp"
#include "store/blobs.hpp"
#include "store/records.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;

/// The boot in which the folders were unpacked.
struct Code_Boot {
    std::string id;
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Code_Boot>& boot) {
    f("id", boot.id);
}

/// The value of version 1 is the bare id.
const store::Record_Kind boot_kind{
    .name = "lambda.code_boot", .version = 2, .upgrade = [](std::string_view value, int) -> Json {
        return {{"id", std::string(value)}};
    }};
constexpr const char* boot_key = "id";
constexpr std::string_view merged_prefix = "merged-";
constexpr std::chrono::seconds removal_delay{1};  // one scan covers all removals within this time

/// Returns the name of the folder into which these layers are merged.
std::string merged_name(const std::vector<std::string>& layer_names) {
    std::string names;
    for (const std::string& name : layer_names) names += name + "/";
    return fmt::format("{}{}", merged_prefix, base::sha256_hex(names));
}

Error cannot_unpack(const fs::path& folder, const std::error_code& error) {
    return base::disk_error("unpack code into", folder, error.value());
}

/// Makes a folder with the content that `fill` writes. A crash before the rename leaves only a temporary folder.
/// Nothing reads it, and the next start removes it.
template <class Fill>
Result<fs::path> make_folder(const fs::path& destination, Fill fill) {
    const fs::path temporary = destination.string() + "." + base::random_hex(8);
    std::error_code error;
    fs::create_directories(temporary, error);
    if (error) return cannot_unpack(temporary, error);
    Result<void> filled = fill(temporary);
    if (filled) fs::rename(temporary, destination, error);
    if (filled && !error) return destination;
    if (error) filled = cannot_unpack(destination, error);
    fs::remove_all(temporary, error);
    if (fs::is_directory(destination, error)) return destination;  // another process finished first
    return filled.error();
}

Result<fs::path> unpack_atomically(const fs::path& zip, const fs::path& destination) {
    return make_folder(destination, [&](const fs::path& folder) -> Result<void> {
        return base::Zip_Reader::open_file(zip, unpacked_bytes_max)
            .and_then(
                [&](base::Zip_Reader reader) { return reader.extract_to(folder, base::Zip_Reader::Rights::of_others); })
            .or_else(zip_error);
    });
}

/// Adds the content of `folder` to `target`. Replaces what exists there.
void link_over(const fs::path& folder, const fs::path& target, std::error_code& error) {
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const fs::path path = target / at->path().lexically_relative(folder);
        const bool subfolder = at->is_directory(error) && !at->is_symlink(error);
        if (!subfolder || !fs::is_directory(path, error)) fs::remove_all(path, error);
        if (error) return;
        if (subfolder)
            fs::create_directories(path, error);
        else if (at->is_symlink(error))
            fs::copy_symlink(at->path(), path, error);
        else
            fs::create_hard_link(at->path(), path, error);
    }
}

}  // namespace

std::filesystem::path Code_Folders::find(const std::string& zip_sha256) const {
    std::error_code error;
    fs::path folder = folder_ / zip_sha256;
    return !zip_sha256.empty() && fs::is_directory(folder, error) ? folder : fs::path{};
}

void Code_Folders::unpack(const std::string& zip_sha256, std::function<void(Result<std::filesystem::path>)> done) {
    const fs::path folder = find(zip_sha256);
    auto blob = folder.empty() ? context_.store.blobs().find(zip_sha256) : nullptr;
    if (!blob) {
        const Error missing{"ServiceException", "the code is no longer stored", 500};
        return context_.loop.post(
            [result = folder.empty() ? Result<fs::path>(missing) : folder, done = std::move(done)] { done(result); });
    }
    auto& waiting = waiting_[zip_sha256];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;

    struct Job {
        store::Blob_Ptr blob;  // keeps the bytes until they are read
        fs::path zip, destination;
        std::optional<Result<fs::path>> result;
    };
    fs::path zip = context_.store.blobs().path(*blob);
    auto job = std::make_shared<Job>(Job{std::move(blob), std::move(zip), folder_ / zip_sha256, {}});
    context_.loop.run_blocking([job] { job->result = unpack_atomically(job->zip, job->destination); },
                               [this, alive = std::weak_ptr<int>(alive_), job, zip_sha256] {
                                   if (alive.expired()) return;
                                   const auto node = waiting_.extract(zip_sha256);
                                   if (node.empty()) return;
                                   for (const Done& callback : node.mapped()) callback(*job->result);
                               });
}

void Code_Folders::unpack_all(const std::vector<std::string>& zip_sha256s,
                              std::function<void(Result<std::vector<fs::path>>)> done) {
    struct Job {
        std::vector<fs::path> folders;
        std::size_t missing = 0;
        std::optional<Error> error;
        std::function<void(Result<std::vector<fs::path>>)> done;
    };
    if (zip_sha256s.empty())
        return context_.loop.post(
            [done = std::move(done)] { done(std::vector<fs::path>{}); });  // a container image has no zips
    auto job = std::make_shared<Job>();
    job->folders.resize(zip_sha256s.size());
    job->missing = zip_sha256s.size();
    job->done = std::move(done);
    for (std::size_t i = 0; i < zip_sha256s.size(); ++i) {
        unpack(zip_sha256s[i], [job, i](const Result<fs::path>& folder) {
            if (folder)
                job->folders[i] = *folder;
            else if (!job->error)
                job->error = folder.error();
            if (--job->missing > 0) return;
            if (job->error) return job->done(*job->error);
            job->done(std::move(job->folders));
        });
    }
}

Result<fs::path> Code_Folders::merged(const std::vector<fs::path>& folders) {
    if (folders.size() == 1) return folders.front();
    std::vector<std::string> names;
    names.reserve(folders.size());
    for (const fs::path& folder : folders) names.push_back(folder.filename().string());
    const fs::path destination = folder_ / merged_name(names);
    const std::lock_guard lock(merge_mutex_);
    std::error_code error;
    if (fs::is_directory(destination, error)) return destination;
    return make_folder(destination, [&](const fs::path& merged) -> Result<void> {
        error.clear();
        for (const fs::path& folder : folders)
            if (!error) link_over(folder, merged, error);
        return error ? cannot_unpack(destination, error) : Result<void>();
    });
}

void Code_Folders::discard_after_reboot(const std::string& boot_id) {
    std::string unpacked_in;
    store::Records<Code_Boot> records(context_.store, boot_kind);
    records.load([&](const std::string&, const Code_Boot& boot) { unpacked_in = boot.id; });
    if (!boot_id.empty() && unpacked_in == boot_id) return;
    clear();
    std::error_code missing;
    if (fs::is_empty(folder_, missing) || missing) records.put(boot_key, {boot_id});
}

void Code_Folders::keep_only(const std::set<std::string>& zip_sha256s) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename().string();
        const bool unpacking = waiting_.contains(name.substr(0, name.find('.')));
        if (!zip_sha256s.contains(name) && !unpacking) fs::remove_all(entry.path(), ignored);
    }
}

// ---- removal of unused folders --------------------------------------------------------------------------------------

std::shared_ptr<const void> Code_Folders::hold(const std::vector<std::string>& zip_sha256s) {
    std::vector<std::string> names = zip_sha256s;
    if (zip_sha256s.size() > 2) names.push_back(merged_name({zip_sha256s.begin() + 1, zip_sha256s.end()}));
    for (const std::string& name : names) {
        if (use_counts_[name]++ == 0) mark_used(name);
    }
    return {this, [this, alive = std::weak_ptr<int>(alive_), names](const void*) {
                if (!alive.expired()) release(names);
            }};
}

void Code_Folders::release(const std::vector<std::string>& names) {
    bool removal_pending = false;
    for (const std::string& name : names) {
        const auto count = use_counts_.find(name);
        if (--count->second > 0) continue;
        use_counts_.erase(count);
        removal_pending = removal_pending || removal_candidates_.contains(name);
    }
    if (removal_pending) schedule_removal({});
}

void Code_Folders::schedule_removal(const std::vector<std::string>& zip_sha256s) {
    removal_candidates_.insert(zip_sha256s.begin(), zip_sha256s.end());
    if (removal_timer_ || removal_candidates_.empty()) return;
    removal_timer_ = context_.loop.after(removal_delay, [this] { remove_candidates(); });
}

// Renames the folder immediately, so that a new request for the code unpacks it again.
void Code_Folders::move_aside(const std::string& name, std::vector<fs::path>& moved) {
    const fs::path aside = folder_ / fmt::format("{}.{}", name, base::random_hex(8));
    std::error_code error;
    fs::rename(folder_ / name, aside, error);
    if (!error) moved.push_back(aside);
}

void Code_Folders::remove_candidates() {
    removal_timer_.reset();
    const std::set<std::string> referenced = referenced_ ? referenced_() : std::set<std::string>{};
    std::vector<fs::path> moved;
    std::erase_if(removal_candidates_, [&](const std::string& name) {
        if (referenced.contains(name)) return true;
        if (use_counts_.contains(name) || waiting_.contains(name)) return false;
        move_aside(name, moved);
        return true;
    });
    if (moved.empty()) return;
    std::error_code ignored;
    std::vector<std::string> merged;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(merged_prefix) && name.find('.') == std::string::npos && !use_counts_.contains(name))
            merged.push_back(name);
    }
    for (const std::string& name : merged) move_aside(name, moved);
    remove_moved(std::move(moved), [] {});
}

void Code_Folders::remove_moved(std::vector<fs::path> moved, std::function<void()> done) {
    context_.loop.run_blocking(
        [moved = std::move(moved)] {
            std::error_code ignored;  // a remaining folder is removed at the next start
            for (const fs::path& folder : moved) fs::remove_all(folder, ignored);
        },
        std::move(done));
}

std::vector<std::string> zips_of(const Function& function) {
    std::vector<std::string> zips;
    if (function.zip) zips.push_back(function.zip->sha256());
    for (const Function_Layer& layer : function.layers) zips.push_back(layer.zip->sha256());
    return zips;
}

void Code_Folders::clear() {
    waiting_.clear();
    removal_candidates_.clear();
    keep_only({});  // a remaining folder is still valid: its name is its hash
}

}  // namespace osbot_aws::services
