#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "services/s3/s3_call.hpp"
#include "services/s3/s3_checksum.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// The checksums of a received body.
struct S3_Sums {
    std::string md5;  ///< hex
    /// x-amz-checksum-<algorithm> to base64: the verified checksums that the client declared, and those that this
    /// engine added.
    std::map<std::string, std::string> declared, added;
};

/// A checksum that the engine computes if the client does not declare it; the algorithm in lower case, or "" for none.
struct S3_Added_Checksum {
    std::string algorithm;
    bool only_if_none_declared = false;  ///< only if the client declares no checksum
};

/// S3's default. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
constexpr std::string_view s3_default_checksum = "crc64nvme";

/// Verifies a body incrementally against the declarations of its request: Content-MD5, x-amz-checksum-* in headers or
/// trailers.
class S3_Integrity {
public:
    S3_Integrity(const wire::Headers& headers, const S3_Added_Checksum& added);

    /// Returns InvalidRequest if the request names an unknown algorithm.
    const std::optional<Error>& failed() const { return failed_; }
    /// Returns true if the request declares an MD5 or a checksum.
    bool has_declared() const { return has_declared_; }
    void update(std::string_view bytes);
    /// Verifies the body; the object cannot be used afterwards. Errors: BadDigest, InvalidDigest.
    Result<S3_Sums> check(const wire::Headers& trailers);

private:
    struct Expected {
        std::string name;    ///< x-amz-checksum-<algorithm>
        std::string header;  ///< the value of the header; empty: it is in a trailer
        std::unique_ptr<S3_Checksum> checksum;
        bool added = false;
    };

    void add_declared(const wire::Headers& headers);
    void check_announced(std::string_view algorithm);
    void add_checksum_of_engine(const S3_Added_Checksum& added);
    Result<void> check_md5(const std::string& md5) const;

    const std::string md5_expected_;
    bool has_declared_ = false;
    std::optional<Error> failed_;
    base::Md5 md5_;
    std::vector<Expected> checksums_;
};

/// Returns true for 64 hexadecimal digits.
bool is_sha256(std::string_view text);
/// Verifies x-amz-content-sha256, if it is a hash, against the bytes, or against the hex digest that `compute_sha256`
/// returns. Errors: XAmzContentSHA256Mismatch.
Result<void> check_content_sha256(const Call& call, std::string_view bytes);
Result<void> check_content_sha256(const Call& call, const std::function<std::string()>& compute_sha256);

/// Verifies the body of an operation that declares its checksum (not: that of an object) against its Content-MD5 or
/// checksum, which may be in the trailers. Errors: InvalidRequest, BadDigest, InvalidDigest.
Result<void> check_body_integrity(const aws::Operation& operation, const Call& call, const wire::Headers& trailers);
/// Returns the error of S3_Integrity::check() with the details that S3 adds.
Error refuse_integrity(const Call& call, const Error& error);
/// For operations that require a Content-MD5 or a checksum: checks that the request has one. Errors: InvalidRequest.
Result<void> check_has_integrity(const Call& call);

}  // namespace osbot_aws::services
