#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Session.hpp>

#include "client/aws_client.hpp"
#include "sdk/embedded_engine.hpp"

namespace osbot_aws {

enum class Target_Kind { endpoint, aws, local };

/// The target of calls and the reason for the choice.
struct Target_Choice {
    Target_Kind kind;
    std::string reason;  ///< human-readable: the setting that decided, e.g. "OSBOT_AWS_TARGET=local"
};
/// Chooses the target from settings, environment and files (docs/adr/0003-option-precedence.md). Sends no request.
/// Services with their own endpoint in the environment or the profile use that endpoint instead.
/// Errors: ConfigurationError; those of client::Credential_Chain::kind().
Result<Target_Choice> choose_target(const Session_Kwargs_Lambda& settings);
Result<Target_Kind> resolve_target(const Session_Kwargs_Lambda& settings);

/// Returns $OSBOT_AWS_STATE, else $XDG_STATE_HOME/osbot_aws, else ~/.local/state/osbot_aws.
std::filesystem::path state_folder();
/// Returns the Unix socket of the running engine of a state folder: that of the process that owns the folder, else that
/// of an engine in memory that stands in for it (memory_socket). Empty if none accepts connections.
std::filesystem::path engine_socket(const std::filesystem::path& state);
inline bool engine_runs(const std::filesystem::path& state) { return !engine_socket(state).empty(); }
/// Returns the Unix socket by which commands find an engine in memory that was started for this state folder. It is in
/// the user's runtime folder: $XDG_RUNTIME_DIR/osbot_aws, else /tmp/osbot_aws-UID.
std::filesystem::path memory_socket(const std::filesystem::path& state);
/// Creates the folder of memory_socket(). Errors: RuntimeFolderError, also if another user could write to the folder.
Result<void> make_runtime_folder();

/// Returns the value, or nothing for the error `code`. Throws Aws_Exception for other errors.
template <class T>
std::optional<T> value_unless(std::string_view code, Result<T> result) {
    if (!result && result.error().code == code) return std::nullopt;
    return std::move(result).value();
}

struct Session::Impl {
    explicit Impl(Session_Kwargs_Lambda session_settings) : settings(std::move(session_settings)) {}
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Returns the client, and chooses the target at the first call. Throws Aws_Exception if the settings are invalid.
    client::Aws_Client& client();
    /// Returns the account id of the credentials. Asks STS, until one call succeeded.
    std::string account_id();
    /// Downloads a presigned URL of GetFunction or GetLayerVersion. Throws Aws_Exception.
    std::string download(const std::string& url);

    /// Replacements for tests. Set them before the first call.
    struct Seams {
        std::function<void(std::chrono::milliseconds)> sleep;  ///< empty: sleeps
        std::function<std::shared_ptr<client::Transport>(std::shared_ptr<client::Transport>)> transport;
    };
    void sleep(std::chrono::milliseconds wait) const;

    Seams seams;
    client::On_Sent on_sent;  ///< shows the progress of uploads; set it before the first call
    Session_Kwargs_Lambda settings;
    bool in_memory = false;
    std::optional<Embedded_Engine> engine;  ///< if in_memory: shared with the sessions of for_another_thread()
    Target_Kind kind = Target_Kind::local;  ///< chosen by client(), as `description`
    std::string description;

private:
    /// The client of one process. Another process that was forked from it neither uses nor destroys it.
    struct Connected {
        client::Aws_Client client;
        unsigned times_forked;
    };
    Connected* connected() const;
    client::Aws_Client make_client();
    client::Target make_target();
    client::Target local_target();
    client::Target target_in_memory();
    void abandon(Connected* of_parent);

    std::atomic<Connected*> connected_ = nullptr;
    std::string account_id_;
};

/// Returns the state of a session.
inline Session::Impl& impl_of(const Session& session) { return *session.impl_; }
/// Returns the client of a session.
inline client::Aws_Client& client_of(const Session& session) { return impl_of(session).client(); }

}  // namespace osbot_aws
