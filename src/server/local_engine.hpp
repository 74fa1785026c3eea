#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/images/image_unpacker.hpp"
#include "engine/lambda/debugging.hpp"
#include "engine/space_limits.hpp"
#include "sandbox/sandbox.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {

struct Local_Engine_Options {
    std::filesystem::path state_folder;  ///< empty: in memory
    std::uint16_t port = 4566;           ///< 0: any free port
    bool all_interfaces = false;         ///< listen on 0.0.0.0 instead of 127.0.0.1
    bool port_is_a_wish = false;         ///< take a free one when `port` is taken (embedded owners)
    sandbox::Mode sandbox = sandbox::Mode::automatic;
    bool strict_runtimes = false;
    std::optional<engine::Debug_Target> debug = std::nullopt;  ///< only with sandbox::Mode::off
    engine::Space_Limits space = {};                           ///< what it keeps on disk stays within these
    engine::Image_Unpacker unpack_image = nullptr;             ///< engine::unpack_image; nullptr: it takes no images in
    std::chrono::seconds environment_idle_max{600};
    std::chrono::seconds idle_exit{
        0};  ///< daemon started on demand: ends after this long without a request and an empty queue; 0: never
};

/// A whole engine on a thread of its own: store, services, sandbox, and its listeners on loopback and on
/// the Unix socket `<state>/osbot.sock`. In memory there is no Unix socket.
class Local_Engine {
public:
    /// Errors: StateFolderError (unwritable; owned by another process, with its pid), PortInUse (names the port and the
    /// way out).
    static Result<std::unique_ptr<Local_Engine>> start(Local_Engine_Options options);
    ~Local_Engine();  ///< ends every environment, flushes, closes

    /// In process: the same dispatch as over TCP, without a socket. Any thread; blocks until answered.
    wire::Response handle(wire::Request request);

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

}  // namespace osbot_aws::server
