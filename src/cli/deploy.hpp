#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "packing/packed_files.hpp"

namespace osbot_aws::cli {

struct Deploy_Arguments {
    std::string source, name, stage, handler, runtime, role, image;
    std::vector<std::string> env, files, folders, layers, ignore;
    int memory = 0, timeout = 0;
};

struct Deployed {
    int exit_code = exit_ok;
    std::string function;  ///< the function's name; empty if the deploy failed before it was known
};

/// Deploys a function and prints the result or the error. `packed_before`: see Deploy_Lambda::Impl.
Deployed deploy_once(const Options& options, const Deploy_Arguments& arguments,
                     std::shared_ptr<packing::Packed_Files> packed_before = {});

}  // namespace osbot_aws::cli
