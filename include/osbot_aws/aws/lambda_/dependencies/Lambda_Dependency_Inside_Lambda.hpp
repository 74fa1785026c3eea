#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// A dependency from S3 inside a running function: data or shared objects that Lambda_Dependency_S3::upload() put
/// there.
///
///     Lambda_Dependency_Inside_Lambda dependency("model");
///     dependency.load();
///     std::ifstream weights(dependency.folder() / "weights.bin");
///
/// The zip is extracted below /tmp once per environment; it has to fit into memory and `ephemeral_storage`, and its
/// time counts as the function's. The function's role needs s3:GetObject for the bucket, and without s3:ListBucket a
/// missing object is S3's 403. (Python functions use the Python class of this name.)
class Lambda_Dependency_Inside_Lambda {
public:
    /// Downloads nothing yet.
    explicit Lambda_Dependency_Inside_Lambda(std::string package_name, Session session = {});

    /// True: its files are there. A second call downloads nothing. The bucket is OSBOT_LAMBDA_S3_BUCKET, else
    /// ACCOUNT--osbot-lambdas--REGION.
    /// Errors: Aws_Exception: DependencyNotFound, naming bucket and key, for S3's 404 and 403 (upload it); BadZip;
    /// those of S3.
    bool load();
    /// A shared object of the dependency, for dlsym(); stays open. Errors: Aws_Exception(DependencyNotLoaded) with the
    /// loader's words.
    void* open_shared_object(const std::filesystem::path& path_in_zip) const;
    bool exists() const;                     ///< it is extracted
    std::filesystem::path folder() const;    ///< where it is extracted, whether it is or not
    std::vector<std::string> files() const;  ///< paths below folder(), in order; none before load()

private:
    std::string package_name_;
    Session session_;
};

/// Lambda_Dependency_Inside_Lambda::load() by name: "PACKAGE (loaded from S3)"; without AWS_REGION, which Lambda sets,
/// nothing, and an empty text. A machine of yours where it is set downloads as well. Errors: those of load().
std::string load_dependency(const std::string& package_name);
/// load_dependency() of each, in this order.
std::vector<std::string> load_dependencies(const std::vector<std::string>& package_names);

}  // namespace osbot_aws
