#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/forwards.hpp"
#include "engine/request_log.hpp"
#include "engine/space_limits.hpp"
#include "engine/url_listeners.hpp"
#include "sandbox/sandbox.hpp"
#include "services/access/authentication.hpp"
#include "services/iam/aws_policies.hpp"
#include "services/images/image_unpacker.hpp"
#include "services/lambda/running/debugging.hpp"
#include "services/lambda/running/runtime_support.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

struct Local_Engine_Options {
    std::filesystem::path state_folder;  ///< empty: in memory
    std::uint16_t port = 4566;           ///< 0: any free port
    /// An IPv4 address on which the engine listens. It also listens on 127.0.0.1, where its functions reach it, and on
    /// ::1 if that is possible.
    std::string host = "127.0.0.1";
    std::filesystem::path memory_socket = {};     ///< Unix socket of an engine in memory; empty: none
    Request_Observer on_request = nullptr;        ///< called on the loop for each response to a request
    std::vector<std::string> allowed_hosts = {};  ///< Web_Access::hosts
    std::vector<std::string> cors_origins = {};   ///< Web_Access::origins
    /// Endpoints of other services. nullopt: those that the last engine of this state folder was started with.
    std::optional<Forwards> forwards = std::nullopt;
    bool fall_back_to_free_port = false;  ///< use any free port if `port` is in use (embedded engines)
    Url_Form url_form = Url_Form::automatic;
    sandbox::Mode sandbox = sandbox::Mode::automatic;
    bool strict_runtimes = false;
    bool shared_memory = false;  ///< functions have a /dev/shm, which Lambda's do not
    bool freeze = true;          ///< stop the processes of functions between events, as on Lambda
    std::optional<services::Debug_Target> debug = std::nullopt;            ///< only with sandbox::Mode::off
    engine::Space_Limits space = {};                                       ///< limits for disk space
    std::shared_ptr<services::Runtime_Support> runtime_support = nullptr;  ///< nullptr: none
    services::Image_Unpacker unpack_image = nullptr;    ///< services::unpack_image; nullptr: images are not supported
    services::Aws_Policy_Table aws_policies = nullptr;  ///< services::all_aws_policies; nullptr: those of functions
    std::chrono::seconds environment_idle_max{600};
    services::Access_Settings access = {};                 ///< of requests; by default, any key may do all
    int event_speed = 1;                                   ///< services::Invocation_Options::event_speed
    int lifecycle_speed = 1;                               ///< divides the days of S3's lifecycle rules
    std::vector<std::filesystem::path> init_scripts = {};  ///< Init_Scripts::find()
    std::chrono::seconds idle_exit{
        0};  ///< exit after this time without requests and with empty queues (daemon started on demand); 0: never
};

/// A complete engine on a separate thread: store, services, sandbox, and listeners on loopback and on the Unix socket
/// `<state>/osbot.sock`, or `memory_socket` for an engine in memory.
class Local_Engine {
public:
    /// Starts an engine. Raises the limit of open files of this process (base::raise_open_files_limit). Errors:
    /// StateFolderError (not writable, or in use by another process, naming its pid), PortInUse (names the port and a
    /// solution).
    static Result<std::unique_ptr<Local_Engine>> start(Local_Engine_Options options);
    ~Local_Engine();  ///< stops all execution environments, flushes the store and closes it

    /// Handles a request in this process, as over TCP but without a socket. Any thread; blocks until the response.
    /// Errors: ConnectionClosedError if the body of the response could not be produced to its end.
    Result<wire::Response> handle(wire::Request request);

    std::uint16_t port() const;
    std::string endpoint_url() const;  ///< http://127.0.0.1:<port>
    /// Blocks until stop() or idle_exit.
    void wait();
    void stop();  ///< any thread, and from a signal watcher

private:
    struct Impl;
    explicit Local_Engine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws::engine
