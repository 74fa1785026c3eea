#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/aws/s3/S3.hpp>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/random.hpp"
#include "client/paging.hpp"
#include "packing/package.hpp"
#include "packing/wheels.hpp"
#include "sdk/lambda_calls.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view layers_path = "/2018-10-31/layers";
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t direct_layer_bytes_max = 50'000'000;
constexpr std::size_t page_size_max = 50;  // of ListLayers and ListLayerVersions

/// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html, "Layer paths". `bin` is omitted, because
/// installers create one next to the packages.
constexpr std::array layer_folders{"python", "nodejs", "ruby", "java", "lib", "extensions"};

bool has_layer_layout(const fs::path& folder) {
    return std::any_of(layer_folders.begin(), layer_folders.end(), [&](const char* name) {
        std::error_code ignored;
        return fs::is_directory(folder / name, ignored);
    });
}

std::string zip_of(const fs::path& folder, const packing::Folder_Rules& rules) {
    packing::Package package;
    package.add_folder(folder, has_layer_layout(folder) ? "" : "python", rules).value();
    if (package.empty()) throw Aws_Exception(local_error("EmptyFolder", "{} has no files", folder.string()));
    return package.zip().value().bytes;
}

Json pages(const Session& session, const std::string& path, const char* member, std::size_t max_items) {
    const std::size_t limit = max_items == 0 ? std::numeric_limits<std::size_t>::max() : max_items;
    const std::string page_size = std::to_string(std::min<std::size_t>(limit, page_size_max));
    return client::all_pages(
               {member, "NextMarker"},
               [&](const std::string& marker) {
                   std::vector<std::pair<std::string, std::string>> query{{"MaxItems", page_size}};
                   if (!marker.empty()) query.emplace_back("Marker", marker);
                   return client_of(session).json("lambda", "GET", path, nullptr, std::move(query));
               },
               limit)
        .value();
}

}  // namespace

Lambda_Layer::Lambda_Layer(std::string layer_name, Lambda_Layer_Options options)
    : name_(std::move(layer_name)), options_(std::move(options)) {
    std::replace(name_.begin(), name_.end(), '.', '-');
}

std::string Lambda_Layer::path(std::string_view rest) const {
    return fmt::format("{}/{}/versions{}", layers_path, wire::percent_encode(name_), rest);
}

std::string Lambda_Layer::s3_bucket() const {
    if (!options_.s3_bucket.empty()) return options_.s3_bucket;
    return fmt::format("{}--osbot-lambdas--{}", impl_of(options_.session).account_id(), options_.session.region());
}

std::string Lambda_Layer::s3_key() const { return fmt::format("{}/{}.zip", options_.s3_folder, name_); }

// ---- create ----

Json Lambda_Layer::publish(Json content) {
    Json request{{"Content", std::move(content)},
                 {"CompatibleRuntimes", options_.runtimes},
                 {"CompatibleArchitectures", {options_.architecture}}};
    if (!options_.description.empty()) request["Description"] = options_.description;
    if (!options_.license_info.empty()) request["LicenseInfo"] = options_.license_info;
    return client_of(options_.session).json("lambda", "POST", path(), request).value();
}

Json Lambda_Layer::publish_zip(std::string_view zip_bytes) {
    if (zip_bytes.size() <= direct_layer_bytes_max) return publish({{"ZipFile", base::base64_encode(zip_bytes)}});
    upload(zip_bytes);
    return create_from_s3();
}

void Lambda_Layer::upload(std::string_view zip_bytes) {
    S3 s3(options_.session);
    s3.bucket_create(s3_bucket());
    s3.file_upload_from_bytes(zip_bytes, s3_bucket(), s3_key(), "application/zip");
}

Json Lambda_Layer::create_from_folder(const fs::path& folder, const std::vector<std::string>& ignore) {
    return publish_zip(zip_of(folder, {.ignore = ignore}));
}

Json Lambda_Layer::create_from_zip_bytes(std::string_view zip_bytes) { return publish_zip(zip_bytes); }

Json Lambda_Layer::create_from_s3() { return publish({{"S3Bucket", s3_bucket()}, {"S3Key", s3_key()}}); }

std::string Lambda_Layer::create_from_folder_via_s3(const fs::path& source_folder,
                                                    const std::vector<std::string>& ignore) {
    upload(zip_of(source_folder, {.ignore = ignore}));
    return create_from_s3().at("LayerVersionArn").get<std::string>();
}

Status Lambda_Layer::create_from_pip(const std::vector<std::string>& packages) try {
    const base::Temporary_Folder folder("osbot_layer");
    const packing::Wheel_Target target{
        options_.runtimes.empty() ? std::string("python3.11") : options_.runtimes.front(), options_.architecture};
    packing::install_wheels(packages, target, folder.path() / "python").value();
    return {.name = name_, .data = publish_zip(zip_of(folder.path(), {.defaults = false}))};
} catch (const Aws_Exception& error) { return error_status(name_, error.error()); }

// ---- inspect ----

Json Lambda_Layer::versions(int max_items) const {
    return pages(options_.session, path(), "LayerVersions", static_cast<std::size_t>(std::max(max_items, 0)));
}

Json Lambda_Layer::latest() const {
    const Json newest = versions(1);
    return newest.empty() ? Json::object() : newest.front();
}

std::optional<int> Lambda_Layer::latest_version() const {
    const Json newest = latest();
    return newest.empty() ? std::nullopt : std::optional(newest.at("Version").get<int>());
}

std::string Lambda_Layer::arn_latest() const { return latest().value("LayerVersionArn", ""); }

Json Lambda_Layer::info(std::optional<int> version) const {
    if (!version) version = latest_version();
    if (!version) return Json::object();
    auto found = client_of(options_.session).json("lambda", "GET", path(fmt::format("/{}", *version)));
    if (!found && found.error().http_status == 404) return Json::object();
    return found.value();
}

Json Lambda_Layer::layers() const { return pages(options_.session, std::string(layers_path), "Layers", 0); }

Json Lambda_Layer::layers(const std::string& index_by) const {
    return index_or_group(layers(), {.index_by = index_by});
}

// ---- delete and download ----

bool Lambda_Layer::delete_version(int version) {
    client_of(options_.session).json("lambda", "DELETE", path(fmt::format("/{}", version))).value();
    return true;
}

bool Lambda_Layer::delete_() {
    const Json all = versions();
    for (const Json& version : all) delete_version(version.at("Version").get<int>());
    return !all.empty();
}

std::optional<fs::path> Lambda_Layer::code_zip() const {
    const Json found = info();
    if (found.empty()) return std::nullopt;
    const std::string bytes = impl_of(options_.session).download(found.at("Content").at("Location").get<std::string>());
    const fs::path file = fs::temp_directory_path() / fmt::format("{}.{}.zip", name_, base::random_hex(8));
    base::write_file(file, bytes).value();
    return file;
}

}  // namespace osbot_aws
