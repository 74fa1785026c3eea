#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// Buckets and objects, as far as functions and their deploys need them. Lists come whole. Objects are read and sent in
/// one piece, and held in memory.
///
/// Errors: Aws_Exception with AWS's code, unless a method says otherwise: NoSuchBucket (bucket_create() makes it),
/// NoSuchKey (find_files() says what there is), AccessDenied, EntityTooLarge (over 5 GiB in one piece).
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
class S3 {
public:
    explicit S3(Session session = {});  ///< Sends nothing.

    /// True: it is there now, made by this call or before, and is ours. An empty `region` is the session's.
    /// Errors: InvalidBucketName (3 to 63 of a-z, 0-9, - and .), BucketAlreadyExists (somebody else's: names are unique
    /// in the world, so choose another). Source: API_CreateBucket.html
    bool bucket_create(const std::string& bucket, const std::string& region = "");
    bool bucket_exists(const std::string& bucket) const;  ///< ours or readable
    bool bucket_delete(const std::string& bucket);        ///< false: there was none. Errors: BucketNotEmpty
    std::vector<std::string> buckets() const;             ///< names, sorted

    /// Makes one object, or replaces the one of that key; it is durable when this returns. `key` has 1 to 1,024 bytes,
    /// `metadata` at most 2 KB in all, names in lower case come back as file_metadata(). Source: API_PutObject.html
    void file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type = "binary/octet-stream",
                                const std::map<std::string, std::string>& metadata = {});
    /// The same of a file, application/zip when it is called so. Errors: FileError, when it can't be read.
    void file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key);
    /// Zips the folder (in memory, deterministic) to one object; answers itself.
    S3& folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key);

    /// The whole object, any bytes. Source: API_GetObject.html
    std::string file_bytes(const std::string& bucket, const std::string& key) const;
    /// file_bytes(), for what is text.
    std::string file_contents(const std::string& bucket, const std::string& key) const {
        return file_bytes(bucket, key);
    }
    /// To a new file below the system's temporary folder, which is the caller's to delete.
    std::filesystem::path file_download(const std::string& bucket, const std::string& key) const;
    bool file_exists(const std::string& bucket, const std::string& key) const;  ///< There is such an object.
    /// {ContentLength, ContentType, ETag, LastModified, Metadata}: bytes, a MIME type, with its quotes, as HTTP has
    /// dates, {name: value}. Errors: 404, as S3 says no more when only the head is asked for.
    /// Source: API_HeadObject.html
    Json file_details(const std::string& bucket, const std::string& key) const;
    Json file_metadata(const std::string& bucket, const std::string& key) const;  ///< Metadata of file_details()
    /// The keys that begin with `prefix`, sorted by their bytes, all of them: a request for each 1,000.
    /// Source: API_ListObjectsV2.html
    std::vector<std::string> find_files(const std::string& bucket, const std::string& prefix = "") const;
    /// True also when there was none, as S3 answers.
    bool file_delete(const std::string& bucket, const std::string& key);
    /// Many at once, as file_delete(); a request for each 1,000. Errors: what S3 says of the first that it refuses,
    /// with its key. Source: API_DeleteObjects.html
    bool files_delete(const std::string& bucket, const std::vector<std::string>& keys);

private:
    Session session_;
};

}  // namespace osbot_aws
