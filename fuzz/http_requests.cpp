// HTTP requests as the server reads them: heads, bodies with a length, in chunks and as streams, and pipelined
// requests. The handler gets the same requests however the network splits the bytes, within the limits.
#include "base/http_fields.hpp"
#include "http/http_server.hpp"
#include "http_exchange.hpp"
#include "memory_store.hpp"
#include "wire/body_stream.hpp"

using namespace osbot_aws;

namespace {

constexpr std::uint64_t body_bytes_max = 100'000;
constexpr std::uint32_t header_bytes_max = 64 * 1024;

class Server {
public:
    Server() {
        const auto router = [this](const wire::Request& head) { return std::make_unique<Fuzzed_Request>(*this, head); };
        const http::Http_Limits limits{
            .streamed_bytes_min = 16, .header_bytes_max = header_bytes_max, .body_bytes_max = body_bytes_max};
        server_ = http::Http_Server::listen_unix(loop_, socket(), router, limits).value();
    }

    /// Returns the requests that the handler got completely, as text. Every streamed body ends with its connection.
    std::string requests_of(std::string_view bytes, std::size_t piece) {
        requests_.clear();
        open_streams_ = 0;
        const std::string responses = fuzz::Exchange(loop_, socket()).run(bytes, piece);
        require(responses.empty() || responses.starts_with("HTTP/1.1 "));
        require(open_streams_ == 0);
        return requests_;
    }

private:
    class Fuzzed_Request final : public http::Routed_Request {
    public:
        Fuzzed_Request(Server& server, const wire::Request& head)
            : server_(server), streams_(head.path() == "/stream") {}
        http::Page_Use page_use() const override { return http::Page_Use::operations; }
        http::Body_Mode body_mode() const override {
            return streams_ ? http::Body_Mode::streamed_if_large : http::Body_Mode::buffered;
        }
        void handle(wire::Request request, services::Reply reply) override {
            server_.handle(request, std::move(reply));
        }

    private:
        Server& server_;
        const bool streams_;
    };

    std::filesystem::path socket() const { return folder_.path() / "socket"; }

    void handle(const wire::Request& request, services::Reply reply) {
        require(!request.method.empty() && !request.target.empty());
        std::string text = request.method + " " + request.target + "\n";
        std::size_t bytes = 0;
        for (const auto& [name, value] : request.headers) {
            require(base::is_field_name(name));
            text += name + ": " + value + "\n";
            bytes += name.size() + value.size();
        }
        require(bytes <= header_bytes_max && request.body.bytes().size() <= body_bytes_max);
        if (request.body.stream()) return read(*request.body.stream(), std::move(text), std::move(reply));
        requests_ += text + request.body.bytes() + "\n";
        reply({.status = 200, .headers = {{"X-Target", request.target}}, .body = "ok"});
    }
    void read(wire::Body_Stream& stream, std::string head, services::Reply reply) {
        ++open_streams_;
        const auto text = std::make_shared<std::string>(std::move(head));
        stream.read([text](std::string_view piece) { *text += piece; },
                    [this, text, reply = std::move(reply)](const wire::Body_Stream::End& end) {
                        --open_streams_;
                        if (end.complete) requests_ += *text + "\n";
                        reply({.status = end.complete ? 200 : 400, .headers = {}, .body = {}});
                    });
    }

    base::Temporary_Folder folder_{"fuzz", fuzz::memory_folder()};
    http::Asio_Loop loop_;
    std::string requests_;
    int open_streams_ = 0;
    std::unique_ptr<http::Http_Server> server_;
};

}  // namespace

std::vector<std::string> seeds() {
    const std::string host = "Host: localhost\r\n",
                      chunked = "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n";
    std::vector<std::string> limits;
    for (const std::size_t size : {header_bytes_max - 200, header_bytes_max + 200})
        for (const char* line : {"X-A: ", "GET /"})
            limits.push_back((*line == 'G' ? line + std::string(size, 'a') + " HTTP/1.1\r\n" + host
                                           : "GET / HTTP/1.1\r\n" + host + line + std::string(size, 'a') + "\r\n") +
                             "\r\n");
    limits.push_back("GET / HTTP/1.1\r\n" + host + repeated(1000, "A: b\r\n") + "\r\n");
    for (const std::uint64_t size : {body_bytes_max, body_bytes_max + 1})
        limits.push_back("POST / HTTP/1.1\r\n" + host + "Content-Length: " + std::to_string(size) + "\r\n\r\n" +
                         std::string(size, 'b'));
    limits.push_back(chunked + repeated(3000, "1\r\na\r\n") + "0\r\n\r\n");
    limits.push_back(chunked + "1;" + repeated(2 * header_bytes_max, "e") + "\r\na\r\n0\r\n\r\n");
    limits.push_back(chunked + "0\r\n" + repeated(header_bytes_max / 2, "a:b\r\n") + "\r\n");
    limits.push_back(repeated(200, "GET / HTTP/1.1\r\n" + host + "\r\n"));
    return limits;
}

void run_target(std::string_view bytes) {
    static Server server;
    const std::string whole = server.requests_of(bytes, bytes.size() + 1);
    const std::size_t piece = 1 + bytes.size() / 64;
    const std::string split = server.requests_of(bytes, piece);
    if (split != whole) std::fprintf(stderr, "whole:\n%s\nsplit:\n%s\n", whole.c_str(), split.c_str());
    require(split == whole);
}
