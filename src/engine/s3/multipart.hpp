#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/s3/s3.hpp"

namespace osbot_aws::engine {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr int s3_part_number_max = 10'000;
constexpr std::uint64_t s3_part_bytes_min = 5ULL << 20;  ///< of every part but the last

/// One part that has been uploaded; its bytes are a blob of its own.
struct S3_Uploaded_Part {
    store::Blob_Ptr blob;
    std::string etag;  ///< MD5 in hex, without quotes
    std::int64_t modified_ms = 0;
    std::map<std::string, std::string> checksums;  ///< x-amz-checksum-<algorithm> to base64
    std::map<std::string, std::string> unasked;    ///< the same, only for the checksum of the whole
};

/// An object that comes in parts.
struct S3_Multipart_Upload {
    std::string id;
    S3_Object object;  ///< what it will be: key, headers, tags
    std::int64_t initiated_ms = 0;
    std::string checksum_algorithm;  ///< "CRC32" ...; "": none was asked for
    std::string checksum_type;       ///< "COMPOSITE" or "FULL_OBJECT"; "" without algorithm
    std::map<int, S3_Uploaded_Part> parts;
};

/// A part as CompleteMultipartUpload names it.
struct S3_Named_Part {
    int number = 0;
    std::string etag;                              ///< without quotes
    std::map<std::string, std::string> checksums;  ///< those that were given
};

/// The uploads in parts that are under way. Completing one copies nothing: the object becomes the list of its parts'
/// blobs. All of it survives a restart.
///
/// Loop thread only. Errors of all: NoSuchBucket, AccessDenied, NoSuchUpload.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
class S3_Uploads {
public:
    S3_Uploads(Context& context, S3& s3) : context_(context), s3_(s3) { load(); }

    void load();  ///< from the store: at start, and again when a write has failed
    void clear() { buckets_.clear(); }

    /// Keeps it under an id of its own, which is answered.
    Result<std::string> create(const Account& account, const std::string& bucket, S3_Multipart_Upload upload);
    /// Until the next change.
    Result<const S3_Multipart_Upload*> find(const Account& account, const std::string& bucket, const std::string& key,
                                            const std::string& id) const;
    /// Those of a bucket by key, then by age; until the next change.
    Result<std::vector<const S3_Multipart_Upload*>> list(const Account& account, const std::string& bucket) const;

    /// A part of that number that is there already is replaced.
    Result<void> put_part(const Account& account, const std::string& bucket, const std::string& key,
                          const std::string& id, int number, S3_Uploaded_Part part);
    Result<void> abort(const Account& account, const std::string& bucket, const std::string& key,
                       const std::string& id);
    /// The object takes the name. `headers` are added to its own (checksums of the whole).
    Result<void> complete(const Account& account, const std::string& bucket, const std::string& key,
                          const std::string& id, const std::vector<S3_Named_Part>& parts,
                          const std::map<std::string, std::string>& headers);
    /// What a bucket leaves when it is deleted.
    void forget_bucket(const std::string& bucket);

private:
    using Uploads = std::map<std::string, S3_Multipart_Upload>;  // by id

    void keep(const std::string& bucket, const S3_Multipart_Upload& upload);
    void erase_records(const std::string& bucket, const S3_Multipart_Upload& upload);

    Context& context_;
    S3& s3_;
    std::map<std::string, Uploads> buckets_;
};

/// The parts named, as they were uploaded.
/// Errors: InvalidPartOrder, InvalidPart, EntityTooSmall.
Result<std::vector<const S3_Uploaded_Part*>> named_parts(const S3_Multipart_Upload& upload,
                                                         const std::vector<S3_Named_Part>& named);

/// The ETag of an object made of parts: MD5 of their MD5s, and how many they were.
std::string multipart_etag(const std::vector<const S3_Uploaded_Part*>& parts);

}  // namespace osbot_aws::engine
