#include "base/disk_usage.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

std::uint64_t bytes_below(const fs::path& path) {
    std::error_code failed, missing;
    if (fs::is_regular_file(fs::symlink_status(path, failed))) return fs::file_size(path, failed);
    std::uint64_t bytes = 0;
    for (fs::recursive_directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        if (!fs::is_regular_file(at->symlink_status(missing))) continue;
        const std::uint64_t size = at->file_size(missing);
        if (!missing) bytes += size;
    }
    return bytes;
}

}  // namespace osbot_aws::base
