#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "packing/package.hpp"

namespace osbot_aws {

/// What is deployed, found out from what the caller pointed at.
struct Deploy_Source {
    std::string name;     ///< of the function, unless the caller says another
    std::string runtime;  ///< unless the caller says another
    std::string handler;
    /// Adds the code; done by the first deploy() or files(), as packing takes time that a constructor should not.
    /// Empty: there is none here, only an image or a function that exists.
    std::function<void(packing::Package&, const Lambda&)> fill;
};

Deploy_Source source_of(const Handler_Ref& handler);
Deploy_Source source_of(const Python_Function& function);
/// Throws Aws_Exception: NotFound, ModuleNotFound, HandlerNotFound.
Deploy_Source source_of(const std::filesystem::path& what, const Deploy_Options& options);

}  // namespace osbot_aws
