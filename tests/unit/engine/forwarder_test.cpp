#include "engine/forwarder.hpp"

#include <gmock/gmock.h>

#include "http/http_server.hpp"
#include "support/plain_router.hpp"

namespace osbot_aws::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// An endpoint and a forwarder on one loop, which this thread runs until the response arrives.
struct Forwarder_Test : testing::Test {
    http::Asio_Loop loop;
    std::optional<wire::Request> received;
    wire::Response answer{.status = 200, .headers = {}, .body = "done"};
    bool silent = false;
    std::vector<services::Reply> held;
    std::unique_ptr<http::Http_Server> endpoint =
        http::Http_Server::listen_tcp(loop, 0,
                                      test_support::plain_router([this](wire::Request request, services::Reply reply) {
                                          received = std::move(request);
                                          if (silent) return held.push_back(std::move(reply));
                                          reply(answer);
                                      }))
            .value();
    Forward to{"dynamodb", fmt::format("http://localhost:{}", endpoint->port()), "localhost", endpoint->port()};
    Forward_Limits limits;

    static wire::Request request(std::string method = "POST", std::string body = "{}") {
        return {std::move(method),
                "/",
                {{"Host", "localhost:4566"}, {"Content-Type", "application/x-amz-json-1.0"}, {"Content-Length", "2"}},
                std::move(body)};
    }
    wire::Response forward(wire::Request message) {
        Forwarder forwarder(loop, {{to.service, to}}, limits);
        std::optional<wire::Response> result;
        forwarder.forward(to, "dynamodb", std::move(message), [&](wire::Response response) {
            result = std::move(response);
            loop.stop();
        });
        loop.run();
        loop.io().restart();
        return result.value();
    }
};

TEST_F(Forwarder_Test, passes_request_and_response_unchanged) {
    answer = {.status = 418, .headers = {{"x-amz-crc32", "1"}, {"Content-Type", "a/b"}}, .body = "te\0a"};
    wire::Request message{"PUT",
                          "/a%2Fb//c?x=%20&y",
                          {{"Host", "localhost:4566"},
                           {"authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request"},
                           {"X-Twice", "1"},
                           {"X-Twice", "2"}},
                          std::string("\0\xff\r\n", 4)};
    const wire::Response response = forward(message);

    EXPECT_EQ(received->method, "PUT");
    EXPECT_EQ(received->target, "/a%2Fb//c?x=%20&y");
    EXPECT_EQ(received->body.bytes(), message.body.bytes());
    std::vector<std::pair<std::string, std::string>> fields(received->headers.begin(), received->headers.end());
    std::vector<std::pair<std::string, std::string>> sent(message.headers.begin(), message.headers.end());
    sent.emplace_back("Content-Length", "4");
    sent.emplace_back("Connection", "close");
    EXPECT_EQ(fields, sent);
    EXPECT_EQ(response.status, 418);
    EXPECT_EQ(response.body.bytes(), answer.body.bytes());
    EXPECT_EQ(response.headers["x-amz-crc32"], "1");
    EXPECT_EQ(response.headers["Content-Type"], "a/b");
}

TEST_F(Forwarder_Test, removes_fields_of_the_connection_and_cors) {
    answer.headers = {{"Access-Control-Allow-Origin", "*"}, {"Keep-Alive", "timeout=5"}, {"X-Kept", "1"}};
    wire::Request message = request();
    for (const char* name : {"Connection", "Expect", "Transfer-Encoding", "TE"}) message.headers.add(name, "x");
    const wire::Response response = forward(std::move(message));

    for (const char* name : {"Expect", "Transfer-Encoding", "TE"})
        EXPECT_EQ(received->headers.find(name), nullptr) << name;
    EXPECT_EQ(received->headers["Connection"], "close");
    for (const char* name : {"Access-Control-Allow-Origin", "Keep-Alive", "Connection", "Content-Length"})
        EXPECT_EQ(response.headers.find(name), nullptr) << name;
    EXPECT_EQ(response.headers["X-Kept"], "1");
}

TEST_F(Forwarder_Test, response_to_head_keeps_its_length) {
    answer.headers = {{"Content-Length", "5"}};
    const wire::Response response = forward(request("HEAD", ""));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers["Content-Length"], "5");
    EXPECT_EQ(response.body.bytes(), "");
}

// RFC 6761: names below localhost are loopback, also where no resolver and no /etc/hosts know them.
TEST_F(Forwarder_Test, name_below_localhost_needs_no_resolver) {
    to.host = "dynamodb.localhost";
    answer.body = "found";
    EXPECT_EQ(forward(request()).body.bytes(), "found");
}

TEST_F(Forwarder_Test, closed_port_fails_in_the_protocol_of_the_request) {
    endpoint.reset();
    const wire::Response json = forward(request());
    EXPECT_EQ(json.status, 424);
    EXPECT_EQ(json.headers["Content-Type"], "application/x-amz-json-1.0");
    EXPECT_THAT(json.body.bytes(), HasSubstr("ForwardFailed"));
    EXPECT_THAT(json.body.bytes(), HasSubstr("cannot forward dynamodb to " + to.url + ": Connection refused"));

    wire::Request form = request();
    form.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_THAT(forward(std::move(form)).body.bytes(), HasSubstr("<Code>ForwardFailed</Code>"));
    wire::Request rest = request();
    rest.headers.set("Content-Type", "application/json");
    EXPECT_EQ(forward(std::move(rest)).headers["x-amzn-ErrorType"], "ForwardFailed");
}

TEST_F(Forwarder_Test, silent_endpoint_fails_after_the_time_limit) {
    silent = true;
    limits.response_max = 20ms;
    EXPECT_THAT(forward(request()).body.bytes(), HasSubstr("no response within 20 ms"));
}

TEST_F(Forwarder_Test, larger_response_fails_and_names_the_limit) {
    limits.response_bytes_max = 10;
    answer.body = std::string(10, 'x');
    EXPECT_EQ(forward(request()).status, 200);
    answer.body = std::string(11, 'x');
    EXPECT_THAT(forward(request()).body.bytes(), HasSubstr("larger than 10 bytes"));
}

TEST_F(Forwarder_Test, public_address_is_not_connected) {
    to.host = "8.8.8.8";
    EXPECT_THAT(forward(request()).body.bytes(), HasSubstr("public address"));
}

TEST_F(Forwarder_Test, too_many_requests_are_rejected) {
    limits.concurrent_max = 0;
    const wire::Response response = forward(request());
    EXPECT_EQ(response.status, 503);
    EXPECT_FALSE(received);
}

TEST_F(Forwarder_Test, destructor_ends_the_requests_in_progress) {
    silent = true;
    std::optional<Forwarder> forwarder(std::in_place, loop, Forwards{{to.service, to}});
    int status = 0;
    forwarder->forward(to, "dynamodb", request(), [&](const wire::Response& response) { status = response.status; });
    forwarder.reset();
    EXPECT_EQ(status, 424);
    loop.post([this] { loop.stop(); });
    loop.run();
}

TEST_F(Forwarder_Test, star_is_used_for_valid_names_without_own_forward) {
    const Forwarder forwarder(loop, parse_forwards({"sns=http://localhost:1", "*=http://localhost:2"}).value());
    EXPECT_EQ(forwarder.find("sns")->port, 1);
    EXPECT_EQ(forwarder.find("events")->port, 2);
    EXPECT_EQ(forwarder.find("a\nb"), nullptr);
    EXPECT_EQ(forwarder.find(""), nullptr);
    EXPECT_EQ(Forwarder(loop, {}).find("sns"), nullptr);
}

}  // namespace
}  // namespace osbot_aws::engine
