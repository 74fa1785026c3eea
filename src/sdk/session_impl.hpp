#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <osbot_aws/core/Session.hpp>

#include "client/aws_client.hpp"
#include "sdk/embedded_engine.hpp"

namespace osbot_aws {

enum class Target_Kind { endpoint, aws, local };

/// Where a call goes, and for people why.
struct Target_Choice {
    Target_Kind kind;
    std::string why;  ///< the setting that decided: "OSBOT_AWS_TARGET=local"
};
/// Which of the three a call goes to (docs/adr/0003-option-precedence.md); looks at settings, environment and files,
/// contacts nobody. Services that have an endpoint of their own in the environment or the profile go there instead.
/// Errors: ConfigurationError; those of client::Credential_Chain::found().
Result<Target_Choice> choose_target(const Session_Kwargs_Lambda& settings);
Result<Target_Kind> resolve_target(const Session_Kwargs_Lambda& settings);

/// $OSBOT_AWS_STATE, else $XDG_STATE_HOME/osbot_aws, else ~/.local/state/osbot_aws.
std::filesystem::path state_folder();
/// Whether somebody owns the state folder and answers on its socket.
bool engine_runs(const std::filesystem::path& state);

struct Session::Impl {
    explicit Impl(Session_Kwargs_Lambda given) : settings(std::move(given)) {}

    /// Resolves at the first call. Throws Aws_Exception when that can't be done.
    client::Aws_Client& client();
    /// Of the credentials; asked once.
    const std::string& account_id();
    /// What lies at a presigned URL, as GetFunction and GetLayerVersion give them. Throws Aws_Exception.
    std::string download(const std::string& url);

    /// What tests put between a session and the machine; used from the first call on.
    struct Seams {
        std::function<void(std::chrono::milliseconds)> sleep;  ///< empty: really
        std::function<std::shared_ptr<client::Transport>(std::shared_ptr<client::Transport>)> transport;
    };
    void sleep(std::chrono::milliseconds wait) const;

    Seams seams;
    client::On_Sent on_sent;  ///< what the command shows of uploads; used from the first call on
    Session_Kwargs_Lambda settings;
    bool in_memory = false;
    std::optional<Embedded_Engine> engine;  ///< in memory: shared by the sessions for_another_thread() makes
    Target_Kind kind = Target_Kind::local;
    std::string description;

private:
    client::Target make_target();
    client::Target local_target();
    client::Target target_in_memory();
    void forget_the_parents_client();

    std::optional<client::Aws_Client> client_;
    unsigned forks_ = forks();
    std::string account_id_;
};

/// Returns the client of a session.
inline client::Aws_Client& client_of(const Session& session) { return session.impl().client(); }

}  // namespace osbot_aws
