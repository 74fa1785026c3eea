#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::server {

/// One of S3's checksums, of bytes that come in pieces.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
class S3_Checksum {
public:
    virtual ~S3_Checksum() = default;
    virtual void update(std::string_view bytes) = 0;
    /// Big-endian, as S3 has it before base64. Spends the object.
    virtual std::string finish_raw() = 0;

    /// By its name in lower case: crc32, crc32c, crc64nvme, sha1, sha256. Nullptr: one that we don't have.
    static std::unique_ptr<S3_Checksum> of(std::string_view algorithm);
};

/// What S3 says of an algorithm that it has not: https://github.com/openstack/swift, test/s3api/test_mpu.py, and
/// others.
Error unsupported_checksum();

/// A part's checksum, raw, and how many bytes it is of.
using S3_Part_Checksum = std::pair<std::string, std::uint64_t>;

/// The checksum of all bytes from those of the parts, without the bytes. Only CRCs can do it: nothing for the others.
std::optional<std::string> full_object_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts);
/// The checksum of the parts' checksums, raw. Nothing: an algorithm that we don't have.
std::optional<std::string> composite_checksum(std::string_view algorithm, const std::vector<S3_Part_Checksum>& parts);

}  // namespace osbot_aws::server
