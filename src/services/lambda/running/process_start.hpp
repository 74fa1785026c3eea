#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "services/images/images.hpp"
#include "services/lambda/running/environment.hpp"

namespace osbot_aws::services {

constexpr std::uint16_t inner_runtime_api_port = 9001;  ///< as on Lambda; only if the environment has its own network

/// Starts the process of an environment on a worker thread: selects the program, its environment and its sandbox.
struct Process_Start {
    Environment_Parts& parts;
    Function_Ptr function;
    Image_Ptr image;                             ///< for an image function
    std::vector<std::filesystem::path> folders;  ///< otherwise the unpacked code, then the layers
    std::string log_stream;
    std::string runtime_api;  ///< host:port
    int output = -1;          ///< file descriptor for stdout and stderr

    Result<Launch> launch = Error{};
    Result<std::unique_ptr<sandbox::Process>> process = Error{};

    /// Sets `launch` and, if that succeeds, `process`.
    void run();

private:
    sandbox::Process_Spec common_spec() const;
    std::string session_token() const;
    void run_package(bool inside);
    void run_image();
};

}  // namespace osbot_aws::services
