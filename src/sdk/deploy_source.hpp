#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "packing/package.hpp"

namespace osbot_aws {

/// The code to deploy, detected from the argument of Deploy_Lambda's constructor.
struct Deploy_Source {
    std::string name;     ///< default name of the function
    std::string runtime;  ///< default runtime
    std::string handler;
    /// Adds the code to the package. Called by the first deploy() or files(), because packing is too slow for a
    /// constructor. Empty if there is no local code: the function uses an image.
    std::function<void(packing::Package&, const Lambda&)> fill;
    /// The folder of the code, which may list packages: in a requirements.txt for Python, in a lock file for Node.js.
    /// Empty if the code is not a folder.
    std::filesystem::path folder = {};
};

Deploy_Source source_of(const Handler_Ref& handler);
Deploy_Source source_of(const Python_Function& function);
/// Throws Aws_Exception: NotFound, ModuleNotFound, HandlerNotFound.
Deploy_Source source_of(const std::filesystem::path& path, const Deploy_Options& options);

}  // namespace osbot_aws
