#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "store/blobs.hpp"
#include "store/temporary_file.hpp"

namespace osbot_aws::store {

/// Writes a blob in pieces. The destructor deletes the bytes of a blob that was not finished.
///
///     Blob_Writer writer(store.blobs(), store.temporary_folder());
///     OSBOT_TRY(writer.write(piece));
///     Result<Blob_Ptr> blob = writer.finish();
///
/// Threads: one at a time. All functions block on the disk.
class Blob_Writer {
public:
    Blob_Writer(Blobs& blobs, const std::filesystem::path& temporary_folder);

    /// Errors: ServiceException.
    Result<void> write(std::string_view bytes);
    /// Stores the bytes durably. The object cannot be used afterwards. Errors: ServiceException.
    Result<Blob_Ptr> finish();

private:
    Result<void> open();
    void write_early();

    Blobs& blobs_;
    const Temporary_File file_;
    base::Unique_Fd fd_;
    base::Sha256 hash_;
    std::uint64_t size_ = 0, early_ = 0;
};

}  // namespace osbot_aws::store
