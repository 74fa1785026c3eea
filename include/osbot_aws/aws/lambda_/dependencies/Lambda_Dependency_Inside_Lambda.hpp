#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// Loads a dependency from S3 inside a running function: data or shared objects that Lambda_Dependency_S3::upload()
/// stored.
///
///     Lambda_Dependency_Inside_Lambda dependency("model");
///     dependency.load();
///     std::ifstream weights(dependency.folder() / "weights.bin");
///
/// The zip is extracted below /tmp once per execution environment. It must fit into memory and `ephemeral_storage`, and
/// loading it counts against the function's timeout. The function's role needs s3:GetObject for the bucket. Without
/// s3:ListBucket, S3 returns 403 for a missing object. Python functions use the Python class of the same name.
class Lambda_Dependency_Inside_Lambda {
public:
    /// Sends no request.
    explicit Lambda_Dependency_Inside_Lambda(std::string package_name, Session session = {});

    /// Downloads and extracts the zip, unless this was done before. Returns true. The bucket is OSBOT_LAMBDA_S3_BUCKET,
    /// else ACCOUNT--osbot-lambdas--REGION.
    /// Errors: Aws_Exception: DependencyNotFound, naming bucket and key, if S3 returns 404 or 403 (upload the package
    /// with Lambda_Dependency); BadZip; those of S3.
    bool load();
    /// Opens a shared object of the dependency and returns its handle for dlsym(). It is never closed. Errors:
    /// Aws_Exception(DependencyNotLoaded) with the message of the dynamic loader.
    void* open_shared_object(const std::filesystem::path& path_in_zip) const;
    bool exists() const;                     ///< Returns whether the dependency is extracted.
    std::filesystem::path folder() const;    ///< Returns the folder it is extracted to, which may not exist yet.
    std::vector<std::string> files() const;  ///< Lists the files relative to folder(), sorted; empty before load().

private:
    std::string package_name_;
    Session session_;
};

/// Calls Lambda_Dependency_Inside_Lambda::load() for a package and returns "PACKAGE (loaded from S3)". Without the
/// environment variable AWS_REGION, which Lambda sets, it does nothing and returns an empty string. If you set
/// AWS_REGION on your own machine, it downloads there too. Errors: those of load().
std::string load_dependency(const std::string& package_name);
/// Calls load_dependency() for each package, in order, and returns the results.
std::vector<std::string> load_dependencies(const std::vector<std::string>& package_names);

}  // namespace osbot_aws
