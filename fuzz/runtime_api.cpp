// Requests of functions to the Runtime API: responses, errors and streams, which the environment gets within the
// limits, and requests of extensions.
#include "http/runtime_endpoint.hpp"
#include "http_exchange.hpp"
#include "memory_store.hpp"
#include "services/lambda/running/extensions.hpp"

using namespace osbot_aws;

namespace {

constexpr std::size_t payload_bytes_max = 8 << 20;

/// Returns two events, whose texts a function may have chosen: it can invoke itself.
class Environment final : public services::Runtime_Api {
public:
    void next(std::function<void(const services::Next_Event&)> on_event) override {
        if (events_++ >= 2) return;
        on_event({.request_id = "id-1",
                  .function_arn = "arn:aws:lambda:us-east-1:000000000000:function:hello",
                  .trace_id = "Root=1\r\nX-Injected: 1",
                  .client_context = "{\n\"a\":\r\n1}",
                  .payload = "{}"});
    }
    bool streams(const std::string&) const override { return events_ % 2 == 0; }
    Result<void> response(const std::string& id, std::string payload, std::string) override {
        require(payload.size() <= payload_bytes_max + (1 << 20));
        return id == "id-1" ? Result<void>() : Error{"InvalidRequestID", "Invalid request ID", 400};
    }
    void response_stream(const std::string&, std::shared_ptr<wire::Body_Stream> body, std::string,
                         std::function<void(const Result<void>&)> done) override {
        body->read([](std::string_view) {},
                   [done = std::move(done)](const wire::Body_Stream::End&) { done(Result<void>()); });
    }
    Result<void> error(const std::string&, std::string payload, std::string) override {
        require(payload.size() <= payload_bytes_max);
        return {};
    }
    Result<void> init_error(std::string payload, std::string type) override { return error("", payload, type); }
    Result<void> restore_next(std::function<void()> on_restored) override {
        if (events_ == 0) return Error{"InvalidStateTransition", "The runtime is already initialised", 403};
        on_restored();
        return {};
    }
    Result<void> restore_error(std::string type) override { return error("", "", type); }
    void extension_request(wire::Request request, services::Reply reply) override {
        require(request.body.size() <= payload_bytes_max);
        extensions_.handle(request, reply);
    }
    void restart() {
        events_ = 0;
        extensions_.start({"external"});
    }

private:
    int events_ = 0;
    services::Function function_;
    services::Extensions extensions_{function_,
                                     {.on_registered = [] {}, .on_ready = [] {}, .on_failure = [](const auto&) {}}};
};

class Endpoint {
public:
    Endpoint() {
        base::Unique_Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = socket().string();
        std::memcpy(address.sun_path, path.c_str(), path.size());
        require(::bind(listener.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        require(::listen(listener.fd(), SOMAXCONN) == 0);
        endpoint_ = endpoints_.adopt(listener.release(), environment_, 0).value();
    }

    void run(std::string_view bytes) {
        environment_.restart();
        const std::string responses = fuzz::Exchange(loop_, socket()).run(bytes, bytes.size() + 1);
        require(responses.empty() || responses.starts_with("HTTP/1.1 "));
        require(responses.find("\nX-Injected") == std::string::npos);
    }

private:
    std::filesystem::path socket() const { return folder_.path() / "socket"; }

    base::Temporary_Folder folder_{"fuzz", fuzz::memory_folder()};
    http::Asio_Loop loop_;
    Environment environment_;
    http::Http_Runtime_Endpoints endpoints_{loop_};
    std::unique_ptr<services::Runtime_Endpoint> endpoint_;
};

}  // namespace

std::vector<std::string> seeds() {
    const auto post = [](const std::string& path, const std::string& headers, std::size_t size) {
        return "POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers +
               "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, ' ');
    };
    return {post("invocation/" + std::string(4000, 'i') + "/response", "", 2),
            post("init/error", "Lambda-Runtime-Function-Error-Type: " + std::string(4000, 'E') + "\r\n", 10),
            post("invocation/id-1/error", "", payload_bytes_max),
            post("invocation/id-1/error", "", payload_bytes_max + 1),
            post("invocation/id-1/response", "", payload_bytes_max + 1),
            "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: 127.0.0.1\r\nLambda-Extension-Name: external\r\n"
            "Content-Length: 21\r\n\r\n{\"events\":[\"INVOKE\"]}"};
}

void run_target(std::string_view bytes) {
    static Endpoint endpoint;
    endpoint.run(bytes);
}
