#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/line/code_options.hpp"
#include "cli/line/options.hpp"
#include "packing/packed_files.hpp"

namespace osbot_aws::cli {

/// The settings of a deploy. Empty and zero members take the documented default.
struct Deploy_Arguments : Code_Arguments {
    std::string stage, role, image;
    std::vector<std::string> env, layers;
    int memory = 0, timeout = 0;
    bool replace = false;

    // ---- only in osbot.toml
    std::string settings_file;  ///< empty: the function has none
    std::string url, tracing, build;
    int ephemeral_storage = 0;
};

struct Deployed {
    int exit_code = exit_ok;
    std::string function;  ///< the function's name; empty if the deploy failed before it was known
};

/// Deploys a function and prints the result or the error. `packed_before`: see Deploy_Lambda::Impl.
Deployed deploy_once(const Options& options, const Deploy_Arguments& arguments,
                     std::shared_ptr<packing::Packed_Files> packed_before = {});

}  // namespace osbot_aws::cli
