// Creates the parts of the engine and destroys them in the right order.
#include "engine/local_engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <ranges>
#include <thread>

#include <osbot_aws/core/Json.hpp>

#include "aws/models/models.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/interruption.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/memory_size.hpp"
#include "base/open_files.hpp"
#include "base/port_holder.hpp"
#include "base/power_failure.hpp"
#include "engine/blob_sweep.hpp"
#include "engine/compatible_pages.hpp"
#include "engine/control_json.hpp"
#include "engine/dispatcher.hpp"
#include "engine/forwarder.hpp"
#include "engine/housekeeping.hpp"
#include "engine/images_api.hpp"
#include "engine/init_scripts.hpp"
#include "engine/state_api.hpp"
#include "engine/upkeep_api.hpp"
#include "engine/version.hpp"
#include "http/asio_loop.hpp"
#include "http/http_server.hpp"
#include "http/open_file_shares.hpp"
#include "http/runtime_endpoint.hpp"
#include "services/access/authorization.hpp"
#include "services/access/url_access.hpp"
#include "services/iam/iam.hpp"
#include "services/iam/iam_api.hpp"
#include "services/images/images.hpp"
#include "services/lambda/api/api.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/event_sources.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "services/logs/log_exports.hpp"
#include "services/logs/logs.hpp"
#include "services/logs/logs_api.hpp"
#include "services/s3/lifecycle/lifecycle.hpp"
#include "services/s3/notifications/destinations.hpp"
#include "services/s3/s3.hpp"
#include "services/s3/s3_api.hpp"
#include "services/sqs/sqs.hpp"
#include "services/sqs/sqs_api.hpp"
#include "services/sqs/sqs_query.hpp"
#include "services/sts/sts.hpp"
#include "services/sts/sts_api.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds idle_check_interval{1};
const std::string loopback = "127.0.0.1", all_interfaces = "0.0.0.0";

/// The services and their HTTP APIs. Created and destroyed on the loop thread, in reverse order of members.
struct Services {
    Services(services::Context& context, sandbox::Sandbox& sandbox, services::Runtime_Endpoints& endpoints,
             services::Url_Ports& url_ports, const fs::path& work, const Local_Engine_Options& options,
             int concurrency_max)
        : blob_sweep(context),
          logs(context),
          iam(context, options.aws_policies),
          sts(context, iam),
          s3(context, base::Time::duration(services::s3_day) / options.lifecycle_speed),
          s3_lifecycle(s3),
          sqs(context),
          code(context, work / "code"),
          images(context, work / "images", options.unpack_image),
          invocations(services::make_invocations(
              {context, sandbox, endpoints, code, images, logs},
              {.own_network = options.sandbox == sandbox::Mode::strict,
               .runtime_support = options.runtime_support,
               .strict_runtimes = options.strict_runtimes,
               .shared_memory = options.shared_memory,
               .freeze = options.freeze,
               .idle_max = options.environment_idle_max,
               .concurrency_max = concurrency_max,
               .work_folder = work,
               .debug = options.debug,
               .find_function = [this](const auto& account, const auto& name,
                                       const auto& version) { return find(account, name, version); },
               .event_limits = [this](const services::Queued_Event& event) { return destinations.limits(event); },
               .event_finished = [this](
                                     const services::Finished_Event& finished,
                                     std::function<void()> done) { destinations.deliver(finished, std::move(done)); },
               .event_speed = options.event_speed,
               .reserved_concurrency =
                   [this](const services::Account& account) {
                       return functions.settings.usage(account).reserved_concurrency;
                   }})),
          functions(
              context, code, *invocations,
              {.role_exists = [this](const services::Account&,
                                     std::string_view arn) { return iam.role_by_arn(std::string(arn)) != nullptr; },
               .image = [this](std::string_view uri) { return images.find(uri); },
               .concurrency_max = concurrency_max,
               .url_ports = &url_ports}),
          destinations(context, functions.registry, *invocations, sqs, s3),
          s3_destinations(context, functions.registry, *invocations, sqs),
          event_sources(context, sqs, functions.registry, *invocations),
          lambda_api(context, functions, *invocations, event_sources,
                     [this](const services::Account& account, const std::string& bucket, const std::string& key,
                            const std::string& version) {
                         // Policies have permitted the caller to read the object of another account.
                         const auto* owned = authorizes ? s3.bucket_of_any_account(bucket) : nullptr;
                         return s3.object_blobs(owned == nullptr ? account : owned->owner, bucket, key, version);
                     }),
          log_queries(logs),
          log_exports(logs, s3),
          logs_api(context.loop, aws::logs_model(), all_logs_operations()),
          iam_api(context.loop, aws::iam_model(), services::iam_operations(iam)),
          sts_api(context.loop, aws::sts_model(), services::sts_operations(sts)),
          sqs_front(context, sqs),
          sqs_api(context.loop, aws::sqs_model(), services::sqs_operations(sqs_front)),
          sqs_query_api(context.loop, sqs_front),
          s3_api(context, s3),
          images_api(images),
          housekeeping(context, code, images, logs, options.space),
          upkeep_api(context, functions, *invocations, housekeeping, work),
          state_api(
              context, blob_sweep, [this] { clear(&images); }, [this] { load(&images); }),
          init_scripts(context.loop),
          authorization({context, iam, s3, sqs, functions.registry, event_sources}) {
        if (options.access.any()) check_access(context, options.access);
        s3.connect(s3_destinations.targets());
        images.set_users([this](const std::string& digest) { return functions.deployment.image_users(digest); });
        images.set_imported([this] { functions.deployment.image_imported(); });
        logs.subscriptions().connect(functions.registry, *invocations);
        code.discard_after_reboot(base::boot_id());
        load();
        images.delete_unknown_folders();
        code.keep_only(functions.zips());            // removes code of deleted functions and layers
        context.store.blobs().erase_unreferenced();  // uploads before a crash that no record names
    }

