#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/sandbox.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// The command, mounts and warning for the process of a function.
struct Launch {
    std::vector<std::string> argv;
    std::vector<sandbox::Mount> mounts;  ///< mounts for the runtime itself
    std::string warning;                 ///< written to the function's log, e.g. if another Python is used
};

struct Python_Interpreter {
    std::filesystem::path program;   ///< with symbolic links resolved
    std::filesystem::path packages;  ///< site-packages of its virtual environment; empty: none
};

/// Finds the program for a runtime identifier on this host:
/// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
///
/// Finding an interpreter reads folders, and each interpreter is run once to compile the client. So call launch() on a
/// worker thread. Any thread.
class Runtimes {
public:
    /// `folder`: stores the runtime clients; created at first use. `strict`: reject a Python of another minor version.
    Runtimes(std::filesystem::path folder, bool strict) : folder_(std::move(folder)), strict_(strict) {}

    /// Returns how to start the function. `inside`: true if the process sees mounts at their targets; `code`: the
    /// unpacked package; `layers`: the unpacked layers.
    /// Errors: Runtime.InvalidEntrypoint (no bootstrap, or it is not executable), InvalidRuntime (no interpreter on
    /// this host; with `strict` the message lists the installed ones; or a function for another processor).
    Result<Launch> launch(const Function& function, const std::filesystem::path& code,
                          const std::vector<std::filesystem::path>& layers, bool inside);

    /// Errors: InvalidRuntime if the function is for a processor other than this host's.
    static std::optional<Error> check_architecture(const Function& function);

    /// Returns the python3.x interpreters of this host by minor version, from PATH, pyenv and uv.
    const std::map<int, Python_Interpreter>& pythons();
    /// Returns the interpreter with this minor version, else the one with the nearest; end() if there is none.
    static std::map<int, Python_Interpreter>::const_iterator nearest(const std::map<int, Python_Interpreter>& pythons,
                                                                     int minor);

private:
    Result<Launch> provided(const std::filesystem::path& code, const std::vector<std::filesystem::path>& layers,
                            bool inside) const;
    Result<Launch> python(int minor, const Function& function, const std::filesystem::path& code,
                          const std::vector<std::filesystem::path>& layers, bool inside);
    Result<std::filesystem::path> client_folder(const std::filesystem::path& interpreter);

    std::filesystem::path folder_;
    bool strict_;
    std::mutex mutex_;  // several workers may launch functions at the same time
    bool searched_ = false;
    std::map<int, Python_Interpreter> pythons_;
    /// Interpreter -> folder with the client compiled for it.
    std::map<std::filesystem::path, std::filesystem::path> prepared_;
};

}  // namespace osbot_aws::services
