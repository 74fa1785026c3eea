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
/// The zip is extracted below /tmp once per environment. (Python functions use the Python class of this name.)
class Lambda_Dependency_Inside_Lambda {
public:
    /// Downloads nothing yet.
    explicit Lambda_Dependency_Inside_Lambda(std::string package_name, Session session = {});

    /// True: its files are there. A second call downloads nothing.
    /// Errors: Aws_Exception(DependencyNotFound) naming bucket and key; BadZip.
    bool load();
    /// A shared object of the dependency, for dlsym(); stays open. Errors: Aws_Exception(DependencyNotLoaded) with the
    /// loader's words.
    void* open_shared_object(const std::filesystem::path& path_in_zip) const;
    bool exists() const;                     ///< it is extracted
    std::filesystem::path folder() const;    ///< where it is extracted
    std::vector<std::string> files() const;  ///< paths below folder(), in order

private:
    std::string package_name_;
    Session session_;
};

/// load() of one or of several; nothing outside of Lambda. Answers "PACKAGE (loaded from S3)" of each.
std::string load_dependency(const std::string& package_name);
std::vector<std::string> load_dependencies(const std::vector<std::string>& package_names);

}  // namespace osbot_aws