    services::Function_Ptr find(const services::Account& account, const std::string& name,
                                const std::string& version) const {
        auto found = functions.registry.invocable(
            account, name, version == "$LATEST" ? std::string_view{} : std::string_view(version));
        return found ? found->function : nullptr;
    }

    /// Reads the store: at start, and again after a failed write.
    void load(const services::State* except = nullptr) {
        for (services::State* state : states())
            if (state != except) state->load();
    }
    void clear(const services::State* except = nullptr) {
        for (services::State* state : states() | std::views::reverse)
            if (state != except) state->clear();
        code.clear();
    }
    /// Each state after those that it uses.
    std::array<services::State*, 10> states() {
        return {&logs,          &iam,         &s3,         &sqs, &images, &functions, invocations.get(),
                &event_sources, &log_queries, &log_exports};
    }

    std::vector<services::Model_Api*> models() {
        return {&lambda_api.operations_api(), &logs_api, &iam_api, &sqs_api, &sqs_query_api, &sts_api, &s3_api};
    }
    void check_access(services::Context& context, services::Access_Settings access) {
        authentication.emplace(context, iam, access);
        lambda_api.set_url_check([this, authorizer = access.enforce_iam ? &authorization : nullptr](
                                     const auto& request, const auto& target) {
            return services::check_url_caller(*authentication, authorizer, request, target);
        });
        s3_api.set_authentication(*authentication);
        authorizes = access.enforce_iam;
        if (!authorizes) return;
        for (services::Model_Api* api : models()) api->set_authorizer(authorization);
        context.role_allows = [this](const auto& account, const auto& role, const auto& action, const auto& resource) {
            return authorization.role_allows(account, role, action, resource);
        };
    }

    services::Operations all_logs_operations() {
        services::Operations all = services::logs_operations(logs);
        all.add(services::log_query_operations(log_queries));
        all.add(services::log_export_operations(log_exports));
        return all;
    }

