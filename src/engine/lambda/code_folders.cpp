#include "engine/lambda/code_folders.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/zip_reader.hpp"
#include "engine/lambda/zips.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view merged_prefix = "merged-";
constexpr std::chrono::seconds removal_delay{1};  // one look at all names for all that is deleted meanwhile

/// The folder that several layers are merged in.
std::string merged_name(const std::vector<std::string>& layer_names) {
    std::string names;
    for (const std::string& name : layer_names) names += name + "/";
    return fmt::format("{}{}", merged_prefix, base::sha256_hex(names));
}

Error disk_error(const fs::path& folder, const std::error_code& error) {
    return {"ServiceException", fmt::format("cannot unpack code into {}: {}", folder.string(), error.message()), 500};
}

// Beside its place first: a crash in between leaves a folder that nobody looks for.
Result<fs::path> unpack_beside(const fs::path& zip, const fs::path& wanted) {
    const fs::path beside = wanted.string() + "." + base::random_hex(8);
    std::error_code error;
    fs::create_directories(beside, error);
    if (error) return disk_error(beside, error);

    auto reader = base::Zip_Reader::open_file(zip, unpacked_bytes_max);
    Result<void> extracted = reader ? reader->extract_to(beside) : Result<void>(reader.error());
    if (!extracted) {
        fs::remove_all(beside, error);
        return zip_error(extracted.error());
    }
    fs::rename(beside, wanted, error);
    if (error) {
        const Error failed = disk_error(wanted, error);
        fs::remove_all(beside, error);
        if (!fs::is_directory(wanted, error)) return failed;  // else somebody else was quicker
    }
    return wanted;
}

}  // namespace

std::filesystem::path Code_Folders::find(const std::string& zip_sha256) const {
    std::error_code error;
    fs::path folder = folder_ / zip_sha256;
    return !zip_sha256.empty() && fs::is_directory(folder, error) ? folder : fs::path{};
}

void Code_Folders::unpack(const std::string& zip_sha256, std::function<void(Result<std::filesystem::path>)> done) {
    if (fs::path folder = find(zip_sha256); !folder.empty()) {
        context_.loop.post([folder = std::move(folder), done = std::move(done)] { done(folder); });
        return;
    }
    auto blob = context_.store.blobs().find(zip_sha256);
    if (!blob) {
        return context_.loop.post([done = std::move(done)] {
            done(Error{"ServiceException", "the code is not kept any more", 500});
        });
    }
    auto& waiting = waiting_[zip_sha256];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;

    struct Job {
        store::Blob_Ptr blob;  // it stays until it is read
        fs::path zip, wanted;
        std::optional<Result<fs::path>> result;
    };
    fs::path zip = context_.store.blobs().path(*blob);
    auto job = std::make_shared<Job>(Job{std::move(blob), std::move(zip), folder_ / zip_sha256, {}});
    context_.loop.run_blocking([job] { job->result = unpack_beside(job->zip, job->wanted); },
                               [this, alive = std::weak_ptr<int>(alive_), job, zip_sha256] {
                                   if (alive.expired()) return;
                                   const auto node = waiting_.extract(zip_sha256);
                                   if (node.empty()) return;
                                   for (const Done& one : node.mapped()) one(*job->result);
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
        return context_.loop.post([done = std::move(done)] { done(std::vector<fs::path>{}); });  // an image's
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
    const fs::path wanted = folder_ / merged_name(names);
    const std::lock_guard lock(merging_);
    std::error_code error;
    if (fs::is_directory(wanted, error)) return wanted;
    const fs::path beside = wanted.string() + "." + base::random_hex(8);
    fs::create_directories(beside, error);
    for (const fs::path& folder : folders) {
        for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
            const fs::path target = beside / at->path().lexically_relative(folder);
            const bool subfolder = at->is_directory(error) && !at->is_symlink(error);
            if (!subfolder || !fs::is_directory(target, error)) fs::remove_all(target, error);
            if (error) break;
            if (subfolder)
                fs::create_directories(target, error);
            else if (at->is_symlink(error))
                fs::copy_symlink(at->path(), target, error);
            else
                fs::create_hard_link(at->path(), target, error);
        }
        if (error) break;
    }
    if (!error) fs::rename(beside, wanted, error);
    if (!error) return wanted;
    const Error failed = disk_error(wanted, error);
    fs::remove_all(beside, error);
    return failed;
}

void Code_Folders::keep_only(const std::set<std::string>& zip_sha256s) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename().string();
        const bool unpacking = waiting_.contains(name.substr(0, name.find('.')));
        if (!zip_sha256s.contains(name) && !unpacking) fs::remove_all(entry.path(), ignored);
    }
}

