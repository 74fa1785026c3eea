#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace osbot_aws::store {

/// The SHA-256 of a blob's bytes, raw: what it is told apart by.
using Blob_Name = std::array<char, 32>;

/// One immutable run of bytes, named by its content. Whoever holds it keeps its bytes on the disk; they go some time
/// after the last one lets go (Blobs::take_released). Equal bytes are one blob, so two of them are compared by address.
///
/// Threads: any.
class Blob {
public:
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;

    std::string sha256() const;  ///< lower-case hex, 64 characters
    std::uint64_t size() const { return size_; }
    const Blob_Name& name() const { return name_; }

protected:
    Blob(const Blob_Name& name, std::uint64_t size) : name_(name), size_(size) {}
    ~Blob() = default;

private:
    const Blob_Name name_;
    const std::uint64_t size_;
};
using Blob_Ptr = std::shared_ptr<const Blob>;

}  // namespace osbot_aws::store
