#include "base/folder_entries.hpp"

#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

Result<void> for_each_entry(const fs::path& folder, const std::function<Result<void>(const fs::path&)>& visit) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        OSBOT_TRY(visit(at->path()));
    }
    if (!error) return {};
    return local_error("FileError", "cannot list {}: {}", folder.string(), error.message());
}

}  // namespace osbot_aws::base
