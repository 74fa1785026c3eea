// Tests that every transport fulfils the contract in client/transport.hpp.
#include "client/transports.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "unit/client/small_server.hpp"

namespace osbot_aws::client {
namespace {

using testing::HasSubstr;

wire::Response echo(const wire::Request& request) {
    if (request.target == "/close") return {.status = 0};
    if (request.target == "/silent") return {.status = 1};
    if (request.target.starts_with("/pieces")) {
        wire::Response response{.status = request.target == "/pieces/503" ? 503 : 200, .headers = {{"X-Pieces", "3"}}};
        response.body = "one,two,end,";
        return response;
    }
    if (request.target == "/last") return {.status = 200, .headers = {{"X-Then", "close"}}};
    Json fields = Json::object();
    for (const auto& [name, value] : request.headers) fields[name] = value;
    const Json received{{"method", request.method},
                        {"target", request.target},
                        {"headers", fields},
                        {"body", base::base64_encode(request.body.bytes())}};
    wire::Response response{.status = request.target == "/503" ? 503 : 200, .headers = {{"X-Reply", "a b"}}};
    response.body = received.dump();
    return response;
}

/// Limits the number of pieces that the server may send. Not std::counting_semaphore, which can block forever with g++
/// 12 (GCC bug 104928).
class Allowance {
public:
    void add(int pieces) {
        const std::lock_guard lock(mutex_);
        pieces_ += pieces;
        more_.notify_all();
    }
    void take_one() {
        std::unique_lock lock(mutex_);
        more_.wait(lock, [this] { return pieces_ > 0; });
        --pieces_;
    }

private:
    std::mutex mutex_;
    std::condition_variable more_;
    int pieces_ = 0;
};

class Transport_Contract : public testing::TestWithParam<std::string> {
protected:
    std::shared_ptr<Transport> make() {
        if (GetParam() == "unix") return make_unix_transport(server.socket());
        if (GetParam() == "tcp") return make_tcp_transport("127.0.0.1", server.port());
        return make_curl_transport();
    }
    wire::Request request(std::string method, std::string target, std::string body = "") {
        wire::Request result{.method = std::move(method), .target = std::move(target), .headers = {{"Host", "h:1"}}};
        result.body = std::move(body);
        return result;
    }
    Send_Options options() { return {.endpoint_url = server.url(), .read_timeout = std::chrono::milliseconds(20'000)}; }

    void send_pieces_as_allowed() {
        server.before_piece = [this](std::size_t) { allowance.take_one(); };
        allowance.add(1);
    }

    Allowance allowance;  // outlives the server's threads
    test::Small_Server server{&echo};
    std::shared_ptr<Transport> transport = make();
};

INSTANTIATE_TEST_SUITE_P(All, Transport_Contract, testing::Values("unix", "tcp", "curl"),
                         [](const auto& each) { return each.param; });

TEST_P(Transport_Contract, sends_method_target_headers_and_body_unchanged) {
    std::string body(300'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
    wire::Request sent = request("PUT", "/a/../b//c%20d?x=%2F&y=1", body);
    sent.headers.add("X-Empty", "");
    sent.headers.add("X-Amz-Target", "Logs.Describe");
    const auto response = transport->send(sent, options());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->headers["x-reply"], "a b");
    const Json received = Json::parse(response->body.bytes());
    EXPECT_EQ(received["method"], "PUT");
    EXPECT_EQ(received["target"], "/a/../b//c%20d?x=%2F&y=1");
    EXPECT_EQ(received["headers"]["Host"], "h:1");
    EXPECT_EQ(received["headers"]["X-Amz-Target"], "Logs.Describe");
    EXPECT_EQ(received["headers"]["X-Empty"], "");
    EXPECT_FALSE(received["headers"].contains("Content-Type")) << "the caller set none";
    EXPECT_EQ(base::base64_decode(received["body"].get<std::string>()), body);
}

TEST_P(Transport_Contract, header_value_with_line_break_adds_no_field) {
    wire::Request sent = request("GET", "/");
    sent.headers.add("X-Value", "a\r\nX-Injected: b");
    sent.headers.add("X-Name: c\r\nX-Injected", "d");
    const auto response = transport->send(sent, options());
    ASSERT_TRUE(response) << response.error().message;
    const Json received = Json::parse(response->body.bytes());
    EXPECT_EQ(received["headers"]["X-Value"], "a  X-Injected: b");
    EXPECT_FALSE(received["headers"].contains("X-Injected"));
}

TEST_P(Transport_Contract, error_status_is_a_response) {
    const auto response = transport->send(request("POST", "/503"), options());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_THAT(response->body.bytes(), HasSubstr("/503"));
}

TEST_P(Transport_Contract, head_has_no_body_and_keeps_the_connection) {
    const auto head = transport->send(request("HEAD", "/x"), options());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->body.bytes(), "");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
}

TEST_P(Transport_Contract, requests_reuse_one_connection) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(transport->send(request("POST", "/x", "{}"), options()));
    EXPECT_EQ(server.connections(), 1);
}

TEST_P(Transport_Contract, late_response_is_a_read_timeout_and_not_used_for_the_next) {
    Send_Options short_timeout = options();
    short_timeout.connect_timeout = short_timeout.read_timeout = std::chrono::milliseconds(30);
    const auto silent = transport->send(request("GET", "/silent"), short_timeout);
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, "ReadTimeoutError");
    const auto next = transport->send(request("GET", "/next"), options());
    ASSERT_TRUE(next);
    EXPECT_THAT(next->body.bytes(), HasSubstr("/next"));
}

TEST_P(Transport_Contract, close_without_response_is_a_connection_closed_error) {
    const auto closed = transport->send(request("GET", "/close"), options());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
}

TEST_P(Transport_Contract, replaces_a_closed_idle_connection_before_sending) {
    ASSERT_TRUE(transport->send(request("GET", "/last"), options()));
    server.wait_until_closed(1);
    Send_Options unrepeatable = options();
    unrepeatable.repeatable = false;
    const auto next = transport->send(request("POST", "/next", "{}"), unrepeatable);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(server.requests(), 2);
    EXPECT_EQ(server.connections(), 2);
}

TEST_P(Transport_Contract, retries_once_if_a_reused_connection_closes) {
    ASSERT_TRUE(transport->send(request("GET", "/x"), options()));
    const auto closed = transport->send(request("POST", "/close", "{}"), options());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError");
    EXPECT_EQ(server.requests(), 3);
}

TEST_P(Transport_Contract, does_not_resend_unrepeatable_requests) {
    ASSERT_TRUE(transport->send(request("GET", "/x"), options()));
    Send_Options unrepeatable = options();
    unrepeatable.repeatable = false;
    const auto closed = transport->send(request("POST", "/close", "{}"), unrepeatable);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError") << closed.error().message;
    EXPECT_EQ(server.requests(), 2);
}

TEST_P(Transport_Contract, streams_the_body_in_pieces_as_they_arrive) {
    send_pieces_as_allowed();  // each piece is sent after the previous one was received
    std::vector<std::string> pieces;
    Send_Options streamed = options();
    streamed.on_body = [&](std::string_view piece) {
        pieces.emplace_back(piece);
        allowance.add(1);
        return true;
    };
    const auto response = transport->send(request("GET", "/pieces"), streamed);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(pieces, (std::vector<std::string>{"one,", "two,", "end,"}));
    EXPECT_EQ(response->body.bytes(), "");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
    EXPECT_EQ(server.connections(), 1) << "a completely read connection is reused";
}

TEST_P(Transport_Contract, reader_can_stop_the_transfer_without_affecting_the_next) {
    std::string received;
    Send_Options streamed = options();
    streamed.on_body = [&](std::string_view piece) {
        received += piece;
        return false;
    };
    send_pieces_as_allowed();
    const auto response = transport->send(request("GET", "/pieces"), streamed);
    EXPECT_TRUE(response) << response.error().message;
    EXPECT_EQ(received, "one,");
    allowance.add(4);
    const auto next = transport->send(request("GET", "/next"), options());
    ASSERT_TRUE(next);
    EXPECT_THAT(next->body.bytes(), HasSubstr("/next"));
}

TEST_P(Transport_Contract, error_body_is_not_streamed) {
    Send_Options streamed = options();
    streamed.on_body = [](std::string_view piece) { return ADD_FAILURE() << piece, true; };
    const auto response = transport->send(request("GET", "/pieces/503"), streamed);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->body.bytes(), "one,two,end,");
}

TEST_P(Transport_Contract, reports_upload_progress_up_to_the_full_size) {
    const std::string body(8 << 20, 'x');
    std::vector<std::uint64_t> sent;
    Send_Options progress_options = options();
    progress_options.on_sent = [&](std::uint64_t bytes, std::uint64_t total) {
        sent.push_back(bytes);
        EXPECT_EQ(total, body.size());
    };
    for (const bool repeatable : {true, false}) {
        progress_options.repeatable = repeatable;
        sent.clear();
        ASSERT_TRUE(transport->send(request("PUT", "/large", body), progress_options));
        ASSERT_FALSE(sent.empty());  // one system call may send the whole body
        EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end()));
        EXPECT_EQ(sent.back(), body.size());
    }
    sent.clear();
    ASSERT_TRUE(transport->send(request("GET", "/x"), progress_options));
    EXPECT_TRUE(sent.empty());
}

