#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.hpp"
#include "base/result.hpp"
#include "services/lambda/url_ports.hpp"

namespace osbot_aws::engine {

/// The addresses of function URLs.
enum class Url_Form {
    automatic,  ///< `host` if this machine resolves names below localhost, else `port`
    host,       ///< http://<id>.lambda-url.<region>.localhost:<port of the engine>/
    port        ///< http://127.0.0.1:<port of the URL>/; the host form reaches it as well
};

/// Returns true if the resolver of this machine finds a name below localhost. Blocks for at most a second.
bool names_below_localhost_resolve();

/// Opens the ports of function URLs. Loop thread only.
class Url_Listeners final : public services::Url_Ports {
public:
    struct Open_Port {
        std::uint16_t number = 0;
        std::shared_ptr<void> server;  ///< closes the port when it is destroyed
    };
    /// Serves the URL with this id on a port of the loopback address. 0: any free port.
    using Serve = std::function<Result<Open_Port>(const std::string& id, std::uint16_t port)>;

    /// `resolves` is called on a worker, when the first URL needs it.
    Url_Listeners(base::Loop& loop, Url_Form form, std::size_t ports_max, Serve serve,
                  std::function<bool()> resolves = &names_below_localhost_resolve)
        : loop_(loop), form_(form), ports_max_(ports_max), serve_(std::move(serve)), resolves_(std::move(resolves)) {}

    void when_known(std::function<void()> known) override;
    std::uint16_t open(const std::string& id, std::uint16_t previous) override;
    void keep_only(const std::function<bool(const std::string& id)>& keeps) override;
    /// Closes all ports, and calls nothing that waits.
    void stop();

private:
    void check_names();

    base::Loop& loop_;
    const Url_Form form_;
    const std::size_t ports_max_;
    const Serve serve_;
    const std::function<bool()> resolves_;
    std::optional<bool> names_resolve_;
    std::vector<std::function<void()>> waiting_;
    std::map<std::string, Open_Port> ports_;  ///< by id
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine
