#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace osbot_aws::store {

/// The SHA-256 of a blob's bytes (raw), its unique identifier.
using Blob_Name = std::array<char, 32>;

/// An immutable sequence of bytes, identified by its content. Reference-counted: the file is deleted some time after
/// the last reference is released (Blobs::take_released). Equal bytes are one object, so blobs can be compared by
/// address.
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