/// Tests the proxy settings in the environment.
class Proxies_Test : public testing::Test {
protected:
    Proxies_Test() { clear_proxy_variables(); }
    ~Proxies_Test() override { clear_proxy_variables(); }
    static void clear_proxy_variables() {
        for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                 "no_proxy", "NO_PROXY"})
            ::unsetenv(name);
    }
    Result<wire::Response> get(const std::string& url) {
        return make_transport(url)->send({.target = "/path", .headers = {{"Host", "service.invalid"}}},
                                         {.endpoint_url = url});
    }

    std::vector<std::string> proxy_requests;
    test::Small_Server proxy{[this](const wire::Request& request) {
        proxy_requests.push_back(request.method + " " + request.target);
        return wire::Response{.status = request.method == "CONNECT" ? 403 : 200};
    }};
};

TEST_F(Proxies_Test, http_requests_to_a_proxy_have_an_absolute_url) {
    ::setenv("HTTP_PROXY", proxy.url().c_str(), 1);
    const auto response = get("http://service.invalid");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(proxy_requests, std::vector<std::string>{"GET http://service.invalid/path"});
}

TEST_F(Proxies_Test, https_requests_use_connect) {
    ::setenv("HTTPS_PROXY", proxy.url().c_str(), 1);
    const auto response = get("https://service.invalid");
    ASSERT_FALSE(response) << "the proxy rejects CONNECT";
    EXPECT_EQ(response.error().code, "ProxyConnectionError") << response.error().message;
    EXPECT_EQ(proxy_requests, std::vector<std::string>{"CONNECT service.invalid:443"});
}

