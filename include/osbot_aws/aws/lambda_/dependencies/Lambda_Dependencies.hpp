#pragma once

#include <string>
#include <vector>

namespace osbot_aws {

/// The seed's older name for what Lambda_Dependency_Inside_Lambda does; new code uses that one.
///
/// Inside a function each package is downloaded from S3 once and lies below /tmp; without AWS_REGION, which Lambda
/// sets, nothing happens.
/// Errors: those of Lambda_Dependency_Inside_Lambda::load().
class Lambda_Dependencies {
public:
    void load_dependency(const std::string& package_name) const;                  ///< One package.
    void load_dependencies(const std::vector<std::string>& package_names) const;  ///< Several packages.
    /// Names with commas between them; white space around one is not a part of it.
    void load_dependencies(const char* comma_separated_names) const;
};

}  // namespace osbot_aws
