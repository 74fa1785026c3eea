#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// What a Lambda_Layer's versions are published with; what is out of its range is refused by the service
/// (ValidationException, InvalidParameterValueException).
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
struct Lambda_Layer_Options {
    /// Lambda's identifiers of what can use the layer, 15 at most; create_from_pip() installs for the first.
    std::vector<std::string> runtimes = {"python3.11", "python3.10", "python3.9"};
    std::string architecture = "x86_64";  ///< or arm64
    std::string description = {};         ///< up to 256 characters
    std::string license_info = {};        ///< up to 512 characters
    std::string s3_bucket = {};           ///< of uploads; empty: ACCOUNT--osbot-lambdas--REGION, made when missing
    std::string s3_folder = "layers";     ///< of uploads: what is before the `/` in their keys
    Session session = {};                 ///< where to
};

/// One layer, by name: what lies at /opt of the functions that name one of its versions.
///
///     Lambda_Layer layer("requests-layer");
///     layer.create_from_pip("requests");
///     Lambda("my-function").add_layer(layer.arn_latest());
///
/// A folder is zipped as it is when it has one of the folders that Lambda looks for in /opt (python, nodejs, ruby,
/// java, lib, extensions); else it goes under `python/`, where Python finds it. A zip is published as it is. Those of
/// more than 50,000,000 bytes go by S3. A version can't be changed: each create_...() makes the next one. A function
/// takes 5 layers, and 262,144,000 bytes unpacked with all of them.
///
/// Errors: Aws_Exception with AWS's code, unless a method says otherwise: InvalidParameterValueException (no zip, or no
/// object in S3 where it should be; its message says which), CodeStorageExceededException (the account's space is full:
/// delete old versions), ValidationException (the name or an option). Sources:
/// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html and, by the names of operations below,
/// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Lambda_Layer {
public:
    /// Sends nothing. Dots in the name become `-`; it has up to 140 of a-z, A-Z, 0-9, - and _.
    explicit Lambda_Layer(std::string layer_name, Lambda_Layer_Options options = {});

    /// Publishes the next version: zips the folder but for what matches a glob of `ignore` (of a name, or a relative
    /// path) and `__pycache__`. Answers {Version (a number), LayerArn, LayerVersionArn (what functions name), Content:
    /// {CodeSize (bytes), CodeSha256 (base64), Location}, CreatedDate, CompatibleRuntimes, ...}, as do those that
    /// follow.
    /// Errors: EmptyFolder; FileError, when it can't be read; CodeStorageExceeded, naming the largest files, when they
    /// are over 262,144,000 bytes. Source: API_PublishLayerVersion.html
    Json create_from_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {});
    /// The same, of a zip.
    Json create_from_zip_bytes(std::string_view zip_bytes);
    /// The same, of the zip that lies at s3_bucket() and s3_key().
    Json create_from_s3();
    /// Installs packages of PyPI (`requests`, `pandas==2.2.2`), with what they need, as wheels for the first of
    /// `runtimes`, which has to be a Python, and the architecture, in 15 minutes at most. Uses uv, else pip, else pip
    /// in a virtual environment that the first call makes in the user's cache folder. Answers as create_from_folder(),
    /// or {"status": "error", "error": "CODE: why"}: WheelNotFound (names the newest version that has one),
    /// InstallerNotFound, InstallFailed (the installer's words), InvalidRequirement, InvalidRuntime, or what publishing
    /// failed of; nothing is published then.
    Json create_from_pip(const std::string& package_name) { return create_from_pip(std::vector{package_name}); }
    Json create_from_pip(const std::vector<std::string>& packages);  ///< Several packages.
    /// create_from_folder() by S3, whatever the size: uploads the zip to s3_bucket(), made when missing, and s3_key().
    /// Answers the version's ARN.
    std::string create_from_folder_via_s3(const std::filesystem::path& source_folder,
                                          const std::vector<std::string>& ignore = {"*.pyc", ".DS_Store", "__pycache__",
                                                                                    ".env"});

    bool exists() const { return !latest().empty(); }  ///< it has a version
    /// {Version, LayerVersionArn, CreatedDate, Description, CompatibleRuntimes, CompatibleArchitectures, ...} of the
    /// newest version; {} when there is none. Source: API_ListLayerVersions.html
    Json latest() const;
    std::optional<int> latest_version() const;  ///< the number of the newest; none when there is none
    std::string arn_latest() const;             ///< of the newest version; empty when there is none
    /// What create_from_folder() answers, of this version, or of the newest; {} when there is none. Content's Location
    /// can be fetched for ten minutes. Source: API_GetLayerVersion.html
    Json info(std::optional<int> version = std::nullopt) const;
    /// Those of latest(), the newest first: so many at most; 0: all, a request for each 50.
    Json versions(int max_items = 0) const;
    /// All layers of the account and region: [{LayerName, LayerArn, LatestMatchingVersion: {Version, LayerVersionArn,
    /// ...}}]. Source: API_ListLayers.html
    Json layers() const;
    /// {LayerName or LayerArn: that layer}. Errors: Json::exception, for a member that has no text or isn't there.
    Json layers(const std::string& index_by) const;

    /// Deletes all versions, a request each; false when there was none. Functions that have one keep it.
    bool delete_();
    /// True also when there was no such version, as AWS answers. Source: API_DeleteLayerVersion.html
    bool delete_version(int version);
    /// Downloads the latest version's zip to a new file below the system's temporary folder, which is the caller's to
    /// delete; none when there is no version. Errors: DownloadFailed; FileError, when it can't be written.
    std::optional<std::filesystem::path> code_zip() const;

    const std::string& name() const { return name_; }     ///< of the layer
    std::string s3_bucket() const;                        ///< of uploads; without one in the options, STS is asked once
    std::string s3_key() const;                           ///< of uploads: S3_FOLDER/NAME.zip
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
