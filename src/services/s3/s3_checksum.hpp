#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::services {

/// Computes one of S3's checksums incrementally.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
class S3_Checksum {
public:
    virtual ~S3_Checksum() = default;
    virtual void update(std::string_view bytes) = 0;
    /// Returns the checksum in big-endian order, as S3 encodes it in base64. The object cannot be used afterwards.
    virtual std::string finish_raw() = 0;

    /// Creates a checksum by its name in lower case: crc32, crc32c, crc64nvme, sha1, sha256. Returns nullptr for
    /// others.
    static std::unique_ptr<S3_Checksum> of(std::string_view algorithm);
};

/// Returns S3's error for an unknown algorithm: https://github.com/openstack/swift, test/s3api/test_mpu.py, and others.
Error unsupported_checksum();

/// A part's checksum (raw) and its size in bytes.
using S3_Part_Checksum = std::pair<std::string, std::uint64_t>;

/// Returns the checksum of all bytes, computed from the checksums of the parts. Works only for CRCs; otherwise nullopt.
std::optional<std::string> full_object_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts);
/// Returns the checksum of the parts' checksums (raw), or nullopt for an unknown algorithm.
std::optional<std::string> composite_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts);

}  // namespace osbot_aws::services
