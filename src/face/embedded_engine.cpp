#include "face/embedded_engine.hpp"

#include <map>
#include <mutex>

#include "server/local_engine.hpp"

namespace osbot_aws {
namespace {

class Embedded_Transport final : public client::Transport {
public:
    explicit Embedded_Transport(std::shared_ptr<server::Local_Engine> engine) : engine_(std::move(engine)) {}
    Result<wire::Response> send(const wire::Request& request, const client::Send_Options&) override {
        wire::Response response = engine_->handle(request);
        response.headers.set("Content-Length", std::to_string(response.body.size()));
        if (request.method == "HEAD") response.body = {};
        // The engine answers objects as files; whoever asks for one over a socket gets bytes, and so does who asks
        // here.
        auto bytes = wire::take_bytes(response.body);
        if (!bytes) return bytes.error();
        response.body = {.bytes = std::move(*bytes), .file = {}};
        return response;
    }

private:
    std::shared_ptr<server::Local_Engine> engine_;
};

}  // namespace

Result<Embedded_Engine> embedded_engine(const std::filesystem::path& state) {
    static std::mutex mutex;
    static std::map<std::filesystem::path, std::shared_ptr<server::Local_Engine>>
        engines;  // ended by their destructors, with the process
    const std::lock_guard lock(mutex);
    auto& engine = engines[state];
    if (!engine) {
        auto started = server::Local_Engine::start({.state_folder = state, .port_is_a_wish = true});
        if (!started) return started.error();
        engine = std::move(*started);
    }
    return Embedded_Engine{std::make_shared<Embedded_Transport>(engine), engine->endpoint_url()};
}

Result<Embedded_Engine> engine_in_memory() {
    auto started = server::Local_Engine::start({.port = 0});
    if (!started) return started.error();
    const std::shared_ptr<server::Local_Engine> engine = std::move(*started);
    return Embedded_Engine{std::make_shared<Embedded_Transport>(engine), engine->endpoint_url()};
}

}  // namespace osbot_aws