TEST_F(Proxies_Test, no_proxy_hosts_are_connected_directly) {
    ::setenv("HTTPS_PROXY", proxy.url().c_str(), 1);
    ::setenv("NO_PROXY", "example.com,.invalid", 1);
    const auto response = get("https://service.invalid");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, "EndpointConnectionError");
    EXPECT_TRUE(proxy_requests.empty());
}

TEST_F(Proxies_Test, loopback_requests_ignore_the_proxy) {
    const test::Small_Server server{[](const wire::Request&) { return wire::Response{.status = 204}; }};
    ::setenv("HTTP_PROXY", proxy.url().c_str(), 1);
    ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
    EXPECT_EQ(get(server.url()).value().status, 204);
    EXPECT_TRUE(proxy_requests.empty());
}

TEST(Transports_Test, ca_bundle_comes_from_environment_or_profile) {
    const base::Temporary_Folder folder;
    const auto config = folder.path() / "config";
    base::write_file(config, "[default]\nca_bundle = /of/the/profile.pem\n").value();
    ::setenv("AWS_CONFIG_FILE", config.c_str(), 1);
    ::setenv("REQUESTS_CA_BUNDLE", "/of/requests.pem", 1);
    ::unsetenv("AWS_CA_BUNDLE");
    EXPECT_EQ(configured_ca_bundle("default"), "/of/the/profile.pem");
    EXPECT_EQ(configured_ca_bundle("other"), "/of/requests.pem");
    ::setenv("AWS_CA_BUNDLE", "/of/aws.pem", 1);
    EXPECT_EQ(configured_ca_bundle("default"), "/of/aws.pem");
}

TEST(Transports_Test, unreachable_server_is_an_endpoint_connection_error) {
    std::uint16_t port = 0;
    std::filesystem::path socket;
    {
        const test::Small_Server stopped{&echo};
        port = stopped.port();
        socket = stopped.socket();
    }
    const Send_Options options{.endpoint_url = "http://127.0.0.1:" + std::to_string(port)};
    for (const auto& transport :
         {make_unix_transport(socket), make_tcp_transport("127.0.0.1", port), make_curl_transport()}) {
        const auto response = transport->send({.headers = {{"Host", "h"}}}, options);
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().code, "EndpointConnectionError") << response.error().message;
    }
}

}  // namespace
}  // namespace osbot_aws::client
