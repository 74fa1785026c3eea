#pragma once

#include <memory>

#include "store/blobs.hpp"

namespace osbot_aws::store {

/// Blobs as files named by their SHA-256 in one folder (a directory of ext4 or xfs is a tree already).
class File_Blobs final : public Blobs {
public:
    /// `temporary` is on the same file system, so that a rename makes a blob whole at once, or takes it away at once.
    File_Blobs(std::filesystem::path folder, std::filesystem::path temporary);

    Result<Blob_Ptr> put(std::string_view bytes) override;
    Result<Blob_Ptr> adopt(const std::filesystem::path& file) override;
    Result<Blob_Ptr> adopt(const std::filesystem::path& file, const Hashed& hashed) override;
    Result<Blob_Ptr> join(const std::vector<Blob_Ptr>& parts) override;
    Blob_Ptr hold(const std::string& sha256, std::uint64_t size) override;
    Blob_Ptr find(const std::string& sha256) const override;
    std::filesystem::path path(const Blob& blob) const override;
    Result<std::string> read(const Blob& blob) const override;
    void when_released(std::function<void()> task) override;
    std::vector<Blob_Name> take_released() override;
    void erase_unheld(const std::vector<Blob_Name>& names) override;
    void erase_unheld() override;

private:
    class Held;
    struct Holders;

    std::filesystem::path path_of(const Blob_Name& name) const;
    Blob_Ptr hold_if_there(const Hashed& hashed);
    Result<Blob_Ptr> take_in(const std::filesystem::path& file, const Hashed& hashed);

    const std::filesystem::path folder_, temporary_;
    const std::shared_ptr<Holders> holders_;  // the last blob may outlive this
};

}  // namespace osbot_aws::store
