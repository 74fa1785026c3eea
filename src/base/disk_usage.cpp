#include "base/disk_usage.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

std::uint64_t bytes_below(const fs::path& path) {
    std::error_code error, entry_error;
    if (fs::is_regular_file(fs::symlink_status(path, error))) return fs::file_size(path, error);
    std::uint64_t bytes = 0;
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (!fs::is_regular_file(at->symlink_status(entry_error))) continue;
        const std::uint64_t size = at->file_size(entry_error);
        if (!entry_error) bytes += size;
    }
    return bytes;
}

}  // namespace osbot_aws::base
