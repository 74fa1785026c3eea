#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

/// Settings of the versions that Lambda_Layer publishes. The service rejects values that are out of range
/// (ValidationException, InvalidParameterValueException).
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
struct Lambda_Layer_Options {
    /// Runtimes that can use the layer, at most 15. create_from_pip() installs for the first one.
    std::vector<std::string> runtimes = {"python3.11", "python3.10", "python3.9"};
    std::string architecture = "x86_64";  ///< x86_64 or arm64
    std::string description = {};         ///< up to 256 characters
    std::string license_info = {};        ///< up to 512 characters
    std::string s3_bucket = {};        ///< bucket of uploads, created if missing; empty: ACCOUNT--osbot-lambdas--REGION
    std::string s3_folder = "layers";  ///< prefix of the uploads' keys, without `/`
    Session session = {};              ///< target of the calls
};

/// Publishes, lists and deletes the versions of one layer. Functions that use a version get its files in /opt.
///
///     Lambda_Layer layer("requests-layer");
///     layer.create_from_pip("requests");
///     Lambda("my-function").add_layer(layer.arn_latest());
///
/// A folder that contains one of the folders Lambda looks for in /opt (python, nodejs, ruby, java, lib, extensions) is
/// zipped unchanged. The contents of any other folder are placed below `python/`, where Python finds them. A zip is
/// published unchanged. A zip of more than 50,000,000 bytes is uploaded to S3 first. A version cannot be changed: each
/// create_...() publishes a new one. A function may use 5 layers; code and layers together are limited to 262,144,000
/// bytes unpacked.
///
/// Errors: Aws_Exception with AWS's code, unless the method documents something else: InvalidParameterValueException
/// (the zip is invalid, or the object in S3 does not exist; see its message), CodeStorageExceededException (the
/// account's storage is full: delete old versions), ValidationException (the name or an option is invalid). Sources:
/// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html and, with a page for each operation,
/// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Lambda_Layer {
public:
    /// Sends no request. The name has up to 140 of a-z, A-Z, 0-9, - and _; dots become `-`.
    explicit Lambda_Layer(std::string layer_name, Lambda_Layer_Options options = {});

    /// Zips a folder and publishes it as the next version. Secrets, caches and what its .osbotignore excludes are
    /// left out, as by Deploy_Lambda::add_folder(); `ignore` has more patterns. Returns {Version (a number), LayerArn,
    /// LayerVersionArn (for the functions), Content: {CodeSize (bytes), CodeSha256 (base64), Location}, CreatedDate,
    /// CompatibleRuntimes,
    /// ...}. Errors: EmptyFolder; FileError if a file cannot be read; CodeStorageExceeded, naming the largest files, if
    /// they have more than 262,144,000 bytes. Source: API_PublishLayerVersion.html
    Json create_from_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {});
    /// Publishes a zip as the next version. Returns the same object as create_from_folder().
    Json create_from_zip_bytes(std::string_view zip_bytes);
    /// Publishes the zip at s3_bucket() and s3_key() as the next version. Returns the same object as
    /// create_from_folder().
    Json create_from_s3();
    /// Installs a package from PyPI (`requests`, `pandas==2.2.2`) with its dependencies, and publishes the result as
    /// the next version. Installs wheels for the first of `runtimes`, which must be a Python runtime, and the
    /// architecture. Takes at most 15 minutes. Uses uv, else pip, else pip in a virtual environment that the first call
    /// creates in the user's cache folder. Status: ok with the object of create_from_folder() as data; on error nothing
    /// is published: PackageNotFound (no package of this name), WheelNotFound (names the newest version with a wheel),
    /// InstallerNotFound, InstallFailed (with the installer's message), InvalidRequirement, InvalidRuntime, or an error
    /// of publishing.
    Status create_from_pip(const std::string& package_name) { return create_from_pip(std::vector{package_name}); }
    Status create_from_pip(const std::vector<std::string>& packages);  ///< Installs several packages.
    /// Zips a folder, uploads the zip to s3_bucket() and s3_key() whatever its size, and publishes it as the next
    /// version. Creates the bucket if it does not exist. Returns the version's ARN.
    std::string create_from_folder_via_s3(const std::filesystem::path& source_folder,
                                          const std::vector<std::string>& ignore = {"*.pyc", ".DS_Store", "__pycache__",
                                                                                    ".env"});

    bool exists() const { return !latest().empty(); }  ///< Returns whether the layer has a version.
    /// Describes the newest version: {Version, LayerVersionArn, CreatedDate, Description, CompatibleRuntimes,
    /// CompatibleArchitectures, ...}, or {} if there is none. Source: API_ListLayerVersions.html
    Json latest() const;
    std::optional<int> latest_version() const;  ///< Returns the number of the newest version, if there is one.
    std::string arn_latest() const;             ///< Returns the ARN of the newest version; empty if there is none.
    /// Describes a version, by default the newest, in the form of create_from_folder(); {} if it does not exist.
    /// Content.Location is a URL of the zip, valid for ten minutes. Source: API_GetLayerVersion.html
    Json info(std::optional<int> version = std::nullopt) const;
    /// Lists the newest `max_items` versions in the form of latest(), the newest first. 0 lists all, with one request
    /// per 50 versions.
    Json versions(int max_items = 0) const;
    /// Lists all layers of the account and region: [{LayerName, LayerArn, LatestMatchingVersion: {Version,
    /// LayerVersionArn, ...}}]. Source: API_ListLayers.html
    Json layers() const;
    /// Returns the layers as an object, by the value of a member: {LayerName or LayerArn: layer}. Errors:
    /// Aws_Exception: NoSuchMember, naming the members of a layer; NotAKey, if the value is a list or an object.
    Json layers(const std::string& index_by) const;

    /// Deletes all versions, with one request each. Returns false if there was none. Functions that use a version
    /// continue to work.
    bool delete_();
    /// Deletes a version. Returns true even if it did not exist, because AWS does not report it.
    /// Source: API_DeleteLayerVersion.html
    bool delete_version(int version);
    /// Downloads the zip of the newest version to a new file in the system's temporary folder. Returns its path, or
    /// nothing if there is no version. The caller deletes the file. Errors: DownloadFailed; FileError if the file
    /// cannot be written.
    std::optional<std::filesystem::path> code_zip() const;

    const std::string& name() const { return name_; }  ///< the layer's name
    /// Returns the bucket of uploads. If the options name none, the first call asks STS for the account id.
    std::string s3_bucket() const;
    std::string s3_key() const;                           ///< Returns the key of uploads: S3_FOLDER/NAME.zip.
    Lambda_Layer_Options& options() { return options_; }  ///< Returns the settings of the next version.

private:
    Json publish(Json content);
    Json publish_zip(std::string_view zip_bytes);
    void upload(std::string_view zip_bytes);
    std::string path(std::string_view rest = "") const;

    std::string name_;
    Lambda_Layer_Options options_;
};

}  // namespace osbot_aws
