#include "engine/lambda/code_folders.hpp"

#include <fmt/format.h>

#include <optional>
#include <system_error>

#include "base/random.hpp"
#include "base/zip_reader.hpp"
#include "engine/lambda/zips.hpp"

namespace osbot_aws::engine {
namespace {

namespace fs = std::filesystem;

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
    auto& waiting = waiting_[zip_sha256];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;

    struct Job {
        fs::path zip, wanted;
        std::optional<Result<fs::path>> result;
    };
    auto job = std::make_shared<Job>(Job{context_.store.blobs().path(zip_sha256), folder_ / zip_sha256, {}});
    context_.loop.run_blocking([job] { job->result = unpack_beside(job->zip, job->wanted); },
                               [this, alive = std::weak_ptr<int>(alive_), job, zip_sha256] {
                                   if (alive.expired()) return;
                                   const auto node = waiting_.extract(zip_sha256);
                                   if (node.empty()) return;
                                   for (const Done& one : node.mapped()) one(*job->result);
                               });
}

void Code_Folders::clear() {
    waiting_.clear();
    std::error_code ignored;  // what can't be removed is found by its hash again, and is what it was
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) fs::remove_all(entry.path(), ignored);
}

}  // namespace osbot_aws::engine