    engine::Blob_Sweep blob_sweep;
    services::Logs logs;
    services::Iam iam;
    services::Sts sts;
    services::S3 s3;
    services::S3_Lifecycle s3_lifecycle;
    services::Sqs sqs;
    services::Code_Folders code;
    services::Images images;
    std::unique_ptr<services::Invocations> invocations;
    services::Functions functions;
    services::Destinations destinations;
    services::S3_Destinations s3_destinations;
    services::Event_Sources event_sources;
    services::Lambda_Api lambda_api;
    services::Log_Queries log_queries;
    services::Log_Exports log_exports;
    services::Model_Api logs_api;
    services::Model_Api iam_api;
    services::Model_Api sts_api;
    services::Sqs_Front sqs_front;
    services::Model_Api sqs_api;
    services::Sqs_Query_Api sqs_query_api;
    services::S3_Api s3_api;
    Images_Api images_api;
    engine::Housekeeping housekeeping;
    Upkeep_Api upkeep_api;
    State_Api state_api;
    Init_Scripts init_scripts;
    services::Authorization authorization;
    bool authorizes = false;
    std::optional<services::Authentication> authentication;  // nullopt: the senders of requests are not checked
};

/// Adds the program that uses the port to the error PortInUse.
Error with_port_holder(Error error, std::uint16_t port) {
    const std::string holder = error.code == "PortInUse" ? base::port_holder(port) : "";
    if (!holder.empty()) error.message += fmt::format(" (it is used by {})", holder);
    return error;
}

/// Checks the host when the first function starts instead of when the engine starts, because that takes some
/// milliseconds.
class Lazy_Sandbox final : public sandbox::Sandbox {
public:
    explicit Lazy_Sandbox(sandbox::Mode mode) : mode_(mode) {}
    const sandbox::Capabilities& capabilities() const override { return real().capabilities(); }
    bool mounts_apply() const override { return real().mounts_apply(); }
    Result<std::unique_ptr<sandbox::Process>> start(const sandbox::Process_Spec& spec) override {
        return real().start(spec);
    }

private:
    sandbox::Sandbox& real() const {
        std::call_once(once_, [this] {
            sandbox_ = sandbox::Sandbox::create(mode_).value();
            for (const std::string& sentence : sandbox_->capabilities().missing) base::log_info("{}", sentence);
        });
        return *sandbox_;
    }

    sandbox::Mode mode_;
    mutable std::once_flag once_;
    mutable std::unique_ptr<sandbox::Sandbox> sandbox_;
};

using Response_Promise = std::promise<Result<wire::Response>>;

/// Fulfils the promise of an in-process caller, which gets the complete response, when its body has ended.
void fulfil(const std::shared_ptr<Response_Promise>& promise, wire::Response response) {
    const auto stream = response.body.stream();
    if (!stream) return promise->set_value(std::move(response));
    const auto bytes = std::make_shared<std::string>();
    stream->read(
        [bytes, from = std::weak_ptr(stream)](std::string_view piece) {
            *bytes += piece;
            if (const auto more = from.lock()) more->request_more();
        },
        // It has a reference to the stream, which is released when the stream ends.
        [bytes, promise, stream,
         buffered = std::make_shared<wire::Response>(std::move(response))](const wire::Body_Stream::End& end) {
            if (!end.complete)
                return promise->set_value(local_error(codes::connection_closed,
                                                      "the engine aborted the response after {} bytes of its body",
                                                      bytes->size()));
            buffered->body = std::move(*bytes);
            promise->set_value(std::move(*buffered));
        });
}

}  // namespace

struct Local_Engine::Impl {
    explicit Impl(Local_Engine_Options engine_options) : options(std::move(engine_options)) {}

    Result<void> open();
    Result<void> open_forwarder();
    Result<void> listen();
    void listen_ipv6();
    Result<void> listen_unix();
    void make_url_listeners();
    fs::path socket_path() const {
        return options.state_folder.empty() ? options.memory_socket : options.state_folder / "osbot.sock";
    }
    void make_services();
    void reload();
    void stop();
    void end();
    Json health() const;
    void touch() { last_request = std::chrono::steady_clock::now(); }
    void check_idle();

    void stop_listening() {
        if (url_listeners) url_listeners->stop();
        for (auto* server : {&tcp, &tcp_ipv6, &tcp_of_host, &unix_socket}) server->reset();
    }

