#include "sdk/embedded_engine.hpp"

#include <pthread.h>

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "server/local_engine.hpp"

namespace osbot_aws {
namespace {

class Embedded_Transport final : public client::Transport {
public:
    explicit Embedded_Transport(std::shared_ptr<server::Local_Engine> engine) : engine_(std::move(engine)) {}
    Result<wire::Response> send(const wire::Request& request, const client::Send_Options& options) override {
        wire::Response response = engine_->handle(request);
        if (response.headers.find("Content-Length") == nullptr)  // an answer to HEAD tells a length without a body
            response.headers.set("Content-Length", std::to_string(response.body.size()));
        if (request.method == "HEAD") response.body = {};
        // The engine answers objects as files; whoever asks for one over a socket gets bytes, and so does who asks
        // here.
        auto bytes = wire::take_bytes(response.body);
        if (!bytes) return bytes.error();
        response.body = {.bytes = std::move(*bytes), .file = {}};
        if (options.on_body && response.status / 100 == 2) options.on_body(std::exchange(response.body.bytes, {}));
        return response;
    }

private:
    std::shared_ptr<server::Local_Engine> engine_;
};

using Engine = std::shared_ptr<server::Local_Engine>;

std::atomic<unsigned> forks_seen{0};
std::atomic<engine::Image_Unpacker> image_unpacker{nullptr};

/// The engines of this process. fork() copies them without their threads, so that a child can't join these: it forgets
/// its parent's engines and never destroys them.
class Engines {
public:
    static Engines& all() {
        static Engines engines;  // its engines are ended by its destructor, with the process
        return engines;
    }
    Engine& of_folder(const std::filesystem::path& state) { return by_folder_[state]; }
    void remember(const Engine& engine) { in_memory_.push_back(engine); }

    std::mutex mutex;

private:
    Engines() {
        ::pthread_atfork([] { all().mutex.lock(); }, [] { all().mutex.unlock(); }, [] { all().forget(); });
    }
    void forget() {
        ++forks_seen;
        static auto* never_destroyed = new std::vector<Engine>;
        for (const auto& [state, engine] : by_folder_) never_destroyed->push_back(engine);
        for (const auto& engine : in_memory_) never_destroyed->push_back(engine.lock());
        by_folder_.clear();
        in_memory_.clear();
        mutex.unlock();
    }

    std::map<std::filesystem::path, Engine> by_folder_;
    std::vector<std::weak_ptr<server::Local_Engine>> in_memory_;
};

Embedded_Engine way_to(const Engine& engine) {
    return {std::make_shared<Embedded_Transport>(engine), engine->endpoint_url()};
}

}  // namespace

void take_images() { image_unpacker = engine::unpack_image; }

unsigned forks() { return forks_seen; }

Result<Embedded_Engine> embedded_engine(const std::filesystem::path& state) {
    const std::lock_guard lock(Engines::all().mutex);
    Engine& engine = Engines::all().of_folder(state);
    if (!engine) {
        auto started = server::Local_Engine::start(
            {.state_folder = state, .fall_back_to_free_port = true, .unpack_image = image_unpacker});
        if (!started) return started.error();
        engine = std::move(*started);
    }
    return way_to(engine);
}

Result<Embedded_Engine> engine_in_memory() {
    auto started = server::Local_Engine::start({.port = 0, .unpack_image = image_unpacker});
    if (!started) return started.error();
    const Engine engine = std::move(*started);
    const std::lock_guard lock(Engines::all().mutex);
    Engines::all().remember(engine);
    return way_to(engine);
}

}  // namespace osbot_aws
