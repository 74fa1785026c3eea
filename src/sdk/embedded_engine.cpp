#include "sdk/embedded_engine.hpp"

#include <pthread.h>

#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "engine/local_engine.hpp"
#include "sdk/user_support.hpp"

namespace osbot_aws {
namespace {

class Embedded_Transport final : public client::Transport {
public:
    explicit Embedded_Transport(std::shared_ptr<engine::Local_Engine> engine) : engine_(std::move(engine)) {}
    Result<wire::Response> send(const wire::Request& request, const client::Send_Options& options) override {
        OSBOT_TRY(wire::Response response, engine_->handle(request));
        if (response.headers.find("Content-Length") == nullptr)  // a response to HEAD has a length without a body
            response.headers.set("Content-Length", std::to_string(response.body.size()));
        if (request.method == "HEAD") response.body = {};
        // The engine returns objects as files. Callers expect bytes, as over a socket.
        OSBOT_TRY(auto bytes, wire::take_bytes(response.body));
        response.body = std::move(bytes);
        if (options.on_body && response.status / 100 == 2) options.on_body(response.body.take());
        return response;
    }

private:
    std::shared_ptr<engine::Local_Engine> engine_;
};

using Engine = std::shared_ptr<engine::Local_Engine>;

std::atomic<unsigned> fork_count{0};
std::atomic<services::Image_Unpacker> image_unpacker{nullptr};
std::atomic<services::Aws_Policy_Table> aws_policies{nullptr};

/// The engines of this process. fork() copies the engines without their threads, so a child process cannot stop them.
/// It drops the references to its parent's engines without destroying them.
class Engines {
public:
    static Engines& all() {
        static Engines engines;  // the destructor stops the engines at process exit
        return engines;
    }
    Engine& of_folder(const std::filesystem::path& state) { return by_folder_[state]; }
    void remember(const Engine& engine) { in_memory_.push_back(engine); }

    std::mutex sessions;  ///< locked before `mutex`, if both are needed
    std::mutex mutex;

private:
    Engines() {
        ::pthread_atfork([] { std::lock(all().sessions, all().mutex); }, [] { all().unlock(); },
                         [] { all().reset_after_fork(); });
    }
    void unlock() {
        mutex.unlock();
        sessions.unlock();
    }
    void reset_after_fork() {
        ++fork_count;
        static auto* never_destroyed = new std::vector<Engine>;
        for (const auto& [state, engine] : by_folder_) never_destroyed->push_back(engine);
        for (const auto& engine : in_memory_) never_destroyed->push_back(engine.lock());
        by_folder_.clear();
        in_memory_.clear();
        unlock();
    }

    std::map<std::filesystem::path, Engine> by_folder_;
    std::vector<std::weak_ptr<engine::Local_Engine>> in_memory_;
};

Embedded_Engine embedded(const Engine& engine) {
    return {std::make_shared<Embedded_Transport>(engine), engine->endpoint_url()};
}

/// Returns the options that every engine of this process has. Errors: ConfigurationError.
Result<engine::Local_Engine_Options> options_of_user() {
    engine::Local_Engine_Options options;
    OSBOT_TRY(options.runtime_support, user_runtime_support());
    OSBOT_TRY(options.access, user_access_settings());
    options.unpack_image = image_unpacker;
    options.aws_policies = aws_policies;
    return options;
}

}  // namespace

void enable_all_features() {
    image_unpacker = services::unpack_image;
    aws_policies = services::all_aws_policies;
}

unsigned times_forked() { return fork_count; }

std::mutex& sessions_mutex() { return Engines::all().sessions; }

Result<Embedded_Engine> embedded_engine(const std::filesystem::path& state) {
    const std::lock_guard lock(Engines::all().mutex);
    Engine& engine = Engines::all().of_folder(state);
    if (!engine) {
        OSBOT_TRY(auto options, options_of_user());
        options.state_folder = state;
        options.fall_back_to_free_port = true;
        OSBOT_TRY(auto started, engine::Local_Engine::start(std::move(options)));
        engine = std::move(started);
    }
    return embedded(engine);
}

Result<Embedded_Engine> engine_in_memory() {
    OSBOT_TRY(auto options, options_of_user());
    options.port = 0;
    OSBOT_TRY(const Engine engine, engine::Local_Engine::start(std::move(options)));
    const std::lock_guard lock(Engines::all().mutex);
    Engines::all().remember(engine);
    return embedded(engine);
}

}  // namespace osbot_aws
