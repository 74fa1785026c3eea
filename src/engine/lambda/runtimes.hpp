#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/lambda/function.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::engine {

/// How the process of a function is started.
struct Launch {
    std::vector<std::string> argv;
    std::vector<sandbox::Mount> mounts;  ///< what the runtime itself needs
    std::string warning;                 ///< goes to the function's log, e.g. that another Python stands in
};

struct Python_Interpreter {
    std::filesystem::path program;   ///< links and shims are resolved
    std::filesystem::path packages;  ///< of the virtual environment that it was found by; empty: none
};

/// Finds what runs a runtime identifier on this host: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
///
/// Looking for interpreters reads folders and, once per interpreter, runs it; so launch() belongs on a worker thread.
/// Any thread.
class Runtimes {
public:
    /// `folder`: where the runtime clients are kept, made at first use. `strict`: refuse a Python of another minor
    /// version.
    Runtimes(std::filesystem::path folder, bool strict) : folder_(std::move(folder)), strict_(strict) {}

    /// `inside`: whether the process sees mounts at their targets; `code` is the unpacked package, `layers` are
    /// the unpacked layers.
    /// Errors: Runtime.InvalidEntrypoint (no bootstrap, or it can't be executed), InvalidRuntime (nothing here runs it,
    /// or it is for another processor; names what was found).
    Result<Launch> launch(const Function& function, const std::filesystem::path& code,
                          const std::vector<std::filesystem::path>& layers, bool inside);

    /// Errors: InvalidRuntime when the function is for another processor than this host's.
    static std::optional<Error> check_architecture(const Function& function);

    /// By minor version, every python3.x on this host: PATH, pyenv, uv.
    const std::map<int, Python_Interpreter>& pythons();

private:
    Result<Launch> provided(const std::filesystem::path& code, const std::vector<std::filesystem::path>& layers,
                            bool inside) const;
    Result<Launch> python(int minor, const Function& function, const std::filesystem::path& code,
                          const std::vector<std::filesystem::path>& layers, bool inside);
    Result<std::filesystem::path> client_folder(const std::filesystem::path& interpreter);

    std::filesystem::path folder_;
    bool strict_;
    std::mutex mutex_;  // launches of several functions may come from several workers
    bool looked_ = false;
    std::map<int, Python_Interpreter> pythons_;
    std::map<std::filesystem::path, std::filesystem::path>
        prepared_;  // interpreter -> folder with the client compiled for it
};

}  // namespace osbot_aws::engine
