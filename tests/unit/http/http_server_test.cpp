#include "http/http_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "base/files.hpp"
#include "support/plain_router.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// A client that sends exactly the bytes of a test.
class Raw_Client {
public:
    explicit Raw_Client(std::uint16_t port) { connect(port); }
    Raw_Client() = default;  ///< has a socket; connect() follows
    void connect(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // the server closed the connection; its response can still be read
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// Receives until the text has arrived or the server has closed the connection. Returns all bytes except `Date`
    /// fields.
    std::string receive_until(std::string_view text) {
        std::string all;
        char block[4096];
        while (all.find(text) == std::string::npos) {
            const ssize_t count = ::recv(socket_.fd(), block, sizeof block, 0);
            if (count <= 0) break;
            all.append(block, static_cast<std::size_t>(count));
        }
        return without_dates(all);
    }
    std::size_t receive_some(std::size_t bytes_max) const {
        std::string block(bytes_max, '\0');
        const ssize_t count = ::recv(socket_.fd(), block.data(), block.size(), 0);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    std::string receive_all() { return receive_until("text that is never sent"); }
    void disconnect() { socket_.reset(); }
    int dates = 0;  ///< `Date` fields that were received

private:
    std::string without_dates(std::string text) {
        for (std::size_t at; (at = text.find("Date: ")) != std::string::npos; ++dates)
            text.erase(at, text.find("\r\n", at) + 2 - at);
        return text;
    }

    base::Unique_Fd socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

/// A request whose body is streamed if the method is PUT and the test streams.
class Test_Request final : public test_support::Plain_Request {
public:
    Test_Request(Handler handler, Body_Mode mode, std::function<bool()>& closed)
        : Plain_Request(std::move(handler)), mode_(mode), client_closed_(closed) {}
    Body_Mode body_mode() const override { return mode_; }
    void handle(wire::Request request, services::Reply reply) override {
        client_closed_ = client_closed;
        Plain_Request::handle(std::move(request), std::move(reply));
    }

private:
    Body_Mode mode_;
    std::function<bool()>& client_closed_;
};

/// Echoes `METHOD TARGET body`. The test triggers the response for /later.
class Http_Server_Test : public testing::Test {
protected:
    void start(Http_Limits limits = {}) {
        restart(std::move(limits));
        thread_ = std::thread([this] { loop_.run(); });
    }
    void restart(Http_Limits limits) {
        limits.access.hosts.emplace_back("x");  // the Host of the requests in these tests
        const auto router = [this](const wire::Request& head) {
            return std::make_unique<Test_Request>(
                [this](const wire::Request& request, services::Reply reply) { handle(request, std::move(reply)); },
                head.method == "PUT" ? Body_Mode::streamed_if_large : Body_Mode::buffered, client_closed_);
        };
        auto listening = Http_Server::listen_tcp(loop_, 0, router, limits);
        server_ = std::move(listening.value());
    }
    ~Http_Server_Test() override {
        if (!thread_.joinable()) return;
        loop_.post([this] {
            server_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    void handle(const wire::Request& request, services::Reply reply) {
        ++requests_;
        if (request.path() == "/later") {
            later_reply_ = std::move(reply);
            later_arrived_.set_value();
            return;
        }
        wire::Response response;
        if (request.path() == "/streamed") {
            const auto stream = std::make_shared<wire::Body_Stream>();
            stream->write("stream");
            stream->end({});
            response.body = stream;
        } else if (request.path() == "/file") {
            response.body = wire::File_Slice{std::make_shared<wire::Body_File>(file_), 1, 400'000};
        } else if (request.body.stream()) {
            return read_stream(request, std::move(reply));
        } else {
            response.body = request.method + " " + request.target + " " + request.body.bytes();
        }
        reply(std::move(response));
    }
    /// Responds with the number of bytes when the body is complete, but to /refused immediately.
    void read_stream(const wire::Request& request, services::Reply reply) {
        stream_ = request.body.stream();
        if (request.path() == "/refused") return reply({.status = 400, .headers = {}, .body = "no"});
        if (request.path() == "/paused") stream_->pause();
        auto count = std::make_shared<std::size_t>(0);
        stream_->read([this, count](std::string_view piece) { streamed_ = *count += piece.size(); },
                      [count, reply = std::move(reply)](const wire::Body_Stream::End& end) {
                          const std::string text = end.complete ? fmt::format("read {}", *count) : "aborted";
                          reply({.status = 200, .headers = {}, .body = text});
                      });
    }
    static Http_Limits streaming(std::chrono::milliseconds request_max = 60s) {
        return {.streamed_bytes_min = 10, .body_bytes_max = 100, .request_max = request_max};
    }
    void reply_to_later(std::string bytes) {
        const services::Reply reply = std::exchange(later_reply_, nullptr);
        reply({.status = 200, .headers = {}, .body = std::move(bytes)});
    }
    Raw_Client client() const { return Raw_Client(server_->port()); }
    /// Runs the task on the loop thread, which owns the server. Returns its result.
    template <class Task>
    auto on_loop(Task task) {
        std::promise<decltype(task())> done;
        loop_.post([&] { done.set_value(task()); });
        return done.get_future().get();
    }

    const base::Temporary_Folder folder_;
    const std::filesystem::path file_ = folder_.path() / "file";
    Asio_Loop loop_;
    std::unique_ptr<Http_Server> server_;
    std::thread thread_;
    std::promise<void> later_arrived_;     ///< set when /later has arrived
    services::Reply later_reply_;          ///< of /later; only used on the loop thread, as every Reply
    std::function<bool()> client_closed_;  ///< of the last request; only used on the loop thread
    std::atomic<int> requests_ = 0;
    std::shared_ptr<wire::Body_Stream> stream_;  ///< only used on the loop thread
    std::atomic<std::size_t> streamed_ = 0;
};

// The Runtime API and every other listener that does not permit more.
TEST_F(Http_Server_Test, listener_rejects_web_pages_and_other_host_names_by_default) {
    start();
    for (const char* field :
         {"Host: evil.example", "Host: x\r\nOrigin: https://evil.example", "Host: x\r\nOrigin: http://x",
          "Host: x\r\nSec-Fetch-Site: same-origin", "Host: x\r\nSec-Fetch-Site: cross-site"}) {
        auto connection = client();
        connection.send(fmt::format("POST /a HTTP/1.1\r\n{}\r\nContent-Length: 50\r\n\r\n", field));
        EXPECT_THAT(connection.receive_all(), StartsWith("HTTP/1.1 403 Forbidden")) << field;
    }
    EXPECT_EQ(requests_, 0);
}

TEST_F(Http_Server_Test, request_without_host_is_accepted) {
    start();
    auto connection = client();
    connection.send("GET /a HTTP/1.0\r\n\r\n");
    EXPECT_THAT(connection.receive_all(), HasSubstr("GET /a"));
}

TEST_F(Http_Server_Test, connection_of_a_rejected_peer_is_closed) {
    std::atomic<int> checks = 0;
    start({.accepts_peer = [&](int fd) { return fd >= 0 && checks++ != 0; }});
    EXPECT_EQ(client().receive_all(), "");

    Raw_Client accepted = client();
    accepted.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(accepted.receive_until("GET /a"), HasSubstr("200 OK"));
    EXPECT_EQ(checks, 2);
}

TEST_F(Http_Server_Test, large_body_is_passed_as_stream) {
    start(streaming());
    Raw_Client connection = client();
    connection.send("PUT /large HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
    EXPECT_THAT(connection.receive_until("read "), HasSubstr("read 3000000"))
        << "body_bytes_max does not apply to streams";
    connection.send("PUT /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    connection.send("14\r\n" + std::string(20, 'x') + "\r\n0\r\n\r\n");
    EXPECT_THAT(connection.receive_until("read 25"), HasSubstr("read 25"));
    connection.send("PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_THAT(connection.receive_until("body"), HasSubstr("PUT /small body")) << "not streamed";
    connection.send("POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
    EXPECT_THAT(connection.receive_all(), StartsWith("HTTP/1.1 413"));
}

TEST_F(Http_Server_Test, expect_100_continue_of_a_stream_is_sent_once) {
    start(streaming());
    Raw_Client connection = client();
    connection.send("PUT /large HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(std::string(20, 'x'));
    EXPECT_THAT(connection.receive_until("read 20"), StartsWith("HTTP/1.1 200 OK"));
    connection.send("PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(connection.receive_until("no"), StartsWith("HTTP/1.1 400")) << "no 100 Continue before the error";
}

TEST_F(Http_Server_Test, handler_can_reject_a_stream_without_reading_it) {
    start(streaming());
    Raw_Client connection = client();
    connection.send("PUT /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" +
                    std::string(9'000'000, 'x'));
    EXPECT_THAT(connection.receive_all(), HasSubstr("Connection: close\r\n\r\nno"));
}

TEST_F(Http_Server_Test, paused_stream_is_read_after_resume) {
    start(streaming());
    Raw_Client connection = client();
    connection.send("PUT /paused HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n");
    while (!on_loop([this] { return stream_ != nullptr; })) {}
    std::thread sending([&] { connection.send(std::string(400'000, 'x')); });
    EXPECT_LE(on_loop([this] { return streamed_.load(); }), 16'384U);
    on_loop([this] { return stream_->request_more(), true; });
    EXPECT_THAT(connection.receive_until("read 400000"), HasSubstr("read 400000"));
    sending.join();
}

TEST_F(Http_Server_Test, stalled_request_stream_is_aborted) {
    start(streaming(50ms));
    Raw_Client connection = client();
    connection.send("PUT /large HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhalf");
    EXPECT_THAT(connection.receive_all(), HasSubstr("aborted"));
}

TEST_F(Http_Server_Test, stalled_request_stream_has_only_the_response_of_its_handler) {
    start(streaming(50ms));
    Raw_Client connection = client();
    connection.send("PUT /later HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhalf");
    later_arrived_.get_future().get();
    EXPECT_EQ(connection.receive_all(), "") << "closed, because the handler does not respond in time";
    loop_.post([this] { reply_to_later("too late"); });
    Raw_Client next = client();
    next.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_THAT(next.receive_all(), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, connection_stays_open_for_the_next_request) {
    start();
    Raw_Client connection = client();
    connection.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(connection.receive_until("GET /one "),
                StartsWith("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nGET /one "));
    connection.send("POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_THAT(connection.receive_until("body"), HasSubstr("POST /two body"));
    EXPECT_EQ(connection.dates, 2) << "each response has a Date header";
}

TEST_F(Http_Server_Test, handler_can_ask_if_the_client_has_closed) {
    start();
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    EXPECT_FALSE(on_loop([this] { return client_closed_(); }));
    connection.disconnect();
    while (!on_loop([this] { return client_closed_(); })) std::this_thread::yield();
    loop_.post([this] { reply_to_later("unread"); });
    EXPECT_TRUE(on_loop([this] { return client_closed_(); })) << "also after the response";
}

TEST_F(Http_Server_Test, closes_on_request_and_for_http_1_0) {
    start();
    for (const char* request : {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
        Raw_Client connection = client();
        connection.send(request);
        EXPECT_THAT(connection.receive_all(), HasSubstr("Connection: close\r\n\r\nGET /a ")) << request;
    }
}

TEST_F(Http_Server_Test, pipelined_requests_get_responses_in_order) {
    start();
    Raw_Client connection = client();
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";
    connection.send(all);
    const std::string responses = connection.receive_until("POST /49 ok");
    std::size_t at = 0;
    for (int i = 0; i < 50; ++i) {
        at = responses.find("POST /" + std::to_string(i) + " ok", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST_F(Http_Server_Test, pipelined_request_waits_for_the_first_response) {
    start();
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    EXPECT_EQ(requests_, 1);
    loop_.post([this] { reply_to_later("first"); });
    EXPECT_THAT(connection.receive_until("GET /second "), testing::ContainsRegex("first(.|\n)*GET /second "));
}

TEST_F(Http_Server_Test, reads_chunked_bodies) {
    start();
    Raw_Client connection = client();
    connection.send(
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_THAT(connection.receive_until("abcde"), HasSubstr("POST /a abcde"));
}

TEST_F(Http_Server_Test, sends_100_continue) {
    start();
    Raw_Client connection = client();
    connection.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    connection.send("body");
    EXPECT_THAT(connection.receive_until("body"), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, head_response_has_length_and_no_body) {
    start();
    Raw_Client connection = client();
    connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(connection.receive_until("GET /b "),
              "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGET /b ");
}

TEST_F(Http_Server_Test, sends_a_slice_of_a_file_as_body) {
    std::string bytes(500'000, 'x');
    bytes[1] = 'A';
    bytes[400'000] = 'Z';
    base::write_file(file_, bytes).value();
    start();
    Raw_Client connection = client();
    connection.send("GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string response = connection.receive_all();
    EXPECT_EQ(response.substr(response.find("\r\n\r\n") + 4), bytes.substr(1, 400'000));
}

TEST_F(Http_Server_Test, stream_follows_a_file_on_one_connection) {
    std::ofstream(file_) << std::string(500'000, 'x');
    start();
    Raw_Client connection = client();
    connection.send("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
    std::size_t received = 0;
    while (received < 400'000) received += connection.receive_some(1 << 20);
    connection.send("GET /streamed HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(connection.receive_until("0\r\n\r\n"), HasSubstr("6\r\nstream\r\n0\r\n\r\n"));
}

// ---- bad input ----

TEST_F(Http_Server_Test, body_above_the_limit_is_rejected_before_reading) {
    start({.body_bytes_max = 100});
    Raw_Client declared = client();
    declared.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
    EXPECT_THAT(declared.receive_all(),
                testing::AllOf(StartsWith("HTTP/1.1 413 Payload Too Large\r\n"), HasSubstr("Connection: close"),
                               HasSubstr("Request must be smaller than 100 bytes")));
    Raw_Client chunked = client();
    chunked.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x') +
                 "\r\n");
    EXPECT_THAT(chunked.receive_all(), StartsWith("HTTP/1.1 413 "));
    EXPECT_EQ(requests_, 0);
}

TEST_F(Http_Server_Test, headers_above_the_limit_are_rejected) {
    start({.header_bytes_max = 1000});
    Raw_Client connection = client();
    connection.send("GET /a HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
    EXPECT_THAT(connection.receive_all(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(Http_Server_Test, rejects_requests_that_are_not_http) {
    start();
    for (const char* bytes :
         {"hello\r\n\r\n", "GET /a b c HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}) {
        Raw_Client connection = client();
        connection.send(bytes);
        EXPECT_THAT(connection.receive_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n")) << bytes;
    }
    EXPECT_EQ(requests_, 0);
}

TEST_F(Http_Server_Test, slow_request_is_rejected) {
    start({.request_max = 50ms});
    for (const char* part : {"GET /a HT", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"}) {
        Raw_Client connection = client();
        connection.send(part);
        EXPECT_THAT(connection.receive_all(), testing::AllOf(StartsWith("HTTP/1.1 408 Request Timeout\r\n"),
                                                             HasSubstr("was not complete after 0.05 s")))
            << part;
    }
    EXPECT_EQ(requests_, 0);
}

struct Http_Server_Slow_Body_Test : Http_Server_Test, testing::WithParamInterface<const char*> {};

/// Sends one byte every 20 ms, so that each arrives before request_max.
TEST_P(Http_Server_Slow_Body_Test, slow_body_ends_after_request_max) {
    start(streaming(200ms));
    Raw_Client connection = client();
    connection.send(GetParam());
    std::atomic<bool> ended = false;
    std::thread sending([&] {
        for (int i = 0; i < 250 && !ended; ++i) {
            connection.send("x");
            std::this_thread::sleep_for(20ms);
        }
    });
    const auto began = std::chrono::steady_clock::now();
    const std::string response = connection.receive_until("\r\n\r\n");
    ended = true;
    sending.join();
    EXPECT_THAT(response, testing::AnyOf(StartsWith("HTTP/1.1 408"), StartsWith("HTTP/1.1 200")));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

INSTANTIATE_TEST_SUITE_P(bodies, Http_Server_Slow_Body_Test,
                         testing::Values("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
                                         "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n"));

TEST_F(Http_Server_Test, steady_body_may_take_longer_than_request_max) {
    Http_Limits limits = streaming(200ms);
    limits.transfer_bytes_min = 1000;
    start(limits);
    Raw_Client connection = client();
    connection.send("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n");
    for (int i = 0; i < 30; ++i) {
        connection.send(std::string(1000, 'x'));
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_THAT(connection.receive_until("read 30000"), HasSubstr("read 30000"));
}

TEST_F(Http_Server_Test, declared_length_reserves_no_memory) {
    start(streaming());
    for (const char* method : {"POST", "PUT"}) {
        Raw_Client connection = client();
        connection.send(
            fmt::format("{} /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000000000000\r\n\r\nx", method));
        if (method == std::string("PUT")) {
            while (streamed_ == 0) std::this_thread::yield();
        } else {
            EXPECT_THAT(connection.receive_until("\r\n"), StartsWith("HTTP/1.1 413"));
        }
    }
    while (on_loop([this] { return stream_.use_count() > 1; })) {}  // until the server has noticed that the client left
}

TEST_F(Http_Server_Test, rejected_body_is_read_so_that_response_arrives) {
    start({.body_bytes_max = 100});
    Raw_Client connection = client();
    connection.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n");
    connection.send(std::string(20'000'000, 'x'));
    EXPECT_THAT(connection.receive_all(), StartsWith("HTTP/1.1 413"));
}

TEST_F(Http_Server_Test, slow_reader_is_disconnected) {
    start({.stalled_max = 300ms});
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    loop_.post([this] { reply_to_later(std::string(64 << 20, 'x')); });
    std::size_t received = 0;
    for (int i = 0; i < 250; ++i) {
        const std::size_t count = connection.receive_some(2000);
        if (count == 0) break;
        received += count;
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_LT(received + connection.receive_all().size(), 64U << 20);
}

struct Large_Response {
    const char* name;
    void (*fill)(wire::Response& response, std::shared_ptr<const void> owner);
};

struct Http_Server_Stalled_Test : Http_Server_Test, testing::WithParamInterface<Large_Response> {};

TEST_P(Http_Server_Stalled_Test, client_that_reads_nothing_is_disconnected) {
    start({.stalled_max = 50ms});
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    std::promise<void> released;
    loop_.post([&] {
        wire::Response response;
        GetParam().fill(response, {&released, [](const void* promise) {
                                       static_cast<std::promise<void>*>(const_cast<void*>(promise))->set_value();
                                   }});
        std::exchange(later_reply_, nullptr)(std::move(response));
    });
    released.get_future().get();
    EXPECT_LT(connection.receive_all().size(), 256U << 20);
}

INSTANTIATE_TEST_SUITE_P(
    bodies, Http_Server_Stalled_Test,
    testing::Values(Large_Response{"file",
                                   [](wire::Response& response, std::shared_ptr<const void> owner) {
                                       auto* zeros = new wire::Body_File("/dev/zero");
                                       response.body = wire::File_Slice{
                                           {zeros, [owner](const wire::Body_File* f) { delete f; }}, 0, 256 << 20};
                                   }},
                    Large_Response{"stream",
                                   [](wire::Response& response, std::shared_ptr<const void> owner) {
                                       response.body = std::make_shared<wire::Body_Stream>();
                                       response.body.stream()->on_demand(
                                           [to = std::weak_ptr(response.body.stream()), owner] {
                                               to.lock()->write(std::string(1 << 20, 'x'));
                                           });
                                   }}),
    [](const auto& test) { return test.param.name; });

TEST_F(Http_Server_Test, idle_connection_is_closed) {
    start({.idle_max = 50ms});
    Raw_Client connection = client();
    EXPECT_EQ(connection.receive_all(), "");
}

TEST_F(Http_Server_Test, handler_may_take_longer_than_request_max) {
    start({.request_max = 50ms, .idle_max = 50ms});
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    Raw_Client other = client();
    EXPECT_EQ(other.receive_all(), "") << "the idle connection was closed meanwhile";
    loop_.post([this] { reply_to_later("done"); });
    EXPECT_THAT(connection.receive_until("done"), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, disconnecting_clients_do_not_affect_others) {
    start();
    Raw_Client half = client();
    half.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    half.disconnect();
    Raw_Client waiting = client();
    waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    waiting.disconnect();
    loop_.post([this] { reply_to_later(std::string(1'000'000, 'x')); });
    Raw_Client connection = client();
    connection.send("GET /still HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(connection.receive_until("GET /still "), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, connection_limit_closes_longest_idle) {
    start({.connections_max = 2});
    Raw_Client one = client(), two = client();
    for (Raw_Client* connection : {&one, &two}) {
        connection->send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(connection->receive_until("GET /a "), HasSubstr("200 OK"));
    }
    Raw_Client three = client();
    three.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(three.receive_until("GET /a "), HasSubstr("200 OK"));
    EXPECT_EQ(one.receive_all(), "");
    two.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(two.receive_until("GET /b "), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, connection_above_limit_waits_for_busy_one) {
    start({.connections_max = 1});
    Raw_Client busy = client();
    busy.send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    later_arrived_.get_future().get();
    Raw_Client waiting = client();
    waiting.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    loop_.post([this] { reply_to_later("done"); });
    EXPECT_THAT(busy.receive_all(), HasSubstr("done"));
    EXPECT_THAT(waiting.receive_until("GET /b "), HasSubstr("200 OK"));
}

class Shared_Limit_Test : public Http_Server_Test {
protected:
    /// Starts two servers that may have one connection together.
    Shared_Limit_Test() {
        start({.connections_max = 1, .shared = shared_});
        other_ = std::move(server_);
        on_loop([this] { restart({.connections_max = 1, .shared = shared_}); });
    }
    ~Shared_Limit_Test() override {
        on_loop([this] { other_.reset(); });
    }

    void on_loop(const std::function<void()>& act) {
        std::promise<void> done;
        loop_.post([&] { act(), done.set_value(); });
        done.get_future().get();
    }
    const std::shared_ptr<Shared_Connections> shared_ = std::make_shared<Shared_Connections>();
    std::unique_ptr<Http_Server> other_;
};

TEST_F(Shared_Limit_Test, idle_connection_of_the_other_server_is_closed_for_a_client) {
    const std::uint16_t ports[] = {server_->port(), other_->port()};
    std::vector<std::unique_ptr<Raw_Client>> clients;  // each stays connected
    for (const int index : {0, 1, 0, 1, 0}) {
        clients.push_back(std::make_unique<Raw_Client>(ports[index]));
        clients.back()->send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(clients.back()->receive_until("GET /a "), HasSubstr("200 OK"));
    }
    on_loop([this] { EXPECT_LE(shared_->open.size(), 2u) << "each server may have accepted one beforehand"; });
}

TEST_F(Http_Server_Test, accept_pauses_without_free_descriptors) {
#ifdef OSBOT_SANITIZED
    GTEST_SKIP() << "UBSan opens a descriptor to check objects, and reports a fault if it cannot";
#endif
    start();
    Raw_Client waiting;
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const auto limit_files = [&](rlim_t files) {
        const rlimit limit{files, before.rlim_max};
        return ::setrlimit(RLIMIT_NOFILE, &limit);
    };
    ASSERT_EQ(limit_files(3), 0);
    waiting.connect(server_->port());
    const auto processor_time = [] {
        timespec used{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
    };
    const auto began = processor_time();
    std::this_thread::sleep_for(500ms);
    const auto used = processor_time() - began;
    ASSERT_EQ(limit_files(before.rlim_cur), 0);
    EXPECT_LT(used, 250ms) << "accept must not be repeated without a pause";
    waiting.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(waiting.receive_until("GET /a "), HasSubstr("200 OK"));
}

TEST_F(Http_Server_Test, responses_after_destruction_are_dropped) {
    start();
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    on_loop([&] { return server_.reset(), true; });
    EXPECT_EQ(connection.receive_all(), "");
    on_loop([&] { return reply_to_later(""), true; });
}

TEST_F(Http_Server_Test, destruction_during_upload_releases_it) {
    start(streaming());
    for (const char* path : {"/paused", "/large"}) {
        Raw_Client connection = client();
        connection.send(fmt::format("PUT {} HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\nfirst", path));
        while (!on_loop([this] { return stream_ != nullptr; })) {}
        const std::weak_ptr<wire::Body_Stream> upload =
            on_loop([&] { return server_.reset(), std::exchange(stream_, nullptr); });
        EXPECT_EQ(connection.receive_all(), "");
        EXPECT_TRUE(on_loop([&] { return upload.expired(); })) << path << ": the connection and its upload leak";
        on_loop([this] { return restart(streaming()), true; });
    }
}

TEST_F(Http_Server_Test, request_read_before_destruction_is_not_handled) {
    // The owner of the handler may be destroyed with the server: an environment that stops while its runtime requests
    // the next event.
    start();
    Raw_Client connection = client();
    connection.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    later_arrived_.get_future().get();
    std::promise<void> second_is_sent;
    loop_.post([&] {
        second_is_sent.get_future().wait();
        reply_to_later("");                    // writes immediately and queues the completion of the write
        loop_.post([&] { server_.reset(); });  // runs after that completion, before the read that it starts
    });
    connection.send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
    second_is_sent.set_value();
    connection.receive_all();
    on_loop([] { return true; });
    EXPECT_EQ(requests_, 1);
}

TEST_F(Http_Server_Test, port_in_use_fails_and_is_named) {
    start();
    const auto second = Http_Server::listen_tcp(loop_, server_->port(), test_support::plain_router(nullptr));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "PortInUse");
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(server_->port())));
}

}  // namespace
}  // namespace osbot_aws::http
