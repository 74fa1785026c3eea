#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "services/s3/object.hpp"
#include "services/s3/stored_object.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
constexpr std::size_t s3_key_bytes_max = 1024;

struct S3_Bucket {
    std::string name;
    Account owner;  ///< account and region of the bucket
    std::int64_t created_ms = 0;
    S3_Tags tags;
    std::map<std::string, Stored_Object> objects;
};

struct List_Objects {
    std::string prefix, delimiter;
    std::string after;  ///< list the names after this one
    int keys_max = 1000;
};

struct Listed_Objects {
    std::vector<S3_Object_Ptr> objects;
    std::vector<std::string> common_prefixes;
    std::string next;  ///< `after` of the next page; empty: this is the last page
};

class S3_Uploads;

/// S3: buckets and objects. The caller stores the bytes as blobs first; this class maps names to blobs.
///
/// Loop thread only. Errors of all operations: NoSuchBucket, NoSuchKey, AccessDenied (another account's bucket),
/// BucketAlreadyExists ... Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
class S3 final : public State {
public:
    explicit S3(Context& context);
    ~S3() override;

    void load() override;
    void clear() override;

    Result<void> create_bucket(const Account& account, const std::string& name, const std::string& location);
    // The pointers of these two are valid until the next change.
    Result<const S3_Bucket*> bucket(const Account& account, const std::string& name) const;
    std::vector<const S3_Bucket*> buckets(const Account& account) const;  ///< by name
    Result<void> tag_bucket(const Account& account, const std::string& name, S3_Tags tags);
    Result<void> delete_bucket(const Account& account, const std::string& name);

    Result<void> put_object(const Account& account, const std::string& bucket, S3_Object object);
    /// Returns a snapshot of the object.
    Result<S3_Object_Ptr> object(const Account& account, const std::string& bucket, const std::string& key) const;
    Result<void> tag_object(const Account& account, const std::string& bucket, const std::string& key, S3_Tags tags);
    /// Returns the bytes of an object, for Lambda's S3Bucket and S3Key: one blob, or the blobs of its parts.
    Result<std::vector<store::Blob_Ptr>> object_blobs(const Account& account, const std::string& bucket,
                                                      const std::string& key) const;
    Result<void> delete_object(const Account& account, const std::string& bucket, const std::string& key);
    Result<Listed_Objects> list_objects(const Account& account, const std::string& bucket,
                                        const List_Objects& request) const;

    Context& context() const { return context_; }
    /// The multipart uploads in progress (multipart.hpp).
    S3_Uploads& uploads() { return *uploads_; }
    const S3_Uploads& uploads() const { return *uploads_; }

private:
    void save(const S3_Bucket& bucket);
    void save(const std::string& bucket, const S3_Object& object);

    Context& context_;
    store::Records<S3_Bucket> bucket_records_;
    store::Records<S3_Object> object_records_;
    S3_Descriptions descriptions_;
    std::map<std::string, S3_Bucket> buckets_;  // names are unique across all accounts
    std::unique_ptr<S3_Uploads> uploads_;
};

}  // namespace osbot_aws::services
