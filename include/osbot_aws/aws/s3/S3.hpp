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
/// Errors: Aws_Exception with AWS's code (NoSuchKey, AccessDenied ...), unless a method says otherwise.
class S3 {
public:
    explicit S3(Session session = {});  ///< Sends nothing.

    /// True: it is there now, made by this call or before, and is ours. An empty `region` is the session's.
    bool bucket_create(const std::string& bucket, const std::string& region = "");
    bool bucket_exists(const std::string& bucket) const;  ///< ours or readable
    bool bucket_delete(const std::string& bucket);        ///< false: there was none. Errors: BucketNotEmpty
    std::vector<std::string> buckets() const;             ///< names, sorted

    /// One object.
    void file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type = "binary/octet-stream",
                                const std::map<std::string, std::string>& metadata = {});
    /// One object, of a file.
    void file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key);
    /// Zips the folder (in memory, deterministic) to one object; answers itself.
    S3& folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key);

    std::string file_bytes(const std::string& bucket, const std::string& key) const;  ///< The whole object.
    /// The same.
    std::string file_contents(const std::string& bucket, const std::string& key) const {
        return file_bytes(bucket, key);
    }
    /// To a new file below the system's temporary folder, which is the caller's to delete.
    std::filesystem::path file_download(const std::string& bucket, const std::string& key) const;
    bool file_exists(const std::string& bucket, const std::string& key) const;  ///< There is such an object.
    /// {ContentLength, ContentType, ETag, LastModified, Metadata}
    Json file_details(const std::string& bucket, const std::string& key) const;
    Json file_metadata(const std::string& bucket, const std::string& key) const;  ///< {name: value}
    std::vector<std::string> find_files(const std::string& bucket, const std::string& prefix = "") const;  ///< keys
    /// True also when there was none, as S3 answers.
    bool file_delete(const std::string& bucket, const std::string& key);
    /// Many at once, as file_delete().
    bool files_delete(const std::string& bucket, const std::vector<std::string>& keys);

private:
    Session session_;
};

}  // namespace osbot_aws
