#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "sandbox/sandbox.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/running/interpreters.hpp"
#include "services/lambda/running/runtime_support.hpp"

namespace osbot_aws::services {

/// The command, mounts and warning for the process of a function.
struct Launch {
    std::vector<std::string> argv;
    std::vector<sandbox::Mount> mounts;  ///< mounts for the runtime itself
    std::string warning;                 ///< written to the function's log, e.g. if another Python is used
    std::filesystem::path packages;      ///< of the runtime, such as boto3, as the process sees it; empty: none
};

/// Packages to install: the runtime of an interpreter, and its program.
struct Support_Target {
    std::string runtime;
    std::filesystem::path interpreter;
};

/// Finds the program for a runtime identifier on this host:
/// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
///
/// Finding an interpreter reads folders and runs node, and each Python is run once to compile the client. So call
/// launch() on a worker thread. Any thread.
class Runtimes {
public:
    /// `folder`: stores the runtime clients; created at first use. `strict`: reject an interpreter of another version.
    /// `support`: the packages of AWS's runtimes; nullptr: none.
    Runtimes(std::filesystem::path folder, bool strict, std::shared_ptr<Runtime_Support> support = nullptr)
        : folder_(std::move(folder)), strict_(strict), support_(std::move(support)) {}

    /// Returns how to start the function. `inside`: true if the process sees mounts at their targets; `code`: the
    /// unpacked package; `layers`: the unpacked layers.
    /// Errors: Runtime.InvalidEntrypoint (no bootstrap), InvalidRuntime (no interpreter on
    /// this host; with `strict` the message lists the installed ones; or a function for another processor).
    Result<Launch> launch(const Function& function, const std::filesystem::path& code,
                          const std::vector<std::filesystem::path>& layers, bool inside);

    /// Errors: InvalidRuntime if the function is for a processor other than this host's.
    static std::optional<Error> check_architecture(const Function& function);

    /// Returns the interpreters of this host for a language. They are searched for at the first call.
    const Interpreters& interpreters(const Language& language);

    /// Returns whether functions of this runtime find packages of AWS's runtime.
    bool has_support(const std::string& runtime) const;
    /// Returns the packages to install for functions of this runtime; nullopt if they are installed, or if no
    /// interpreter runs the function. Blocks as launch().
    std::optional<Support_Target> missing_support(const std::string& runtime);
    const std::shared_ptr<Runtime_Support>& support() const { return support_; }

private:
    /// The interpreter for a function.
    struct Chosen {
        std::string runtime;  ///< that of the interpreter
        Interpreter interpreter;
    };

    Result<Launch> provided(const std::filesystem::path& code, const std::vector<std::filesystem::path>& layers,
                            bool inside) const;
    Result<Launch> python(int minor, bool inside);
    Result<Launch> node(int major, const Function& function, bool inside);
    bool knows_option(const std::filesystem::path& node, const std::string& option);
    Result<Chosen> choose(const Language& language, int version);
    static Launch start_with(const Chosen& chosen, const std::string& runtime);
    void add_support(Launch& launch, const Chosen& python, bool inside) const;
    static Result<Launch> with_wrapper(Result<Launch> launch, const Function& function,
                                       const std::filesystem::path& code,
                                       const std::vector<std::filesystem::path>& layers, bool inside);
    Result<std::filesystem::path> client_folder(std::string_view language, const std::filesystem::path& interpreter,
                                                const std::vector<std::pair<std::string_view, std::string_view>>& files,
                                                std::vector<std::string> prepare);

    std::filesystem::path folder_;
    bool strict_;
    std::shared_ptr<Runtime_Support> support_;
    std::mutex mutex_;  // several workers may launch functions at the same time
    std::map<const Language*, Interpreters> interpreters_;
    std::map<std::pair<std::filesystem::path, std::string>, bool> known_options_;  ///< by program and option
    std::vector<std::filesystem::path> prepared_;  ///< folders of clients that were written
};

}  // namespace osbot_aws::services
