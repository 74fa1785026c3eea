#include "base/regular_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace osbot_aws::base {

Result<Unique_Fd> open_regular_file(const std::filesystem::path& path) {
    Unique_Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (auto error = irregular_file(file, path)) return *error;
    return file;
}

std::optional<Error> irregular_file(const Unique_Fd& file, const std::filesystem::path& path) {
    struct stat info {};
    if (!file || ::fstat(file.fd(), &info) != 0) return file_error("open", path);
    if (S_ISREG(info.st_mode)) return std::nullopt;
    return Error{"FileError", fmt::format("cannot open {}: not a regular file", path.string())};
}

}  // namespace osbot_aws::base
