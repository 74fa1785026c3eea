#include "packing/cache_folder.hpp"

#include <cstdlib>

namespace osbot_aws::packing {
namespace fs = std::filesystem;

fs::path cache_folder() {
    const auto variable = [](const char* name) { return std::getenv(name); };
    if (const char* cache = variable("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
        return fs::path(cache) / "osbot_aws";
    if (const char* home = variable("HOME"); home != nullptr && *home == '/')
        return fs::path(home) / ".cache/osbot_aws";
    return {};
}

}  // namespace osbot_aws::packing
