// The contract of client/transport.hpp, held by every transport.
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
        response.body.bytes = "one,two,end,";
        return response;
    }
    if (request.target == "/last") return {.status = 200, .headers = {{"X-Then", "close"}}};
    Json fields = Json::object();
    for (const auto& [name, value] : request.headers) fields[name] = value;
    const Json seen{{"method", request.method},
                    {"target", request.target},
                    {"headers", fields},
                    {"body", base::base64_encode(request.body.bytes)}};
    wire::Response response{.status = request.target == "/503" ? 503 : 200, .headers = {{"X-Answer", "a b"}}};
    response.body.bytes = seen.dump();
    return response;
}

/// What the server may send. Not std::counting_semaphore: that of g++ 12 can sleep for ever (GCC bug 104928).
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
        wire::Request made{.method = std::move(method), .target = std::move(target), .headers = {{"Host", "h:1"}}};
        made.body.bytes = std::move(body);
        return made;
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

TEST_P(Transport_Contract, carries_method_target_fields_and_body_as_they_are) {
    std::string body(300'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
    wire::Request sent = request("PUT", "/a/../b//c%20d?x=%2F&y=1", body);
    sent.headers.add("X-Empty", "");
    sent.headers.add("X-Amz-Target", "Logs.Describe");
    const auto answer = transport->send(sent, options());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->headers["x-answer"], "a b");
    const Json seen = Json::parse(answer->body.bytes);
    EXPECT_EQ(seen["method"], "PUT");
    EXPECT_EQ(seen["target"], "/a/../b//c%20d?x=%2F&y=1");
    EXPECT_EQ(seen["headers"]["Host"], "h:1");
    EXPECT_EQ(seen["headers"]["X-Amz-Target"], "Logs.Describe");
    EXPECT_EQ(seen["headers"]["X-Empty"], "");
    EXPECT_FALSE(seen["headers"].contains("Content-Type")) << "nobody said what it is";
    EXPECT_EQ(base::base64_decode(seen["body"].get<std::string>()), body);
}

TEST_P(Transport_Contract, an_error_status_is_an_answer) {
    const auto answer = transport->send(request("POST", "/503"), options());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_THAT(answer->body.bytes, HasSubstr("/503"));
}

TEST_P(Transport_Contract, head_has_no_body_and_the_connection_goes_on) {
    const auto head = transport->send(request("HEAD", "/x"), options());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->body.bytes, "");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
}

TEST_P(Transport_Contract, many_requests_take_one_connection) {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(transport->send(request("POST", "/x", "{}"), options()));
    EXPECT_EQ(server.connections(), 1);
}

TEST_P(Transport_Contract, no_answer_in_time_is_a_read_timeout_and_the_next_request_gets_its_own_answer) {
    Send_Options soon = options();
    soon.connect_timeout = soon.read_timeout = std::chrono::milliseconds(30);
    const auto silent = transport->send(request("GET", "/silent"), soon);
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, "ReadTimeoutError");
    const auto next = transport->send(request("GET", "/next"), options());
    ASSERT_TRUE(next);
    EXPECT_THAT(next->body.bytes, HasSubstr("/next"));
}

TEST_P(Transport_Contract, a_connection_that_closes_without_an_answer_says_so) {
    const auto closed = transport->send(request("GET", "/close"), options());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
}

TEST_P(Transport_Contract, a_kept_connection_that_the_server_closed_meanwhile_is_replaced_before_anything_is_sent) {
    ASSERT_TRUE(transport->send(request("GET", "/last"), options()));
    server.wait_until_closed(1);
    Send_Options once = options();
    once.repeatable = false;
    const auto next = transport->send(request("POST", "/next", "{}"), once);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(server.requests(), 2);
    EXPECT_EQ(server.connections(), 2);
}

TEST_P(Transport_Contract, a_kept_connection_that_closes_instead_of_answering_is_replaced_once) {
    ASSERT_TRUE(transport->send(request("GET", "/x"), options()));
    const auto closed = transport->send(request("POST", "/close", "{}"), options());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError");
    EXPECT_EQ(server.requests(), 3);
}

TEST_P(Transport_Contract, what_must_not_run_twice_is_not_sent_twice) {
    ASSERT_TRUE(transport->send(request("GET", "/x"), options()));
    Send_Options once = options();
    once.repeatable = false;
    const auto closed = transport->send(request("POST", "/close", "{}"), once);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, "ConnectionClosedError") << closed.error().message;
    EXPECT_EQ(server.requests(), 2);
}

TEST_P(Transport_Contract, a_body_is_handed_on_piece_by_piece_as_it_comes_and_none_is_left_in_the_answer) {
    send_pieces_as_allowed();  // the next one once this one was seen
    std::vector<std::string> pieces;
    Send_Options streamed = options();
    streamed.on_body = [&](std::string_view piece) {
        pieces.emplace_back(piece);
        allowance.add(1);
        return true;
    };
    const auto answer = transport->send(request("GET", "/pieces"), streamed);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(pieces, (std::vector<std::string>{"one,", "two,", "end,"}));
    EXPECT_EQ(answer->body.bytes, "");
    EXPECT_TRUE(transport->send(request("GET", "/x"), options()));
    EXPECT_EQ(server.connections(), 1) << "what was read to its end is kept";
}