    /// Functions reach the ports, unless they have a network of their own, but not the Unix socket. An engine in memory
    /// may have no such socket.
    Dispatcher::Caller caller_at_port() const {
        return socket_path().empty() ? Dispatcher::Caller::host : Dispatcher::Caller::network;
    }
    http::Http_Limits port_limits() const { return limits(shares.connections, connections); }
    http::Router router(Dispatcher::Caller caller) {
        return [this, caller](const wire::Request& head) { return dispatcher->route(head, caller); };
    }
    http::Http_Limits limits(std::size_t connections_max,
                             const std::shared_ptr<http::Shared_Connections>& shared = nullptr) const {
        return {.connections_max = connections_max,
                .shared = shared,
                .access = {.hosts = options.allowed_hosts, .origins = options.cors_origins}};
    }

    Local_Engine_Options options;
    http::Open_File_Shares shares;
    std::unique_ptr<store::Store> store;
    std::optional<base::Temporary_Folder> memory_work;  // engine in memory: unpacked code and other files
    std::unique_ptr<sandbox::Sandbox> sandbox;
    http::Asio_Loop loop;
    http::Http_Runtime_Endpoints endpoints{loop};
    std::optional<services::Context> context;
    std::optional<Url_Listeners> url_listeners;
    std::optional<Services> services;
    std::optional<Forwarder> forwarder;
    std::optional<Dispatcher> dispatcher;
    const std::shared_ptr<http::Shared_Connections> connections =
        std::make_shared<http::Shared_Connections>();  ///< of all ports
    std::unique_ptr<http::Http_Server> tcp, tcp_ipv6, tcp_of_host, unix_socket;
    base::Subscription_Ptr idle_timer;
    std::chrono::steady_clock::time_point last_request = std::chrono::steady_clock::now();
    std::thread thread;

    std::mutex mutex;
    std::condition_variable ended_changed;
    bool ended = false;
};

Result<void> Local_Engine::Impl::open() {
    shares = http::share_open_files(base::raise_open_files_limit(), options.sandbox == sandbox::Mode::strict);
    shares.environments = std::min(shares.environments, http::environments_in_memory(base::memory_bytes_of_host()));
    const store::Store_Owner owner{.loop = &loop, .write_failed = [this] { reload(); }};
    OSBOT_TRY(store, options.state_folder.empty() ? store::Store::in_memory(owner)
                                                  : store::Store::open(options.state_folder, owner));
    if (options.sandbox == sandbox::Mode::strict) {  // fails now instead of at the first invoke
        OSBOT_TRY(sandbox, sandbox::Sandbox::create(options.sandbox));
    } else {
        sandbox = std::make_unique<Lazy_Sandbox>(options.sandbox);
    }
    context.emplace(services::Context{.loop = loop, .store = *store});
    OSBOT_TRY(open_forwarder());
    // Before make_services(), which makes URLs with the port. Clients wait until the loop runs. The Unix socket is the
    // first: a program that waits for the port may then use the command.
    OSBOT_TRY(listen_unix());
    OSBOT_TRY(listen());
    make_url_listeners();
    try {
        make_services();
    } catch (const Aws_Exception& unreadable) { return unreadable.error(); }  // thrown by Store::load()

    endpoints.serve_engine(router(Dispatcher::Caller::function), limits(http::inside_connections_max));
    if (options.idle_exit.count() > 0) check_idle();
    loop.post([this] { services->init_scripts.run(options.init_scripts, context->endpoint_url); });
    thread = std::thread([this] { loop.run(); });
    return {};
}

Result<void> Local_Engine::Impl::open_forwarder() {
    const bool durable = !options.state_folder.empty();
    const bool stored = durable && !options.forwards;
    forwarder.emplace(loop, stored ? load_forwards(options.state_folder) : options.forwards.value_or(Forwards{}));
    if (!durable || stored) return {};
    return store_forwards(options.state_folder, forwarder->forwards());
}

