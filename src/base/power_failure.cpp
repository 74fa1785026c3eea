#include "base/power_failure.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/files.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

Result<void> rename_folder_durably(const fs::path& from, const fs::path& to) {
    const Unique_Fd opened(::open(from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return file_error("open", from);
    if (::syncfs(opened.fd()) != 0) return file_error("sync", from);
    if (::rename(from.c_str(), to.c_str()) != 0) return file_error("rename a new folder to", to);
    return fsync_folder(to.parent_path());
}

std::string boot_id() {
    auto id = read_file("/proc/sys/kernel/random/boot_id");
    return id ? std::move(*id) : std::string{};
}

}  // namespace osbot_aws::base
