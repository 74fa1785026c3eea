#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "sandbox/sandbox.hpp"
#include "services/images/images.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/environment_variables.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/lambda/running/runtimes.hpp"

namespace osbot_aws::services {

/// The Runtime API of an environment with its own network; the port is that of Lambda.
constexpr std::uint16_t inner_runtime_api_port = 9001;
constexpr const char* inner_runtime_api = "127.0.0.1:9001";

/// The resources that all execution environments share. They must outlive the environments.
struct Environment_Parts : Invocation_Parts {
    Invocation_Options options;
    Runtimes runtimes{options.work_folder / "runtime", options.strict_runtimes, options.runtime_support};
    std::size_t environments = 0;  ///< that exist now

    bool is_debugged(const Function& function) const {
        return options.debug && options.debug->function == function.name;
    }
};

/// Starts the process of an environment on a worker thread: selects the program, its environment and its sandbox.
struct Process_Start {
    Environment_Parts& parts;
    Function_Ptr function;
    Image_Ptr image;                             ///< for an image function
    std::vector<std::filesystem::path> folders;  ///< otherwise the unpacked code, then the layers
    std::string log_stream;
    std::string runtime_api;            ///< host:port
    base::Unique_Fd output;             ///< for stdout and stderr
    base::Unique_Fd extensions_output;  ///< of the extensions; only needed for functions that can have some
    Init_Type init_type = Init_Type::on_demand;

    // Set by run()
    Result<std::unique_ptr<sandbox::Process>> process = Error{};
    bool may_retry = false;               ///< the process was not started, although its program was found
    std::string warning;                  ///< for the function's log
    std::vector<std::string> extensions;  ///< the names of the external extensions; the process is then not complete

    void run();

private:
    sandbox::Process_Spec common_spec() const;
    Variables_Input variables(bool inside) const;
    Result<std::vector<std::filesystem::path>> layers(bool inside) const;
    Result<sandbox::Process_Spec> package_spec();
    Result<sandbox::Process_Spec> image_spec();
    Result<void> add_extensions(sandbox::Process_Spec& spec, const std::vector<std::filesystem::path>& opt,
                                bool inside);
};

/// Returns the error of a process that did not start, with AWS's type and words. `companions`: if a program was not
/// found or is not executable, it is an extension.
Error start_error(Error error, bool companions);

}  // namespace osbot_aws::services
