#pragma once

#include <filesystem>
#include <system_error>

namespace osbot_aws::store {

/// Deletes a file at the end of its scope, if it still exists: a stored blob was renamed.
struct Temporary_File {
    std::filesystem::path path;

    explicit Temporary_File(std::filesystem::path path_) : path(std::move(path_)) {}
    Temporary_File(const Temporary_File&) = delete;
    Temporary_File& operator=(const Temporary_File&) = delete;
    ~Temporary_File() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

}  // namespace osbot_aws::store