Result<void> Local_Engine::Impl::listen() {
    const auto listen_on = [&](const std::string& host, std::uint16_t port) {
        return http::Http_Server::listen_tcp(loop, port, router(caller_at_port()), port_limits(), host);
    };
    const std::string main_host = options.host == all_interfaces ? all_interfaces : loopback;
    auto listening = listen_on(main_host, options.port);
    if (!listening && options.fall_back_to_free_port) listening = listen_on(main_host, 0);
    if (!listening) return with_port_holder(listening.error(), options.port);
    tcp = std::move(*listening);
    context->endpoint_url = fmt::format("http://127.0.0.1:{}", tcp->port());
    listen_ipv6();
    if (options.host == main_host) return {};
    auto listening_on_host = listen_on(options.host, tcp->port());
    if (!listening_on_host) return with_port_holder(listening_on_host.error(), tcp->port());
    tcp_of_host = std::move(*listening_on_host);
    return {};
}

/// `localhost` and names below it resolve to both loopback addresses, and some clients use only the first.
void Local_Engine::Impl::listen_ipv6() {
    auto listening =
        http::Http_Server::listen_ipv6_loopback(loop, tcp->port(), router(caller_at_port()), port_limits());
    if (listening)
        tcp_ipv6 = std::move(*listening);
    else if (listening.error().code == "PortInUse")
        base::log_warning("another program listens on [::1]:{}, and clients of localhost may reach it", tcp->port());
    else
        base::log_info("{}", listening.error().message);
}

/// Ports of function URLs are not reachable from outside a container, whose engine listens on other addresses.
void Local_Engine::Impl::make_url_listeners() {
    const bool is_local = options.host.starts_with("127.");
    const Url_Form form = options.url_form == Url_Form::automatic && !is_local ? Url_Form::host : options.url_form;
    const auto serve = [this](const std::string& id, std::uint16_t port) -> Result<Url_Listeners::Open_Port> {
        const auto route = [this, id](const wire::Request&) { return dispatcher->route_to_url(id); };
        OSBOT_TRY(std::shared_ptr<http::Http_Server> server,
                  http::Http_Server::listen_tcp(loop, port, route, port_limits()));
        return Url_Listeners::Open_Port{server->port(), server};
    };
    url_listeners.emplace(loop, form, shares.url_ports, serve);
}

Result<void> Local_Engine::Impl::listen_unix() {
    const fs::path path = socket_path();
    if (path.empty()) return {};
    OSBOT_TRY(unix_socket, http::Http_Server::listen_unix(loop, path, router(Dispatcher::Caller::host),
                                                          limits(http::unix_connections_max)));
    return {};
}

void Local_Engine::Impl::make_services() {
    if (options.state_folder.empty()) memory_work.emplace("osbot_aws");
    const fs::path work = options.state_folder.empty() ? memory_work->path() : options.state_folder;
    services.emplace(*context, *sandbox, endpoints, *url_listeners, work, options, shares.environments);
    Services& s = *services;
    dispatcher.emplace(*context,
                       Dispatcher::Services{s.lambda_api, s.models(), &*forwarder, &s.s3_api,
                                            [&s](const auto& key, const auto& region, const auto& service) {
                                                s.iam.record_key_use(key, region, service);
                                            },
                                            s.authentication ? &*s.authentication : nullptr},
                       Dispatcher::Control{
                           .health = [this] { return base::dump_json(health()); },
                           .reset =
                               [this] {
                                   store->clear();
                                   services->clear();
                               },
                           .images = [&s](const wire::Request& request,
                                          const services::Reply& reply) { s.images_api.handle(request, reply); },
                           .status = [this, &s](const services::Reply& reply) { s.upkeep_api.status(health(), reply); },
                           .prune = [&s](const wire::Request& request,
                                         const services::Reply& reply) { s.upkeep_api.prune(request, reply); },
                           .state = [&s](const wire::Request& request,
                                         const services::Reply& reply) { s.state_api.handle(request, reply); },
                           .init =
                               [&s](const services::Reply& reply) {
                                   s.init_scripts.when_complete([&s, reply] {
                                       reply(control_json(200, {{"scripts", s.init_scripts.json()}}));
                                   });
                               },
                           .compatible = [&s](std::string_view path) { return compatible_page(path, s.init_scripts); }},
                       Dispatcher::Observers{[this] { touch(); }, options.on_request});
}

