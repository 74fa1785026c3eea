#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <span>

#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/utils/Zip.hpp>

#include "base/encoding.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "client/paging.hpp"
#include "sdk/session_impl.hpp"
#include "wire/xml.hpp"

namespace osbot_aws {
namespace {

/// Uses path-style URLs, which work with every endpoint and TLS certificate.
client::Call object_call(std::string method, const std::string& bucket, const std::string& key = "") {
    return {.service = "s3",
            .method = std::move(method),
            .path = "/" + bucket + (key.empty() ? "" : "/" + wire::percent_encode(key, true))};
}

const std::string meta_prefix = "x-amz-meta-";
constexpr std::string_view xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
constexpr std::size_t deletes_max = 1'000;

client::Call delete_call(const std::string& bucket, std::span<const std::string> keys) {
    pugi::xml_document document;
    auto root = wire::add_root(document, "Delete", xmlns);
    for (const std::string& key : keys) wire::add_element(root.append_child("Object"), "Key", key);
    wire::add_element(root, "Quiet", true);  // the response lists only errors
    client::Call call = object_call("POST", bucket);
    call.query = {{"delete", ""}};
    call.body = wire::xml_text(document);
    base::Md5 md5;
    md5.update(call.body.bytes());
    call.headers.add("Content-MD5", base::base64_encode(md5.finish_raw()));
    return call;
}

bool is_found(Result<wire::Response> response) {
    if (!response && response.error().http_status != 404) throw Aws_Exception(response.error());
    return response.has_value();
}

}  // namespace

S3::S3(Session session) : session_(std::move(session)) {}

bool S3::bucket_create(const std::string& bucket, const std::string& region) {
    client::Call call = object_call("PUT", bucket);
    if (const std::string location = region.empty() ? session_.region() : region; location != "us-east-1") {
        call.body = fmt::format(
            "<CreateBucketConfiguration xmlns=\"{}\"><LocationConstraint>{}</LocationConstraint>"
            "</CreateBucketConfiguration>",
            xmlns, location);
    }
    value_unless(codes::bucket_already_owned, client_of(session_).send(call));
    return true;
}

bool S3::bucket_exists(const std::string& bucket) const {
    return is_found(client_of(session_).send(object_call("HEAD", bucket)));
}

bool S3::bucket_delete(const std::string& bucket) {
    return is_found(client_of(session_).send(object_call("DELETE", bucket)));
}

std::vector<std::string> S3::buckets() const {
    const Json response = client_of(session_).xml({.service = "s3", .method = "GET"}, {"Bucket"}).value();
    std::vector<std::string> names;
    for (const Json& bucket : response.value(Json::json_pointer("/Buckets/Bucket"), Json::array()))
        names.push_back(bucket.at("Name").get<std::string>());
    std::sort(names.begin(), names.end());
    return names;
}

// ---- objects ----

void S3::file_upload_from_bytes(std::string_view bytes, const std::string& bucket, const std::string& key,
                                const std::string& content_type, const std::map<std::string, std::string>& metadata) {
    client::Call call = object_call("PUT", bucket, key);
    call.headers.add("Content-Type", content_type);
    for (const auto& [name, value] : metadata) call.headers.add(meta_prefix + name, value);
    call.body = bytes;
    client_of(session_).send(call).value();
}

void S3::file_upload_to_key(const std::filesystem::path& file, const std::string& bucket, const std::string& key) {
    file_upload_from_bytes(base::read_file(file).value(), bucket, key,
                           file.extension() == ".zip" ? "application/zip" : "binary/octet-stream");
}

std::string S3::file_bytes(const std::string& bucket, const std::string& key) const {
    return client_of(session_).send(object_call("GET", bucket, key)).value().body.bytes();
}

bool S3::file_exists(const std::string& bucket, const std::string& key) const {
    return is_found(client_of(session_).send(object_call("HEAD", bucket, key)));
}

bool S3::file_delete(const std::string& bucket, const std::string& key) {
    return client_of(session_).send(object_call("DELETE", bucket, key)).value().status == 204;
}

S3& S3::folder_upload(const std::filesystem::path& folder, const std::string& bucket, const std::string& key) {
    file_upload_from_bytes(zip_folder_to_bytes(folder), bucket, key, "application/zip");
    return *this;
}

// ---- inspect ----

std::filesystem::path S3::file_download(const std::string& bucket, const std::string& key) const {
    const std::string name = key.substr(key.rfind('/') + 1);
    std::filesystem::path file =
        std::filesystem::temp_directory_path() / fmt::format("{}.{}", base::random_hex(8), name);
    base::write_file(file, file_bytes(bucket, key)).value();
    return file;
}

Json S3::file_details(const std::string& bucket, const std::string& key) const {
    const wire::Response found = client_of(session_).send(object_call("HEAD", bucket, key)).value();
    Json metadata = Json::object();
    for (const auto& [name, value] : found.headers) {
        const std::string lower = boost::algorithm::to_lower_copy(name);
        if (lower.starts_with(meta_prefix)) metadata[lower.substr(meta_prefix.size())] = value;
    }
    return {{"ContentLength", base::parse_number<std::int64_t>(found.headers["Content-Length"]).value_or(0)},
            {"ContentType", std::string(found.headers["Content-Type"])},
            {"ETag", std::string(found.headers["ETag"])},
            {"LastModified", std::string(found.headers["Last-Modified"])},
            {"Metadata", metadata}};
}

Json S3::file_metadata(const std::string& bucket, const std::string& key) const {
    return file_details(bucket, key).at("Metadata");
}

std::vector<std::string> S3::find_files(const std::string& bucket, const std::string& prefix) const {
    const Json all = client::all_pages({"Contents", "NextContinuationToken"}, [&](const std::string& token) {
                         client::Call call = object_call("GET", bucket);
                         call.query = {{"list-type", "2"}, {"prefix", prefix}};
                         if (!token.empty()) call.query.emplace_back("continuation-token", token);
                         return client_of(session_).xml(call, {"Contents"});
                     }).value();
    std::vector<std::string> keys;
    for (const Json& object : all) keys.push_back(object.at("Key").get<std::string>());
    return keys;
}

bool S3::files_delete(const std::string& bucket, const std::vector<std::string>& keys) {
    for (std::size_t first = 0; first < keys.size(); first += deletes_max) {
        const auto count = std::min(deletes_max, keys.size() - first);
        const client::Call call = delete_call(bucket, std::span(keys).subspan(first, count));
        const Json response = client_of(session_).xml(call, {"Error"}).value();
        if (!response.is_object()) continue;  // an empty element: no errors
        for (const Json& error : response.value("Error", Json::array()))
            throw Aws_Exception({error.value("Code", ""),
                                 fmt::format("{}: {}", error.value("Key", ""), error.value("Message", "")), 0});
    }
    return true;
}

}  // namespace osbot_aws
