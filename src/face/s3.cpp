#include <fmt/format.h>

#include <osbot_aws/aws/s3/S3.hpp>

#include "base/files.hpp"
#include "face/session_impl.hpp"
#include "packing/package.hpp"

namespace osbot_aws {
namespace {

/// Path-style, which every endpoint takes and no certificate minds.
client::Call object_call(std::string method, const std::string& bucket, const std::string& key = "") {
    return {.service = "s3",
            .method = std::move(method),
            .path = "/" + bucket + (key.empty() ? "" : "/" + wire::percent_encode(key, true))};
}

bool there(Result<wire::Response> response) {
    if (!response && response.error().http_status != 404) throw Aws_Exception(response.error());
    return response.has_value();
}

}  // namespace

S3::S3(Session session) : session_(std::move(session)) {}

bool S3::bucket_create(const std::string& bucket) {
    client::Call call = object_call("PUT", bucket);
    if (const std::string region = session_.region(); region != "us-east-1") {
        call.body.bytes = fmt::format(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>{}"
            "</LocationConstraint></CreateBucketConfiguration>",
            region);
    }
    auto created = client_of(session_).send(call);
    if (!created && created.error().code != "BucketAlreadyOwnedByYou") throw Aws_Exception(created.error());
    return true;
}

bool S3::bucket_exists(const std::string& bucket) const {
    return there(client_of(session_).send(object_call("HEAD", bucket)));
}

void S3::file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type) {
    client::Call call = object_call("PUT", bucket, key);
    call.headers.add("Content-Type", content_type);
    call.body.bytes = bytes;
    client_of(session_).send(call).value();
}

void S3::file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key) {
    file_upload_from_bytes(base::read_file(file).value(), bucket, key,
                           file.extension() == ".zip" ? "application/zip" : "binary/octet-stream");
}

std::string S3::file_bytes(const std::string& bucket, const std::string& key) const {
    return client_of(session_).send(object_call("GET", bucket, key)).value().body.bytes;
}

bool S3::file_exists(const std::string& bucket, const std::string& key) const {
    return there(client_of(session_).send(object_call("HEAD", bucket, key)));
}

bool S3::file_delete(const std::string& bucket, const std::string& key) {
    return client_of(session_).send(object_call("DELETE", bucket, key)).value().status == 204;
}

S3& S3::folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key) {
    packing::Package package;
    package.add_folder(folder).value();
    file_upload_from_bytes(package.zip().value().bytes, bucket, key, "application/zip");
    return *this;
}

}  // namespace osbot_aws
