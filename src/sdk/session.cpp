#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

#include "base/encoding.hpp"
#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/hash.hpp"
#include "base/http_connection.hpp"
#include "base/interruption.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "client/credential_chain.hpp"
#include "client/endpoints.hpp"
#include "client/settings.hpp"
#include "client/transports.hpp"
#include "sdk/embedded_engine.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace {

constexpr std::string_view local_region = "us-east-1";
constexpr std::chrono::milliseconds local_connect_max{2'000};

/// An endpoint from the caller applies to all services and overrides the environment.
Result<client::Endpoint_Urls> endpoint_urls(const Session_Kwargs_Lambda& settings) {
    if (settings.endpoint_url.empty()) return client::configured_endpoint_urls(settings.profile_name);
    if (client::is_endpoint_url(settings.endpoint_url)) return client::Endpoint_Urls{settings.endpoint_url, {}};
    return local_error(codes::configuration_error, "invalid endpoint_url '{}': expected {}", settings.endpoint_url,
                       client::endpoint_url_rule);
}

std::string without_slashes(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

bool has_keys(const Session_Kwargs_Lambda& settings) { return !settings.aws_access_key_id.empty(); }

/// Describes the configured source of credentials; empty: none. Sends no request.
Result<std::string> credentials_kind(const Session_Kwargs_Lambda& settings) {
    if (has_keys(settings)) return std::string("keys set by the program");
    return client::Credential_Chain({.profile = settings.profile_name}).kind();
}

std::string endpoint_reason(const Session_Kwargs_Lambda& settings) {
    if (!settings.endpoint_url.empty()) return "an endpoint URL is set";
    return base::variable("AWS_ENDPOINT_URL").empty() ? "endpoint_url of the profile" : "AWS_ENDPOINT_URL is set";
}

std::shared_ptr<client::Credentials_Provider> make_credentials(const Session_Kwargs_Lambda& settings,
                                                               const std::string& region) {
    if (has_keys(settings))
        return client::static_credentials(
            {settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token, {}});
    client::Chain_Options options{.profile = settings.profile_name, .region = region};
    options.instance_metadata = base::variable("OSBOT_AWS_TARGET") ==
                                "aws";  // outside of EC2, waiting for the service would delay the first call
    return std::make_shared<client::Credential_Chain>(std::move(options));
}

std::shared_ptr<client::Transport> pooled_transport(const std::string& url, const std::string& profile = "") {
    return client::make_pooled_transport([url, profile] { return client::make_transport(url, profile); });
}

/// URL of requests to the daemon. endpoint_url() asks the daemon for its port only when needed.
constexpr const char* url_by_unix_socket = "http://localhost";

constexpr std::size_t socket_name_length = 16;  // a path of a socket has 107 characters at most

/// Returns the folder for sockets. Source: https://specifications.freedesktop.org/basedir-spec/latest/
std::filesystem::path runtime_folder() {
    if (const std::string runtime = base::variable("XDG_RUNTIME_DIR"); runtime.starts_with('/'))
        return std::filesystem::path(runtime) / "osbot_aws";
    return fmt::format("/tmp/osbot_aws-{}", ::geteuid());
}

/// Returns whether only this user may write to the folder. In another one, a stranger could offer a socket.
bool is_private_folder(const std::filesystem::path& folder) {
    struct stat status {};
    return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
           (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/// The local engine accepts any key. Requests are signed, like those of other AWS clients.
std::shared_ptr<client::Credentials_Provider> local_credentials() {
    return client::static_credentials({"test", "test", "", {}});
}

}  // namespace

std::filesystem::path state_folder() {
    if (const std::string state = base::variable("OSBOT_AWS_STATE"); !state.empty())
        return std::filesystem::absolute(state);
    if (const std::string state = base::variable("XDG_STATE_HOME"); !state.empty())
        return std::filesystem::path(state) / "osbot_aws";
    return client::home_folder() / ".local/state/osbot_aws";
}

std::filesystem::path engine_socket(const std::filesystem::path& state) {
    const auto accepts = [](const std::filesystem::path& socket) {
        return base::Http_Connection::connect_unix(socket, local_connect_max).has_value();
    };
    if (auto socket = state / "osbot.sock"; accepts(socket)) return socket;
    if (auto socket = memory_socket(state); is_private_folder(socket.parent_path()) && accepts(socket)) return socket;
    return {};
}

std::filesystem::path memory_socket(const std::filesystem::path& state) {
    const std::string name =
        base::hex_encode(base::sha256_raw(std::filesystem::absolute(state).lexically_normal().string()));
    return runtime_folder() / (name.substr(0, socket_name_length) + ".sock");
}

Result<void> make_runtime_folder() {
    const std::filesystem::path folder = runtime_folder();
    ::mkdir(folder.c_str(), 0700);
    if (is_private_folder(folder)) return {};
    return local_error("RuntimeFolderError",
                       "{} must be a folder that only this user may use; select another one with XDG_RUNTIME_DIR",
                       folder.string());
}

Result<Target_Choice> choose_target(const Session_Kwargs_Lambda& settings) {
    OSBOT_TRY(const auto urls, endpoint_urls(settings));
    if (!urls.general.empty()) return Target_Choice{Target_Kind::endpoint, endpoint_reason(settings)};
    const std::string requested = base::variable("OSBOT_AWS_TARGET");
    if (requested == "local") return Target_Choice{Target_Kind::local, "OSBOT_AWS_TARGET=local"};
    if (requested == "aws") return Target_Choice{Target_Kind::aws, "OSBOT_AWS_TARGET=aws"};
    if (!requested.empty())
        return local_error(codes::configuration_error, "invalid OSBOT_AWS_TARGET '{}': expected local or aws",
                           requested);
    OSBOT_TRY(const auto credentials, credentials_kind(settings));
    if (!credentials.empty()) return Target_Choice{Target_Kind::aws, "credentials are configured: " + credentials};
    if (urls.by_service.contains("lambda"))
        return Target_Choice{Target_Kind::endpoint, "the settings have an endpoint for Lambda"};
    return Target_Choice{Target_Kind::local, "no endpoint is set, and no AWS credentials are found"};
}

Result<Target_Kind> resolve_target(const Session_Kwargs_Lambda& settings) {
    OSBOT_TRY(const auto choice, choose_target(settings));
    return choice.kind;
}

Session::Session(Session_Kwargs_Lambda settings) : impl_(std::make_shared<Impl>(std::move(settings))) {}

Session Session::in_memory() {
    Session session;
    session.impl_->in_memory = true;
    return session;
}

Session Session::for_tests() {
    const client::Endpoint_Urls urls = endpoint_urls({}).value();
    const bool has_target =
        !base::variable("OSBOT_AWS_TARGET").empty() || !urls.general.empty() || !urls.by_service.empty();
    return has_target ? Session() : in_memory();
}

Session Session::for_another_thread() const {
    impl_->client();  // starts the in-memory engine, if it is not running yet
    Session session(impl_->settings);
    session.impl_->in_memory = impl_->in_memory;
    session.impl_->engine = impl_->engine;
    return session;
}

std::string Session::target() const {
    impl_->client();
    return impl_->description;
}

bool Session::is_local() const {
    return impl_->client().target().service_endpoints.count("lambda") == 0 && impl_->kind == Target_Kind::local;
}

std::string Session::region() const { return impl_->client().target().region; }

std::string Session::endpoint_url() const {
    const std::string& url = impl_->client().target().endpoint_url;
    if (impl_->kind != Target_Kind::local || url != url_by_unix_socket) return url;
    const Json health = base::parse_json_or_throw(impl_->download(url + "/_osbot/health"));
    return fmt::format("http://127.0.0.1:{}", health.at("port").get<int>());
}

Session::Impl::~Impl() {
    if (Connected* current = connected())
        delete current;
    else if (Connected* of_parent = connected_)
        abandon(of_parent);
}

/// Returns the client of this process, if it was created.
Session::Impl::Connected* Session::Impl::connected() const {
    Connected* current = connected_;
    return current != nullptr && current->times_forked == times_forked() ? current : nullptr;
}

client::Aws_Client& Session::Impl::client() {
    if (Connected* current = connected()) return current->client;
    const std::lock_guard lock(sessions_mutex());
    if (Connected* current = connected()) return current->client;
    if (Connected* of_parent = connected_.exchange(nullptr)) abandon(of_parent);
    connected_ = new Connected{make_client(), times_forked()};
    return connected_.load()->client;
}

client::Aws_Client Session::Impl::make_client() {
    client::Target target = make_target();
    target.on_sent = on_sent;
    if (seams.transport) target.transport = seams.transport(target.transport);
    return {std::move(target), client::Retry_Policy([this](auto wait) { sleep(wait); })};
}

/// Keeps the parent's client without destroying it: its connections are shared with the parent process, and closing a
/// TLS connection here would close it for the parent too.
void Session::Impl::abandon(Connected* of_parent) {
    static std::mutex mutex;
    static auto* never_destroyed = new std::vector<Connected*>;
    const std::lock_guard lock(mutex);
    never_destroyed->push_back(of_parent);
    if (engine) engine->transport = pooled_transport(engine->endpoint_url);
}

void Session::Impl::sleep(std::chrono::milliseconds wait) const {
    if (seams.sleep) return seams.sleep(wait);
    for (; base::interruption != nullptr && wait > base::interruption_interval; wait -= base::interruption_interval) {
        std::this_thread::sleep_for(base::interruption_interval);
        base::throw_if_interrupted();
    }
    std::this_thread::sleep_for(wait);
}

std::string Session::Impl::account_id() {
    {
        const std::lock_guard lock(sessions_mutex());
        if (!account_id_.empty()) return account_id_;
    }
    const Json identity = client().query("sts", "GetCallerIdentity", {}).value();
    const std::lock_guard lock(sessions_mutex());
    return account_id_ = identity.at("Account").get<std::string>();
}

std::string Session::Impl::download(const std::string& url) {
    const std::size_t host = url.find("://") + 3;
    const std::size_t path = std::min(url.find('/', host), url.size());
    wire::Request request{.method = "GET", .target = url.substr(path), .headers = {}, .body = {}};
    request.headers.add("Host", url.substr(host, path - host));
    auto response = client().target().transport->send(request, {.endpoint_url = url.substr(0, path)});
    if (!response) throw Aws_Exception(response.error());
    if (response->status != 200)
        throw Aws_Exception({"DownloadFailed",
                             fmt::format("{} returned status {}", url.substr(0, url.find('?')), response->status),
                             response->status});
    return response->body.take();
}

client::Target Session::Impl::make_target() {
    kind = in_memory ? Target_Kind::local : resolve_target(settings).value();
    client::Endpoint_Urls urls = in_memory ? client::Endpoint_Urls{} : endpoint_urls(settings).value();
    std::string region =
        settings.region_name.empty() ? client::default_region(settings.profile_name) : settings.region_name;
    client::Target target;
    if (kind == Target_Kind::endpoint) {
        target.endpoint_url = without_slashes(urls.general.empty() ? urls.by_service.at("lambda") : urls.general);
        target.credentials =
            !credentials_kind(settings).value().empty() ? make_credentials(settings, region) : local_credentials();
        target.transport = pooled_transport(target.endpoint_url, settings.profile_name);
        description = "endpoint " + target.endpoint_url;
    } else if (kind == Target_Kind::aws) {
        if (region.empty())
            throw Aws_Exception(local_error(
                "NoRegionError", "You must specify a region: AWS_REGION, or `region` of the profile in ~/.aws/config"));
        target.credentials = make_credentials(settings, region);
        target.transport =
            client::make_pooled_transport([bundle = client::configured_ca_bundle(settings.profile_name)] {
                return client::make_curl_transport(bundle);
            });
        description = "AWS, region " + region;
    } else {
        target = local_target();
    }
    target.region = region.empty() ? std::string(local_region) : region;
    target.options = client::configured_endpoint_options(settings.profile_name);
    for (auto& [service, configured] : urls.by_service) {
        const std::string url = without_slashes(std::move(configured));
        if (url == target.endpoint_url) continue;
        target.service_endpoints[service] = {url, pooled_transport(url, settings.profile_name)};
        description += fmt::format("; {} on {}", service, url);
    }
    return target;
}

client::Target Session::Impl::local_target() {
    if (in_memory) return target_in_memory();
    client::Target target;
    target.credentials = local_credentials();
    const std::filesystem::path state = state_folder();
    if (const auto socket = engine_socket(state); !socket.empty()) {
        target.transport = client::make_pooled_transport([socket] { return client::make_unix_transport(socket); });
        target.endpoint_url = url_by_unix_socket;
        const bool in_state = socket.parent_path() == state;
        description = fmt::format("local engine ({})", in_state ? state.string() : "in memory");
        return target;
    }
    const Embedded_Engine embedded = embedded_engine(state).value();
    target.transport = embedded.transport;
    target.endpoint_url = embedded.endpoint_url;
    description = fmt::format("local engine in this process ({})", embedded.endpoint_url);
    return target;
}

client::Target Session::Impl::target_in_memory() {
    if (!engine) engine = engine_in_memory().value();
    client::Target target;
    target.credentials = local_credentials();
    target.transport = engine->transport;
    target.endpoint_url = engine->endpoint_url;
    description = fmt::format("local engine in this process ({})", engine->endpoint_url);
    return target;
}

}  // namespace osbot_aws