TEST_P(Transport_Contract, a_reader_that_wants_no_more_ends_the_exchange_and_not_the_next_one) {
    std::string seen;
    Send_Options streamed = options();
    streamed.on_body = [&](std::string_view piece) {
        seen += piece;
        return false;
    };
    send_pieces_as_allowed();
    const auto answer = transport->send(request("GET", "/pieces"), streamed);
    EXPECT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(seen, "one,");
    allowance.add(4);
    const auto next = transport->send(request("GET", "/next"), options());
    ASSERT_TRUE(next);
    EXPECT_THAT(next->body.bytes, HasSubstr("/next"));
}

TEST_P(Transport_Contract, the_body_of_an_error_is_not_handed_on_but_in_the_answer) {
    Send_Options streamed = options();
    streamed.on_body = [](std::string_view piece) { return ADD_FAILURE() << piece, true; };
    const auto answer = transport->send(request("GET", "/pieces/503"), streamed);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->body.bytes, "one,two,end,");
}

TEST_P(Transport_Contract, how_much_of_a_body_has_left_is_told_until_all_of_it_has) {
    const std::string body(8 << 20, 'x');
    std::vector<std::uint64_t> sent;
    Send_Options told = options();
    told.on_sent = [&](std::uint64_t bytes, std::uint64_t of) {
        sent.push_back(bytes);
        EXPECT_EQ(of, body.size());
    };
    for (const bool repeatable : {true, false}) {
        told.repeatable = repeatable;
        sent.clear();
        ASSERT_TRUE(transport->send(request("PUT", "/large", body), told));
        ASSERT_FALSE(sent.empty());  // one system call may take it all
        EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end()));
        EXPECT_EQ(sent.back(), body.size());
    }
    sent.clear();
    ASSERT_TRUE(transport->send(request("GET", "/x"), told));
    EXPECT_TRUE(sent.empty());
}

/// Where curl is told to go by the environment.
class Proxies_Test : public testing::Test {
protected:
    Proxies_Test() { forget(); }
    ~Proxies_Test() override { forget(); }
    static void forget() {
        for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                 "no_proxy", "NO_PROXY"})
            ::unsetenv(name);
    }
    Result<wire::Response> get(const std::string& url) {
        return make_transport(url)->send({.target = "/path", .headers = {{"Host", "service.invalid"}}},
                                         {.endpoint_url = url});
    }

    std::vector<std::string> asked;
    test::Small_Server proxy{[this](const wire::Request& request) {
        asked.push_back(request.method + " " + request.target);
        return wire::Response{.status = request.method == "CONNECT" ? 403 : 200};
    }};
};

TEST_F(Proxies_Test, http_goes_to_the_proxy_with_its_whole_address) {
    ::setenv("HTTP_PROXY", proxy.url().c_str(), 1);
    const auto answer = get("http://service.invalid");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(asked, std::vector<std::string>{"GET http://service.invalid/path"});
}

TEST_F(Proxies_Test, https_asks_the_proxy_for_a_way_through) {
    ::setenv("HTTPS_PROXY", proxy.url().c_str(), 1);
    const auto answer = get("https://service.invalid");
    ASSERT_FALSE(answer) << "it is refused";
    EXPECT_EQ(answer.error().code, "ProxyConnectionError") << answer.error().message;
    EXPECT_EQ(asked, std::vector<std::string>{"CONNECT service.invalid:443"});
}

TEST_F(Proxies_Test, what_no_proxy_names_goes_straight) {
    ::setenv("HTTPS_PROXY", proxy.url().c_str(), 1);
    ::setenv("NO_PROXY", "example.com,.invalid", 1);
    const auto answer = get("https://service.invalid");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "EndpointConnectionError");
    EXPECT_TRUE(asked.empty());
}

TEST_F(Proxies_Test, this_machine_and_its_link_are_never_behind_a_proxy) {
    const test::Small_Server near{[](const wire::Request&) { return wire::Response{.status = 204}; }};
    ::setenv("HTTP_PROXY", proxy.url().c_str(), 1);
    ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
    EXPECT_EQ(get(near.url()).value().status, 204);
    EXPECT_TRUE(asked.empty());
}

TEST(Transports_Test, a_bundle_of_certificates_is_named_by_the_environment_or_the_profile) {
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

TEST(Transports_Test, nobody_there_is_an_endpoint_connection_error_everywhere) {
    std::uint16_t port = 0;
    std::filesystem::path socket;
    {
        const test::Small_Server gone{&echo};
        port = gone.port();
        socket = gone.socket();
    }
    const Send_Options options{.endpoint_url = "http://127.0.0.1:" + std::to_string(port)};
    for (const auto& transport :
         {make_unix_transport(socket), make_tcp_transport("127.0.0.1", port), make_curl_transport()}) {
        const auto answer = transport->send({.headers = {{"Host", "h"}}}, options);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, "EndpointConnectionError") << answer.error().message;
    }
}

}  // namespace
}  // namespace osbot_aws::client
