#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "store/blob.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::engine {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;
constexpr std::uint64_t zip_bytes_max = 52'428'800;  ///< sent in a request

/// What Lambda says about a zip that the reader refused.
Error zip_error(const Error& reader);

/// A zip of code or of a layer that was looked at and kept.
struct Zip_Blob {
    store::Blob_Ptr blob;
    std::uint64_t unpacked_bytes = 0;
};

/// Where code comes from. A zip is checked and kept as one blob before the operation, on a worker: keep_zip() does it
/// for `ZipFile`, zip_of_object() for an object in a bucket.
struct Code_Source {
    std::optional<Result<Zip_Blob>> zip;  ///< what those said
    std::string s3_bucket, s3_key, s3_object_version;
    std::string image_uri;
};

/// The bytes of an object, in one blob or in those of its parts. Errors: NoSuchBucket, NoSuchKey, as S3 says them.
using Object_Of = std::function<Result<std::vector<store::Blob_Ptr>>(const Account&, const std::string& bucket,
                                                                     const std::string& key)>;

/// Errors: InvalidParameterValueException in AWS's words, when there is no source or its object is not there or no zip.
Result<Zip_Blob> resolve_zip(const Code_Source& source);

/// Joins the parts of an object to one blob and checks that it is a zip, on a worker thread. `object` as Object_Of
/// answered. Errors: InvalidParameterValueException; ServiceException for the disk.
Result<Zip_Blob> zip_of_object(store::Blobs& blobs, const Result<std::vector<store::Blob_Ptr>>& object);

/// Checks a zip and keeps it: what becomes of `ZipFile`, on a worker thread.
/// Errors: InvalidParameterValueException; RequestEntityTooLargeException above 50 MB; ServiceException for the disk.
Result<Zip_Blob> keep_zip(store::Blobs& blobs, std::string_view bytes);

}  // namespace osbot_aws::engine
