#pragma once

#include <string>
#include <vector>

namespace osbot_aws {

/// Loads packages from S3 inside a function. Older interface; new code uses Lambda_Dependency_Inside_Lambda.
///
/// Each package is downloaded once and extracted below /tmp. Without the environment variable AWS_REGION, which Lambda
/// sets, the methods do nothing.
/// Errors: those of Lambda_Dependency_Inside_Lambda::load().
class Lambda_Dependencies {
public:
    void load_dependency(const std::string& package_name) const;                  ///< Loads one package.
    void load_dependencies(const std::vector<std::string>& package_names) const;  ///< Loads several packages.
    /// Loads packages from a comma-separated list. White space around a name is ignored.
    void load_dependencies(const char* comma_separated_names) const;
};

}  // namespace osbot_aws
