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
#include "server/s3_call.hpp"
#include "server/s3_checksum.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

/// What a body turned out to be.
struct S3_Sums {
    std::string md5;  ///< hex
    /// x-amz-checksum-<algorithm> to base64: what the client said, and was right; and what nobody said.
    std::map<std::string, std::string> said, own;
};

/// A checksum that is made although no client says it, by its algorithm in lower case; "": none.
struct S3_Own_Checksum {
    std::string algorithm;
    bool only_without_another = false;  ///< the client says none at all
};

/// S3's default. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
constexpr std::string_view s3_default_checksum = "crc64nvme";

/// Compares a body that comes in pieces with what its request says of it: Content-MD5, x-amz-checksum-* in headers or
/// in trailers.
class S3_Integrity {
public:
    S3_Integrity(const wire::Headers& headers, const S3_Own_Checksum& own);

    /// InvalidRequest: an algorithm that S3 has not.
    const std::optional<Error>& failed() const { return failed_; }
    /// Whether the request says anything.
    bool said() const { return said_; }
    void update(std::string_view bytes);
    /// Spends the object. Errors: BadDigest, InvalidDigest.
    Result<S3_Sums> check(const wire::Headers& trailers);

private:
    struct Expected {
        std::string name;    ///< x-amz-checksum-<algorithm>
        std::string header;  ///< what its header says; empty: a trailer will
        std::unique_ptr<S3_Checksum> checksum;
        bool own = false;
    };

    void add_said(const wire::Headers& headers);
    void add_own(const S3_Own_Checksum& own);
    Result<void> check_md5(const std::string& md5) const;

    const std::string md5_expected_;
    bool said_ = false;
    std::optional<Error> failed_;
    base::Md5 md5_;
    std::vector<Expected> checksums_;
};

/// x-amz-content-sha256, when it is a hash, is that of the body: of these bytes, or as `made` says it in hex when it is
/// asked. Errors: XAmzContentSHA256Mismatch.
Result<void> check_content_sha256(S3_Call& call, std::string_view bytes);
Result<void> check_content_sha256(S3_Call& call, const std::function<std::string()>& made);

/// For operations that want one: a body in memory must have its Content-MD5 or a checksum, and be what those say.
/// Errors: InvalidRequest, BadDigest, InvalidDigest.
Result<void> check_required_integrity(const S3_Call& call);

}  // namespace osbot_aws::server
