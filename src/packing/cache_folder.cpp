#include "packing/cache_folder.hpp"

#include <chrono>
#include <string>

#include "base/environment.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

fs::path cache_folder() {
    if (const fs::path cache = base::variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "osbot_aws";
    if (const fs::path home = base::variable("HOME"); home.is_absolute()) return home / ".cache/osbot_aws";
    return {};
}

void remove_abandoned(const fs::path& folder) {
    constexpr std::chrono::hours abandoned_after{1};  // much longer than any installation takes
    std::error_code error;
    const auto oldest = fs::file_time_type::clock::now() - abandoned_after;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const bool unfinished = entry.path().filename().string().starts_with(unfinished_prefix);
        if (unfinished && entry.last_write_time(error) < oldest && !error) fs::remove_all(entry.path(), error);
    }
}

}  // namespace osbot_aws::packing
