#include "engine/init_scripts.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/characters.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/subprocess.hpp"
#include "engine/client_variables.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t output_bytes_max = 1'000'000;  // of a script, in the log

/// Returns the command of a script. An executable one may name another interpreter in its first line.
std::vector<std::string> command_of(const fs::path& script) {
    if (::access(script.c_str(), X_OK) == 0) return {script.string()};
    if (script.extension() == ".py") return {"python3", script.string()};
    return {base::find_program("bash") ? "bash" : "sh", script.string()};
}

/// The variables of this process, with those of AWS clients.
std::vector<std::string> environment_of(const std::string& endpoint_url) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (!std::string_view(*variable).starts_with("AWS_")) variables.emplace_back(*variable);
    for (const auto& [name, value] : client_variables(endpoint_url))
        variables.push_back(fmt::format("{}={}", name, value));
    return variables;
}

void log_output(const std::string& name, std::string_view output) {
    while (!output.empty()) base::log_info("{}: {}", name, base::take_until(output, '\n'));
}

/// Runs a script on a worker and returns its exit code.
int run_script(const fs::path& script, const std::string& endpoint_url, int cancellation) {
    const std::string name = script.filename().string();
    base::log_info("running the init script {}", name);
    base::cancellation_fd = cancellation;
    const auto end = base::run_program({.argv = command_of(script),
                                        .environment = environment_of(endpoint_url),
                                        .folder = script.parent_path(),
                                        .time_max = Init_Scripts::script_time_max,
                                        .output_bytes_max = output_bytes_max,
                                        .output_together = true});
    base::cancellation_fd = -1;
    constexpr int not_started = 127;  // as in a shell
    if (!end) {
        base::log_error("the init script {} failed: {}", name, end.error().message);
        return not_started;
    }
    log_output(name, end->output);
    if (end->timed_out)
        base::log_error("the init script {} was stopped: the engine ended, or it ran longer than {} minutes", name,
                        Init_Scripts::script_time_max.count());
    else if (end->exit_code != 0)
        base::log_error("the init script {} failed with exit code {}", name, end->exit_code);
    return end->timed_out && end->exit_code == 0 ? not_started : end->exit_code;
}

}  // namespace

Init_Scripts::~Init_Scripts() { stop(); }

Result<std::vector<fs::path>> Init_Scripts::find(const fs::path& folder) {
    std::vector<fs::path> scripts;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const auto extension = entry->path().extension();
        std::error_code ignored;
        if ((extension == ".sh" || extension == ".py") && entry->is_regular_file(ignored))
            scripts.push_back(fs::absolute(entry->path()));
        if (scripts.size() > scripts_max)
            return local_error("InitFolderError", "the folder {} of --init has more than {} scripts", folder.string(),
                               scripts_max);
    }
    if (error)
        return local_error("InitFolderError", "cannot read the folder {} of --init: {}", folder.string(),
                           error.message());
    std::ranges::sort(scripts);
    return scripts;
}

void Init_Scripts::run(const std::vector<fs::path>& scripts, const std::string& endpoint_url) {
    endpoint_url_ = endpoint_url;
    cancellation_ = std::make_shared<base::Unique_Fd>(::eventfd(0, EFD_CLOEXEC));
    for (const fs::path& script : scripts) scripts_.push_back({script});
    run_next();
}

void Init_Scripts::run_next() {
    if (is_complete()) {
        base::log_info("Ready.");  // tools that start LocalStack wait for this line
        for (const auto& done : std::exchange(waiting_, {})) done();
        return;
    }
    if (stopped_) return;
    scripts_[next_].state = State::running;
    const auto exit_code = std::make_shared<int>(0);
    loop_.run_blocking([script = scripts_[next_].path, url = endpoint_url_, cancellation = cancellation_,
                        exit_code] { *exit_code = run_script(script, url, cancellation->fd()); },
                       [this, alive = std::weak_ptr(alive_), exit_code] {
                           if (!alive.expired()) ended(*exit_code);
                       });
}

void Init_Scripts::ended(int exit_code) {
    Script& script = scripts_[next_++];
    script.exit_code = exit_code;
    script.state = exit_code == 0 ? State::successful : State::failed;
    run_next();
}

void Init_Scripts::stop() {
    stopped_ = true;
    if (cancellation_) ::eventfd_write(cancellation_->fd(), 1);
}

void Init_Scripts::when_complete(std::function<void()> done) {
    if (is_complete()) return done();
    waiting_.push_back(std::move(done));
}

Json Init_Scripts::json() const {
    static constexpr const char* names[] = {"waiting", "running", "successful", "failed"};
    Json list = Json::array();
    for (const Script& script : scripts_) {
        Json& out = list.emplace_back();
        out = {{"name", script.path.filename().string()}, {"state", names[static_cast<std::size_t>(script.state)]}};
        if (script.state == State::failed) out["exit_code"] = script.exit_code;
    }
    return list;
}

std::size_t Init_Scripts::failed() const {
    return static_cast<std::size_t>(std::ranges::count(scripts_, State::failed, &Script::state));
}

}  // namespace osbot_aws::engine
