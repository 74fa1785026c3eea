#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"

namespace osbot_aws {
namespace {

using testing::HasSubstr;
using testing::Not;

base::Unique_Fd connected_to(int port) {
    base::Unique_Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to the port");
    return fd;
}

/// Writes "one", waits for the gate of the event, then writes "two". The event can also request a status or a failure.
void write_two_pieces(std::string_view event, const Context&, Response_Writer& response) {
    const Json params = Json::parse(Json::parse(event).value("body", std::string(event)));
    if (params.value("fail_first", false)) throw std::runtime_error("before the first piece");
    if (params.contains("status"))
        response.http(params["status"].get<int>(), {{"Content-Type", "text/plain"}}, Json::array({"seen=yes"}));
    response.write("one ");
    if (params.contains("gate")) {
        const base::Unique_Fd gate = connected_to(params["gate"].get<int>());
        char byte = 0;
        if (::read(gate.fd(), &byte, 1) != 1) throw std::runtime_error("the gate was closed");
    }
    response.write("two");
    if (params.value("fail_last", false)) throw std::runtime_error("in the middle");
}

/// A listening socket. A function connects to it and waits for open().
class Gate {
public:
    Gate() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listener_.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(listener_.fd(), 1);
        socklen_t length = sizeof address;
        ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&address), &length);
        port = ntohs(address.sin_port);
    }
    void open() const {
        const base::Unique_Fd function(::accept(listener_.fd(), nullptr, nullptr));
        EXPECT_EQ(::write(function.fd(), "x", 1), 1);
    }
    int port = 0;

private:
    base::Unique_Fd listener_;
};

class Stream_Test : public testing::Test {
protected:
    static void SetUpTestSuite() {
        deploy_ =
            std::make_unique<Deploy_Lambda>(handler<write_two_pieces>, Deploy_Options{.session = Session::for_tests()});
        ASSERT_TRUE(deploy_->deploy()) << deploy_->last_error();
        deploy_->lambda_function().function_url_create_with_public_access("RESPONSE_STREAM");
    }
    static void TearDownTestSuite() { deploy_.reset(); }

    /// Sends a request to the function's URL. The caller reads the response from the returned socket.
    static base::Unique_Fd visit(const Json& params) {
        const std::string url = deploy_->function_url();  // http://<id>.lambda-url.<region>.localhost:<port>/
        const std::string host = url.substr(7, url.size() - 8);
        base::Unique_Fd fd = connected_to(std::stoi(host.substr(host.rfind(':') + 1)));
        const std::string body = params.dump();
        const std::string request = "POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n" +
                                    "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                    body;
        EXPECT_EQ(::write(fd.fd(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
        return fd;
    }
    static std::string read_until(const base::Unique_Fd& fd, std::string_view text) {
        std::string all;
        char block[4096];
        for (ssize_t count; all.find(text) == std::string::npos && (count = ::read(fd.fd(), block, sizeof block)) > 0;)
            all.append(block, static_cast<std::size_t>(count));
        return all;
    }
    static std::string read_all(const base::Unique_Fd& fd) { return read_until(fd, "text that no response contains"); }

    static inline std::unique_ptr<Deploy_Lambda> deploy_;
};

TEST_F(Stream_Test, first_piece_arrives_while_the_function_runs) {
    const Gate gate;
    const base::Unique_Fd response = visit({{"gate", gate.port}});
    const std::string first = read_until(response, "one ");
    EXPECT_THAT(first, testing::AllOf(HasSubstr("HTTP/1.1 200 OK"), HasSubstr("Transfer-Encoding: chunked"),
                                      HasSubstr("Content-Type: application/octet-stream")));
    EXPECT_THAT(first, Not(HasSubstr("two")));
    gate.open();
    EXPECT_THAT(read_all(response), HasSubstr("3\r\ntwo\r\n0\r\n\r\n"));
}

TEST_F(Stream_Test, status_and_headers_precede_the_first_piece) {
    const std::string response = read_all(visit({{"status", 201}}));
    EXPECT_THAT(response, testing::AllOf(HasSubstr("HTTP/1.1 201 Created"), HasSubstr("Content-Type: text/plain"),
                                         HasSubstr("Set-Cookie: seen=yes"), HasSubstr("two")));
    EXPECT_EQ(response.find('\0'), std::string::npos) << "the head is not part of the body";
}

TEST_F(Stream_Test, error_before_the_first_piece_is_a_bad_gateway) {
    EXPECT_THAT(read_all(visit({{"fail_first", true}})), HasSubstr("HTTP/1.1 502 Bad Gateway"));
}

TEST_F(Stream_Test, error_after_the_first_piece_aborts_the_response) {
    const std::string response = read_all(visit({{"fail_last", true}}));
    EXPECT_THAT(response, testing::AllOf(HasSubstr("two"), Not(HasSubstr("0\r\n\r\n"))));
}

TEST_F(Stream_Test, ordinary_invoke_waits_for_the_whole_stream) {
    EXPECT_EQ(deploy_->invoke(Json::object()), (Json{{"raw_message", "one two"}}));
    const Json failed = deploy_->invoke({{"fail_last", true}});
    EXPECT_EQ(failed.value("errorMessage", ""), "in the middle");
    EXPECT_EQ(failed.value("errorType", ""), "std::runtime_error");
}

TEST_F(Stream_Test, ordinary_invoke_returns_status_headers_and_body) {
    EXPECT_EQ(deploy_->invoke({{"status", 201}}), (Json{{"statusCode", 201},
                                                        {"headers", {{"Content-Type", "text/plain"}}},
                                                        {"cookies", {"seen=yes"}},
                                                        {"body", "one two"}}));
}

}  // namespace
}  // namespace osbot_aws
