#pragma once

#include <mutex>
#include <set>

#include "store/blobs.hpp"

namespace osbot_aws::store {

/// Blobs as files named by their SHA-256 in one folder (a directory of ext4 or xfs is a tree already).
class File_Blobs final : public Blobs {
public:
    /// `temporary` is on the same file system, so that a rename makes a blob whole at once.
    File_Blobs(std::filesystem::path folder, std::filesystem::path temporary);

    Result<Blob> put(std::string_view bytes) override;
    Result<Blob> adopt(const std::filesystem::path& file) override;
    Result<Blob> join(const std::vector<std::string>& sha256s) override;
    Result<Blob> adopt(const std::filesystem::path& file, Blob hashed) override;
    std::filesystem::path path(const std::string& sha256) const override;
    bool exists(const std::string& sha256) const override;
    Result<std::string> read(const std::string& sha256) const override;
    void erase(const std::string& sha256) override;
    void keep_only(const std::set<std::string>& sha256s) override;

    /// A reset in two steps, because the records that name the blobs must go first: what is here now is doomed,
    /// unless it is put again before the end.
    void doom_all();
    void erase_doomed();
    void pardon_doomed();  ///< the records stayed

private:
    bool pardon_if_exists(const std::string& sha256);
    Result<void> take_in(const std::filesystem::path& file, const std::string& sha256);

    const std::filesystem::path folder_, temporary_;
    std::mutex mutex_;
    std::set<std::string> doomed_;
};

}  // namespace osbot_aws::store
