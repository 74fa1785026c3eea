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

/// What a package is installed for, and where it is kept.
struct Lambda_Dependency_Options {
    std::string runtime = "python3.11";   ///< Lambda's identifier
    std::string architecture = "x86_64";  ///< or arm64
    /// Empty: OSBOT_LAMBDA_S3_BUCKET, else ACCOUNT--osbot-lambdas--REGION, where functions look.
    std::string s3_bucket = {};
    std::filesystem::path folder = {};  ///< of local installs; empty: below the system's temporary folder
    Session session = {};               ///< where to
};

namespace internal {
struct Dependency;
}

/// The side of a dependency on this machine: the package as functions will have it, installed once.
class Lambda_Dependency_Local {
public:
    explicit Lambda_Dependency_Local(std::shared_ptr<internal::Dependency> dependency);  ///< made by Lambda_Dependency

    /// Installs wheels, with what they need, for the target, in 15 minutes at most, unless exists(): then what the
    /// first install answered. Uses uv, else pip, else pip in a virtual environment that the first call makes in the
    /// user's cache folder. {package_name, target_path, installed_files (paths below it), time_stamp (ms since 1970),
    /// duration (s)}. Nothing is left behind when it fails. Errors: Aws_Exception: WheelNotFound (names the newest
    /// version that has one), InstallerNotFound, InstallFailed (the installer's words), InvalidRequirement,
    /// InvalidRuntime (no Python), InvalidArchitecture.
    Json install();
    bool exists() const;                     ///< it is installed, and whole
    std::vector<std::string> files() const;  ///< paths below path(), in order; none before install()
    /// A zip of them, the same bytes on every machine. Errors: Aws_Exception: NotInstalled (install() comes first),
    /// CodeStorageExceeded (over 262,144,000 bytes unpacked).
    std::string files_zipped() const;
    bool delete_();                      ///< false: there was none
    std::filesystem::path path() const;  ///< FOLDER/RUNTIME-ARCHITECTURE/PACKAGE, whether it is there or not

private:
    std::shared_ptr<internal::Dependency> dependency_;
};

/// The side in S3: `lambdas-dependencies/PACKAGE.zip` in the bucket. The key says nothing of runtime and architecture:
/// what is uploaded last is what all functions get. Errors: those of S3.
class Lambda_Dependency_S3 {
public:
    explicit Lambda_Dependency_S3(std::shared_ptr<internal::Dependency> dependency);  ///< made by Lambda_Dependency

    Lambda_Dependency_S3& setup();  ///< makes the bucket when it is missing
    /// Makes the bucket as well; replaces what was there. {bucket, key, content_type, metadata: {data_type,
    /// created_by}}, the metadata as the object has it.
    Json upload(std::string_view zip_bytes);
    bool exists() const;                           ///< it is there
    std::string bytes() const;                     ///< of the zip. Errors: Aws_Exception(NoSuchKey)
    std::vector<std::string> files_paths() const;  ///< in the zip, which is downloaded for it. Errors: also BadZip
    bool delete_();                                ///< true also when there was none, as S3 answers
    std::string bucket_name() const;               ///< where it is kept; STS is asked once when nothing names one
    std::string path() const;                      ///< the key

private:
    std::shared_ptr<internal::Dependency> dependency_;
};

/// A package that functions load from S3 when they start: for what is too large to be part of their zip.
///
///     Lambda_Dependency dependency("pandas");
///     dependency.dependency_local.install();
///     dependency.dependency_s3.upload(dependency.dependency_local.files_zipped());
///
/// A name may carry a version (`pandas==2.2.3`); it is then part of what functions ask for.
class Lambda_Dependency {
public:
    /// Installs nothing yet.
    explicit Lambda_Dependency(std::string package_name, Lambda_Dependency_Options options = {});

    /// Both, where it is not done yet; with `refresh`, anew. {local_result: what install() answers, s3_exists}. Errors:
    /// those of both.
    Json install_and_upload(bool refresh = false);

    const std::string package_name;            ///< with its version, if one was given
    Lambda_Dependency_Local dependency_local;  ///< on this machine
    Lambda_Dependency_S3 dependency_s3;        ///< in S3

private:
    explicit Lambda_Dependency(const std::shared_ptr<internal::Dependency>& dependency);
};

}  // namespace osbot_aws
