#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/images/images.hpp"
#include "engine/lambda/environment.hpp"

namespace osbot_aws::engine {

constexpr std::uint16_t inner_runtime_api_port = 9001;  ///< as on Lambda; only in a network of the environment's own

/// The start of an environment's process, on a worker: what is executed, what it sees, and the sandbox around it.
struct Process_Start {
    Environment_Parts& parts;
    Function_Ptr function;
    Image_Ptr image;                             ///< of an image function; else:
    std::vector<std::filesystem::path> folders;  ///< the unpacked code, then the layers
    std::string log_stream;
    std::string runtime_api;  ///< host:port
    int output = -1;          ///< where stdout and stderr go

    Result<Launch> launch = Error{};
    Result<std::unique_ptr<sandbox::Process>> process = Error{};

    /// Sets `launch` and, when that succeeded, `process`.
    void run();

private:
    sandbox::Process_Spec common_spec() const;
    std::string session_token() const;
    void run_package(bool inside);
    void run_image();
};

}  // namespace osbot_aws::engine
