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

/// Reads and writes buckets and objects, as far as functions and deployments need it. Methods that return a list return
/// all pages. Objects are held in memory and transferred in one request.
///
/// Errors: Aws_Exception with AWS's code, unless the method documents something else: NoSuchBucket (create it with
/// bucket_create()), NoSuchKey (find_files() lists the keys), AccessDenied, EntityTooLarge (over 5 GiB).
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
class S3 {
public:
    explicit S3(Session session = {});  ///< Sends no request.

    /// Creates the bucket. Returns true, also if you already own the bucket. An empty `region` means the session's.
    /// Errors: InvalidBucketName (3 to 63 of a-z, 0-9, - and .), BucketAlreadyExists (another account owns it; names
    /// are globally unique, so choose another). Source: API_CreateBucket.html
    bool bucket_create(const std::string& bucket, const std::string& region = "");
    bool bucket_exists(const std::string& bucket) const;  ///< Returns whether the bucket exists and is accessible.
    bool bucket_delete(const std::string& bucket);        ///< Returns false if it did not exist. Errors: BucketNotEmpty
    std::vector<std::string> buckets() const;             ///< Lists the bucket names, sorted.

    /// Stores an object, replacing an existing one with the same key. The object is durable when the call returns.
    /// `key` has 1 to 1,024 bytes. `metadata` has at most 2 KB; file_metadata() returns it with names in lower case.
    /// Source: API_PutObject.html
    void file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type = "binary/octet-stream",
                                const std::map<std::string, std::string>& metadata = {});
    /// Stores a file as an object. The content type is application/zip for *.zip, else binary/octet-stream. Errors:
    /// FileError if the file cannot be read.
    void file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key);
    /// Zips the folder in memory, with the same bytes on every machine, and stores the zip as an object. Returns *this.
    S3& folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key);

    /// Returns the content of an object. Source: API_GetObject.html
    std::string file_bytes(const std::string& bucket, const std::string& key) const;
    /// Returns the content of an object; the same as file_bytes().
    std::string file_contents(const std::string& bucket, const std::string& key) const {
        return file_bytes(bucket, key);
    }
    /// Downloads an object to a new file in the system's temporary folder and returns its path. The caller deletes the
    /// file. Errors: also FileError if the file cannot be written.
    std::filesystem::path file_download(const std::string& bucket, const std::string& key) const;
    bool file_exists(const std::string& bucket, const std::string& key) const;  ///< Returns whether the object exists.
    /// Describes an object: {ContentLength (bytes), ContentType, ETag (with its quotes), LastModified (an HTTP date),
    /// Metadata: {name: value}}. Errors: code 404 if it does not exist; S3 sends no other code in reply to a HEAD
    /// request. Source: API_HeadObject.html
    Json file_details(const std::string& bucket, const std::string& key) const;
    Json file_metadata(const std::string& bucket, const std::string& key) const;  ///< Metadata of file_details()
    /// Lists all keys that start with `prefix`, sorted by their bytes. Sends one request per 1,000 keys.
    /// Source: API_ListObjectsV2.html
    std::vector<std::string> find_files(const std::string& bucket, const std::string& prefix = "") const;
    /// Deletes an object. Returns true even if it did not exist, because S3 does not report it. Source:
    /// API_DeleteObject.html
    bool file_delete(const std::string& bucket, const std::string& key);
    /// Deletes several objects, with one request per 1,000 keys. Returns true. Errors: the code of the first deletion
    /// that S3 rejects; the message contains its key. Source: API_DeleteObjects.html
    bool files_delete(const std::string& bucket, const std::vector<std::string>& keys);

private:
    Session session_;
};

}  // namespace osbot_aws
