#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// Buckets and objects, as far as deploying needs them.
class S3 {
public:
    explicit S3(Session session = {});

    /// True: it is there now, made by this call or before, and is ours.
    bool bucket_create(const std::string& bucket);
    bool bucket_exists(const std::string& bucket) const;

    void file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type = "binary/octet-stream");
    void file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key);
    std::string file_bytes(const std::string& bucket, const std::string& key) const;
    bool file_exists(const std::string& bucket, const std::string& key) const;
    bool file_delete(const std::string& bucket, const std::string& key);
    /// Zips the folder (in memory, deterministic) to one object; answers itself.
    S3& folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key);

private:
    Session session_;
};

}  // namespace osbot_aws