// ---- folders that nobody needs any more -----------------------------------------------------------------------------

std::shared_ptr<const void> Code_Folders::hold(const std::vector<std::string>& zip_sha256s) {
    std::vector<std::string> names = zip_sha256s;
    if (zip_sha256s.size() > 2) names.push_back(merged_name({zip_sha256s.begin() + 1, zip_sha256s.end()}));
    for (const std::string& name : names) {
        if (held_[name]++ == 0) mark_used(name);
    }
    return {this, [this, alive = std::weak_ptr<int>(alive_), names](const void*) {
                if (!alive.expired()) give_back(names);
            }};
}

void Code_Folders::give_back(const std::vector<std::string>& names) {
    bool wanted_gone = false;
    for (const std::string& name : names) {
        const auto place = held_.find(name);
        if (--place->second > 0) continue;
        held_.erase(place);
        wanted_gone = wanted_gone || released_.contains(name);
    }
    if (wanted_gone) released({});
}

void Code_Folders::released(const std::vector<std::string>& zip_sha256s) {
    released_.insert(zip_sha256s.begin(), zip_sha256s.end());
    if (removal_ || released_.empty()) return;
    removal_ = context_.loop.after(removal_delay, [this] {
        context_.loop.post([this, alive = std::weak_ptr<int>(alive_)] {  // not from within its own timer
            if (!alive.expired()) remove_released();
        });
    });
}

// Aside at once, so that whoever wants the code again unpacks it again.
void Code_Folders::move_aside(const std::string& name, std::vector<fs::path>& gone) {
    const fs::path aside = folder_ / fmt::format("{}.{}", name, base::random_hex(8));
    std::error_code error;
    fs::rename(folder_ / name, aside, error);
    if (!error) gone.push_back(aside);
}

void Code_Folders::remove_released() {
    removal_.reset();
    const std::set<std::string> named = named_ ? named_() : std::set<std::string>{};
    std::vector<fs::path> gone;
    std::erase_if(released_, [&](const std::string& name) {
        if (named.contains(name)) return true;
        if (held_.contains(name) || waiting_.contains(name)) return false;
        move_aside(name, gone);
        return true;
    });
    if (gone.empty()) return;
    std::error_code ignored;
    std::vector<std::string> merged;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(merged_prefix) && name.find('.') == std::string::npos && !held_.contains(name))
            merged.push_back(name);
    }
    for (const std::string& name : merged) move_aside(name, gone);
    context_.loop.run_blocking(
        [gone] {
            std::error_code left;  // found and removed at the next start
            for (const fs::path& folder : gone) fs::remove_all(folder, left);
        },
        [] {});
}

std::vector<std::string> zips_of(const Function& function) {
    std::vector<std::string> zips;
    if (function.zip) zips.push_back(function.zip->sha256());
    for (const Function_Layer& layer : function.layers) zips.push_back(layer.zip->sha256());
    return zips;
}

void Code_Folders::clear() {
    waiting_.clear();
    released_.clear();
    std::error_code ignored;  // what can't be removed is found by its hash again, and is what it was
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) fs::remove_all(entry.path(), ignored);
}

}  // namespace osbot_aws::engine