/// Discards the changes that could not be written. If the state cannot be read either, no response would be correct:
/// the engine stops.
void Local_Engine::Impl::reload() {
    if (!services) return;
    try {
        services->load();
    } catch (const Aws_Exception& unreadable) {
        base::log_error("the engine stops: {}", unreadable.what());
        stop();
    }
}

Json Local_Engine::Impl::health() const {
    return {{"status", "ready"},
            {"version", std::string(version)},
            {"pid", ::getpid()},
            {"port", tcp ? tcp->port() : 0},
            {"host", options.host},
            {"state", options.state_folder.empty() ? "memory" : options.state_folder.string()},
            {"services", engine_services},
            {"forwards", forwards_json(forwarder->forwards())},
            {"check_signatures", options.access.check_signatures},
            {"enforce_iam", options.access.enforce_iam},
            {"environments", services->invocations->environments()},
            {"queued", services->invocations->queued()},
            {"init", services->init_scripts.json()}};
}

void Local_Engine::Impl::stop() {
    const std::lock_guard lock(mutex);
    ended = true;
    ended_changed.notify_all();
}

void Local_Engine::Impl::check_idle() {
    if (!services->init_scripts.is_complete() || services->log_queries.active() > 0 ||
        services->log_exports.is_active())
        touch();  // the time begins at their end
    const bool idle = std::chrono::steady_clock::now() - last_request > options.idle_exit &&
                      services->invocations->queued() == 0 && !services->event_sources.busy() &&
                      !services->logs.live_tail_active();
    if (idle) return stop();
    idle_timer = loop.after(idle_check_interval, [this] { check_idle(); });
}

// Order of destruction: objects that use the loop are destroyed on it while it runs. The services are destroyed after
// the workers, which may be starting an execution environment; then the loop stops; then the store writes queued
// changes.
void Local_Engine::Impl::end() {
    if (thread.joinable()) {
        const auto on_loop = [this](const std::function<void()>& act) {
            std::promise<void> done;
            loop.post([&] {
                act();
                done.set_value();
            });
            done.get_future().wait();
        };
        on_loop([this] {
            idle_timer.reset();
            stop_listening();
            if (!services) return;
            services->event_sources.clear();  // batches that end now must not start the next one
            services->invocations->stop();
            services->init_scripts.stop();
        });
        loop.join_workers();
        // The environments have listeners of their own, which use the dispatcher until they are destroyed.
        on_loop([this] {
            services.reset();
            dispatcher.reset();
            forwarder.reset();
        });
        loop.stop();
        thread.join();
    }
    stop_listening();
    services.reset();
    dispatcher.reset();
    store.reset();
}

Local_Engine::Local_Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Local_Engine::~Local_Engine() {
    stop();
    impl_->end();
}

Result<std::unique_ptr<Local_Engine>> Local_Engine::start(Local_Engine_Options options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto opened = impl->open(); !opened) {
        impl->end();
        return opened.error();
    }
    return std::unique_ptr<Local_Engine>(new Local_Engine(std::move(impl)));
}

Result<wire::Response> Local_Engine::handle(wire::Request request) {
    const auto promise = std::make_shared<Response_Promise>();  // the waiting caller may have returned
    auto response_future = promise->get_future();
    impl_->loop.post([this, promise, request = std::make_shared<wire::Request>(std::move(request))] {
        impl_->touch();
        impl_->dispatcher->handle(std::move(*request),
                                  [promise](wire::Response response) { fulfil(promise, std::move(response)); });
    });
    while (base::interruption != nullptr &&
           response_future.wait_for(base::interruption_interval) == std::future_status::timeout)
        base::throw_if_interrupted();
    return response_future.get();
}

std::uint16_t Local_Engine::port() const { return impl_->tcp->port(); }
std::string Local_Engine::endpoint_url() const { return impl_->context->endpoint_url; }

void Local_Engine::wait() {
    std::unique_lock lock(impl_->mutex);
    impl_->ended_changed.wait(lock, [this] { return impl_->ended; });
}

void Local_Engine::stop() { impl_->stop(); }

}  // namespace osbot_aws::engine
