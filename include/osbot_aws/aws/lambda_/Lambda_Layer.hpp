#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// What a Lambda_Layer's versions are published with.
struct Lambda_Layer_Options {
    std::vector<std::string> runtimes = {"python3.11", "python3.10", "python3.9"};  ///< create_from_pip: for the first
    std::string architecture = "x86_64";                                            ///< or arm64
    std::string description = {};                                                   ///< up to 256 characters
    std::string license_info = {};                                                  ///< up to 512 characters
    std::string s3_bucket = {};        ///< of uploads; empty: ACCOUNT--osbot-lambdas--REGION, made when missing
    std::string s3_folder = "layers";  ///< of uploads
    Session session = {};              ///< where to
};

/// One layer, by name: what lies at /opt of the functions that name one of its versions.
///
///     Lambda_Layer layer("requests-layer");
///     layer.create_from_pip("requests");
///     Lambda("my-function").add_layer(layer.arn_latest());
///
/// A folder or zip is published as it is when it has one of the folders that Lambda looks for in /opt (python, nodejs,
/// ruby, java, lib, extensions); else it goes under `python/`, where Python finds it. Zips over 50 MB go by S3.
///
/// Errors: Aws_Exception with AWS's code (CodeStorageExceededException, InvalidParameterValueException ...) unless a
/// method says otherwise. Source: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
class Lambda_Layer {
public:
    /// Dots in the name become `-`.
    explicit Lambda_Layer(std::string layer_name, Lambda_Layer_Options options = {});

    /// Each answers what PublishLayerVersion does: {Version, LayerArn, LayerVersionArn, Content, CreatedDate, ...}.
    Json create_from_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {});
    Json create_from_zip_bytes(std::string_view zip_bytes);  ///< As create_from_folder(), of a zip.
    Json create_from_s3();                                   ///< the zip that lies at s3_bucket() and s3_key()
    /// Installs packages of PyPI, with what they need, as wheels for the first of `runtimes` and the architecture; with
    /// uv when it is there, else pip. {"status": "error", "error": why} when that fails; nothing is published then.
    Json create_from_pip(const std::string& package_name) { return create_from_pip(std::vector{package_name}); }
    Json create_from_pip(const std::vector<std::string>& packages);  ///< Several packages.
    /// Uploads the zip to S3 first, as large ones must be. Answers the version's ARN.
    std::string create_from_folder_via_s3(const std::filesystem::path& source_folder,
                                          const std::vector<std::string>& ignore = {"*.pyc", ".DS_Store", "__pycache__",
                                                                                    ".env"});

    bool exists() const { return !latest().empty(); }  ///< it has a version
    Json latest() const;                               ///< of ListLayerVersions, {} when there is none
    std::optional<int> latest_version() const;         ///< none when there is none
    std::string arn_latest() const;                    ///< of the latest version; empty when there is none
    /// GetLayerVersion of this version, or of the latest; {} when there is none.
    Json info(std::optional<int> version = std::nullopt) const;
    Json versions(int max_items = 0) const;          ///< newest first; 0: all of them
    Json layers() const;                             ///< all layers of the account and region
    Json layers(const std::string& index_by) const;  ///< By a member of each.

    bool delete_();  ///< all versions; false when there was none
    /// True also when there was no such version, as AWS answers.
    bool delete_version(int version);
    /// Downloads the latest version's zip to a new file below the system's temporary folder, which is the caller's to
    /// delete; none when there is no version.
    std::optional<std::filesystem::path> code_zip() const;

    const std::string& name() const { return name_; }     ///< of the layer
    std::string s3_bucket() const;                        ///< of uploads
    std::string s3_key() const;                           ///< of uploads
    Lambda_Layer_Options& options() { return options_; }  ///< for the next version

private:
    Json publish(Json content);
    Json publish_zip(std::string_view zip_bytes);
    void upload(std::string_view zip_bytes);
    std::string path(std::string_view rest = "") const;

    std::string name_;
    Lambda_Layer_Options options_;
};

}  // namespace osbot_aws
