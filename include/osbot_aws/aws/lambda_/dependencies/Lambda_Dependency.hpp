#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// The target of a package and its storage locations.
struct Lambda_Dependency_Options {
    std::string runtime = "python3.11";   ///< runtime identifier of Lambda
    std::string architecture = "x86_64";  ///< x86_64 or arm64
    /// Bucket of the uploads. Empty: OSBOT_LAMBDA_S3_BUCKET, else ACCOUNT--osbot-lambdas--REGION, which functions use.
    std::string s3_bucket = {};
    std::filesystem::path folder = {};  ///< folder of local installs; empty: below the system's temporary folder
    Session session = {};               ///< target of the calls
};

namespace internal {
struct Dependency;
}

/// The local copy of a dependency: the package installed for the function's runtime and architecture.
class Lambda_Dependency_Local {
public:
    explicit Lambda_Dependency_Local(std::shared_ptr<internal::Dependency> dependency);  ///< used by Lambda_Dependency

    /// Installs the package and its dependencies as wheels for the target. If it is already installed, returns the
    /// result of the first install. Takes at most 15 minutes. Uses uv, else pip, else pip in a virtual environment that
    /// the first call creates in the user's cache folder.
    /// Returns {package_name, target_path, installed_files (relative paths), time_stamp (ms since 1970), duration
    /// (seconds)}. A failed install leaves no files behind. Errors: Aws_Exception: PackageNotFound, WheelNotFound
    /// (names the newest version with a wheel), InstallerNotFound, InstallFailed (with the installer's message),
    /// InvalidRequirement, InvalidRuntime (not a Python runtime), InvalidArchitecture.
    Json install();
    bool exists() const;                     ///< Returns whether the package is completely installed.
    std::vector<std::string> files() const;  ///< Lists the files relative to path(), sorted; empty before install().
    /// Returns a zip of the files, with the same bytes on every machine. Errors: Aws_Exception: NotInstalled (call
    /// install() first), CodeStorageExceeded (over 262,144,000 bytes unpacked).
    std::string files_zipped() const;
    bool delete_();                      ///< Deletes the local copy. Returns false if there was none.
    std::filesystem::path path() const;  ///< Returns FOLDER/RUNTIME-ARCHITECTURE/PACKAGE, which may not exist yet.

private:
    std::shared_ptr<internal::Dependency> dependency_;
};

/// The copy of a dependency in S3: the object `lambdas-dependencies/PACKAGE.zip` in the bucket. The key does not
/// contain runtime and architecture: all functions load the zip that was uploaded last. Errors: those of S3.
class Lambda_Dependency_S3 {
public:
    explicit Lambda_Dependency_S3(std::shared_ptr<internal::Dependency> dependency);  ///< used by Lambda_Dependency

    Lambda_Dependency_S3& setup();  ///< Creates the bucket if it does not exist.
    /// Uploads the zip, replacing an existing one. Creates the bucket if it does not exist. Returns {bucket, key,
    /// content_type, metadata: {data_type, created_by}}; the object has the same metadata.
    Json upload(std::string_view zip_bytes);
    bool exists() const;        ///< Returns whether the object exists.
    std::string bytes() const;  ///< Returns the zip. Errors: Aws_Exception(NoSuchKey)
    /// Downloads the zip and lists the files in it. Errors: Aws_Exception(NoSuchKey), Aws_Exception(BadZip)
    std::vector<std::string> files_paths() const;
    bool delete_();  ///< Deletes the object. Returns true even if it did not exist, because S3 does not report it.
    /// Returns the bucket. If neither the options nor OSBOT_LAMBDA_S3_BUCKET name one, the first call asks STS for the
    /// account id.
    std::string bucket_name() const;
    std::string path() const;  ///< Returns the object's key.

private:
    std::shared_ptr<internal::Dependency> dependency_;
};

/// Manages a package that functions load from S3 when they start, because it is too large for their zip.
///
///     Lambda_Dependency dependency("pandas");
///     dependency.dependency_local.install();
///     dependency.dependency_s3.upload(dependency.dependency_local.files_zipped());
///
/// A name may contain a version (`pandas==2.2.3`). Functions must then use the same name with the version.
class Lambda_Dependency {
public:
    /// Installs nothing and sends no request.
    explicit Lambda_Dependency(std::string package_name, Lambda_Dependency_Options options = {});

    /// Installs the package locally and uploads it, unless this was done before. With `refresh`, does both again.
    /// Returns {local_result (the result of install()), s3_exists}. Errors: those of install() and upload().
    Json install_and_upload(bool refresh = false);

    const std::string package_name;            ///< as passed to the constructor, with its version if it has one
    Lambda_Dependency_Local dependency_local;  ///< the local copy
    Lambda_Dependency_S3 dependency_s3;        ///< the copy in S3

private:
    explicit Lambda_Dependency(const std::shared_ptr<internal::Dependency>& dependency);
};

}  // namespace osbot_aws
