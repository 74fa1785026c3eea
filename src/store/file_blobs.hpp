#pragma once

#include <memory>

#include "store/blobs.hpp"

namespace osbot_aws::store {

/// Stores each blob as a file named by its SHA-256, all in one folder (ext4 and xfs index large directories).
class File_Blobs final : public Blobs {
public:
    /// `temporary` must be on the same file system, so that a rename adds or removes a blob atomically.
    File_Blobs(std::filesystem::path folder, std::filesystem::path temporary);

    Result<Blob_Ptr> put(std::string_view bytes) override;
    Result<Blob_Ptr> adopt(const std::filesystem::path& file) override;
    Result<Blob_Ptr> adopt(const std::filesystem::path& file, const Hashed& hashed) override;
    Result<Blob_Ptr> join(const std::vector<Blob_Ptr>& parts) override;
    Blob_Ptr hold(const std::string& sha256, std::uint64_t size) override;
    void protect(std::string_view sha256) override;
    Blob_Ptr find(const std::string& sha256) const override;
    std::filesystem::path path(const Blob& blob) const override;
    Result<std::string> read(const Blob& blob) const override;
    void when_released(std::function<void()> task) override;
    std::vector<Blob_Name> take_released() override;
    void erase_unreferenced(const std::vector<Blob_Name>& names) override;
    void erase_unreferenced() override;

private:
    class Shared_Blob;
    struct References;

    std::filesystem::path path_of(const Blob_Name& name) const;
    Result<Blob_Ptr> hold_if_stored(const Hashed& hashed);
    Result<Blob_Ptr> store_file(const std::filesystem::path& file, const Hashed& hashed);

    const std::filesystem::path folder_, temporary_;
    const std::shared_ptr<References> references_;  // shared with the blobs, which may outlive this object
};

}  // namespace osbot_aws::store
