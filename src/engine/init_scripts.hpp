#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/files.hpp"
#include "base/loop.hpp"
#include "base/result.hpp"

namespace osbot_aws::engine {

/// The scripts of `osbot local start --init FOLDER`: its files *.sh and *.py, which run in the order of their names,
/// one at a time, when the engine is ready. They have the variables with which AWS clients use the engine. Their output
/// is in the log. A script that fails is logged and shown by the status; the others run nevertheless. Loop thread only.
class Init_Scripts {
public:
    static constexpr std::size_t scripts_max = 1000;
    static constexpr std::chrono::minutes script_time_max{10};

    explicit Init_Scripts(base::Loop& loop) : loop_(loop) {}
    ~Init_Scripts();

    /// Returns the scripts in a folder. Errors: InitFolderError, naming the folder and the reason.
    static Result<std::vector<std::filesystem::path>> find(const std::filesystem::path& folder);

    /// Starts the first script.
    void run(const std::vector<std::filesystem::path>& scripts, const std::string& endpoint_url);
    /// Ends the script that runs. No other is started.
    void stop();

    bool is_complete() const { return next_ == scripts_.size(); }
    /// Calls `done` when all scripts have ended, perhaps immediately.
    void when_complete(std::function<void()> done);
    /// [{"name", "state", "exit_code"}]. The state is waiting, running, successful or failed.
    Json json() const;
    std::size_t failed() const;

private:
    enum class State { waiting, running, successful, failed };
    struct Script {
        std::filesystem::path path;
        State state = State::waiting;
        int exit_code = 0;
    };

    void run_next();
    void ended(int exit_code);

    base::Loop& loop_;
    std::vector<Script> scripts_;
    std::size_t next_ = 0;  ///< the script that runs, or is the next to run
    std::string endpoint_url_;
    bool stopped_ = false;
    std::vector<std::function<void()>> waiting_;
    std::shared_ptr<base::Unique_Fd> cancellation_;  ///< readable: end the script
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine
