#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/lambda/function.hpp"
#include "services/lambda/running/runtime_api.hpp"

namespace osbot_aws::services {

/// The error of an extension that prevents or ends an event, such as Extension.Crash.
struct Extension_Failure {
    std::string_view type;
    std::string message;
};

/// An extension of an environment.
struct Extension {
    enum class State { started, registered, ready, running, failed, exited };

    std::string name;
    bool external = true;
    std::string id = {};  ///< since its registration
    bool invoke_events = false, shutdown_events = false;
    State state = State::started;
    std::string error_type = {};  ///< of init/error or exit/error
    Reply waiting = nullptr;      ///< to its request for the next event, if it is ready

    std::vector<std::string> events() const;  ///< INVOKE, SHUTDOWN
    std::string_view state_name() const;      ///< as in AWS's log
};

/// The extensions of an environment: the Extensions API, without its connections.
///
/// External ones are programs in /opt/extensions, which register before the runtime starts; internal ones register in
/// the process of the runtime, before it asks for the first event. Each asks for its next event when it has processed
/// the last one. Loop thread only. Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
class Extensions {
public:
    struct Callbacks {
        std::function<void()> on_registered;  ///< the last external extension registered
        std::function<void()> on_ready;       ///< an extension asked for its next event
        std::function<void(const Extension_Failure&)> on_failure;
    };
    Extensions(const Function& function, Callbacks callbacks) : function_(function), callbacks_(std::move(callbacks)) {}

    /// Forgets all, and expects the registration of these external extensions.
    void start(const std::vector<std::string>& names);
    /// The runtime is initialised: no extension can register any more.
    void close_registration() { is_open_ = false; }
    /// Responds to a request whose path is below /2020-01-01/extension/.
    void handle(const wire::Request& request, const Reply& reply);

    bool any() const { return !all_.empty(); }
    bool any_external() const;
    bool all_registered() const;
    /// Returns true if each extension waits for an event.
    bool ready() const;
    const std::vector<Extension>& all() const { return all_; }
    /// Returns the registered extension with this id, or nullptr.
    const Extension* find(std::string_view id) const;

    /// Sends the event to the extensions that registered for INVOKE.
    void invoke(const Next_Event& event);
    /// Sends the event to those that registered for SHUTDOWN, now or when they ask. `reason`: spindown, timeout,
    /// failure.
    void shut_down(std::string_view reason, std::int64_t deadline_ms);
    /// Returns true if an external extension still runs that registered for SHUTDOWN.
    bool shutting_down() const;
    /// An external extension, by the index in start(), has exited.
    void exited(std::size_t index, const std::string& how);

private:
    Extension* find_named(std::string_view name);
    Result<Extension*> identified(const wire::Request& request);
    Result<void> register_one(const wire::Request& request, Extension*& extension);
    Result<Extension*> extension_to_register(const std::string& name);
    void registered(const wire::Request& request, const Extension& extension, const Reply& reply);
    void next(Extension& extension, const Reply& reply);
    Result<void> report_error(std::string_view type, const wire::Request& request, Extension& extension);

    const Function& function_;
    Callbacks callbacks_;
    std::vector<Extension> all_;
    std::size_t external_count_ = 0;
    bool is_open_ = true;
    std::optional<std::string> shutdown_event_;
};

}  // namespace osbot_aws::services
