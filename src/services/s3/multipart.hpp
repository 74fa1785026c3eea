#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/s3/s3.hpp"

namespace osbot_aws::services {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr int s3_part_number_max = 10'000;
constexpr std::uint64_t s3_part_bytes_min = 5ULL << 20;  ///< for every part except the last

/// An uploaded part. Each part is stored as a separate blob.
struct S3_Uploaded_Part {
    store::Blob_Ptr blob;
    std::string etag;  ///< MD5 in hex, without quotes
    std::int64_t modified_ms = 0;
    std::map<std::string, std::string> checksums;              ///< x-amz-checksum-<algorithm> to base64
    std::map<std::string, std::string> unrequested_checksums;  ///< computed only for the checksum of the whole object
};

/// A multipart upload in progress.
struct S3_Multipart_Upload {
    std::string id;
    S3_Object object;  ///< key, headers and tags of the object to create
    std::int64_t initiated_ms = 0;
    std::string checksum_algorithm;  ///< "CRC32" ...; "": the upload requested none
    std::string checksum_type;       ///< "COMPOSITE" or "FULL_OBJECT"; "" without an algorithm
    bool replaces = false;           ///< the key had an object when the upload was created
    std::map<int, S3_Uploaded_Part> parts;
};

/// A part in the list of a CompleteMultipartUpload request.
struct S3_Listed_Part {
    int number = 0;
    std::string etag;                              ///< without quotes
    std::map<std::string, std::string> checksums;  ///< checksums in the request
};

/// The multipart uploads in progress. Completing an upload copies no bytes: the object refers to the blobs of its
/// parts. Uploads survive a restart.
///
/// Loop thread only. Errors of all operations: NoSuchBucket, AccessDenied, NoSuchUpload.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
class S3_Uploads {
public:
    S3_Uploads(Context& context, S3& s3);

    void load();
    void clear() { buckets_.clear(); }

    /// Stores the upload under a new id and returns the id.
    Result<std::string> create(const Account& account, const std::string& bucket, S3_Multipart_Upload upload);
    /// Finds an upload. The pointer is valid until the next change.
    Result<const S3_Multipart_Upload*> find(const Account& account, const std::string& bucket, const std::string& key,
                                            const std::string& id) const;
    /// Returns the first upload of a bucket whose id is not less than this one, or nullptr. Valid until the next
    /// change.
    const S3_Multipart_Upload* upload_from(const std::string& bucket, const std::string& id) const;
    /// Lists a bucket's uploads by key, then by age. The pointers are valid until the next change.
    Result<std::vector<const S3_Multipart_Upload*>> list(const Account& account, const std::string& bucket) const;

    /// Adds a part, or replaces the part with this number.
    Result<void> put_part(const Account& account, const std::string& bucket, const std::string& key,
                          const std::string& id, int number, S3_Uploaded_Part part);
    Result<void> abort(const Account& account, const std::string& bucket, const std::string& key,
                       const std::string& id);
    /// Creates the object from the listed parts. `headers` are added to its own (checksums of the whole object).
    /// Returns the object as stored.
    Result<S3_Object_Ptr> complete(const Account& account, const std::string& bucket, const std::string& key,
                                   const std::string& id, const std::vector<S3_Listed_Part>& parts,
                                   const std::map<std::string, std::string>& headers);
    /// Removes the uploads of a bucket that is being deleted.
    void erase_bucket(const std::string& bucket);

private:
    using Uploads = std::map<std::string, S3_Multipart_Upload>;  // by id

    void erase_records(const std::string& bucket, const S3_Multipart_Upload& upload);

    Context& context_;
    S3& s3_;
    store::Records<S3_Multipart_Upload> upload_records_;
    store::Records<S3_Uploaded_Part> part_records_;
    std::map<std::string, Uploads> buckets_;
};

/// Returns the ETag of an object made of these parts: the MD5 of their MD5s, and their number.
std::string multipart_etag(const std::vector<S3_Listed_Part>& parts);
/// Returns the first part of the list that was not uploaded, or not with this ETag or checksum; nullptr if all were.
const S3_Listed_Part* first_invalid_part(const S3_Multipart_Upload& upload, const std::vector<S3_Listed_Part>& parts);
/// Returns the uploaded parts that a CompleteMultipartUpload request lists.
/// Errors: InvalidPartOrder, InvalidPart, EntityTooSmall.
Result<std::vector<const S3_Uploaded_Part*>> find_listed_parts(const S3_Multipart_Upload& upload,
                                                               const std::vector<S3_Listed_Part>& listed_parts);

}  // namespace osbot_aws::services
