#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "store/blob.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::services {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;
constexpr std::uint64_t zip_bytes_max = 52'428'800;  ///< limit for a zip in a request

/// Converts an error of the zip reader to Lambda's error.
Error zip_error(const Error& reader);

/// A zip of code or of a layer that was checked and stored.
struct Zip_Blob {
    store::Blob_Ptr blob;
    std::uint64_t unpacked_bytes = 0;
};

/// The source of code. A zip is checked and stored as one blob before the operation, on a worker thread: by store_zip()
/// for `ZipFile`, by zip_of_object() for an object in a bucket.
struct Code_Source {
    std::optional<Result<Zip_Blob>> zip;  ///< the result of those functions
    std::string s3_bucket, s3_key, s3_object_version;
    std::string kms_key_arn;  ///< stored and returned; the engine does not encrypt code
    std::string image_uri;
};

/// Returns the bytes of a version of an object ("": the current one): one blob, or one for each part. Errors:
/// NoSuchBucket, NoSuchKey, NoSuchVersion, as S3 returns them.
using Object_Lookup = std::function<Result<std::vector<store::Blob_Ptr>>(
    const Account&, const std::string& bucket, const std::string& key, const std::string& version)>;

/// Returns the zip of the source. Errors: InvalidParameterValueException with AWS's message, if the request has no
/// source, or the object does not exist or is not a zip.
Result<Zip_Blob> resolve_zip(const Code_Source& source);

/// Joins the parts of an object into one blob and checks that it is a zip. For a worker thread. `object`: the result of
/// Object_Lookup. Errors: InvalidParameterValueException; ServiceException for the disk.
Result<Zip_Blob> zip_of_object(store::Blobs& blobs, const Result<std::vector<store::Blob_Ptr>>& object);

/// Checks and stores the zip of `ZipFile`. For a worker thread.
/// Errors: InvalidParameterValueException; RequestEntityTooLargeException above 50 MB; ServiceException for the disk.
Result<Zip_Blob> store_zip(store::Blobs& blobs, std::string_view bytes);

}  // namespace osbot_aws::services
