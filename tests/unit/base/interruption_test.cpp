#include "base/interruption.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/http_connection.hpp"

namespace osbot_aws::base {
namespace {

/// Listens and never responds.
class Silent_Server {
public:
    Silent_Server() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* general = reinterpret_cast<sockaddr*>(&address);
        ::bind(socket_.fd(), general, size);
        ::listen(socket_.fd(), 1);
        ::getsockname(socket_.fd(), general, &size);
        port = ntohs(address.sin_port);
    }
    std::uint16_t port = 0;

private:
    Unique_Fd socket_;
};

class Interruption_Test : public testing::Test {
protected:
    ~Interruption_Test() override { interruption = nullptr; }
    static Result<Http_Reply> send_request(Http_Connection& connection, std::chrono::milliseconds timeout) {
        return connection.exchange("GET / HTTP/1.1\r\nHost: silent\r\n", "", timeout);
    }
    Silent_Server server_;
    Http_Connection connection_ =
        Http_Connection::connect_tcp("127.0.0.1", server_.port, std::chrono::seconds(5)).value();
};

TEST_F(Interruption_Test, interruption_aborts_wait_for_response) {
    interruption = [] { return true; };
    EXPECT_THROW((void)send_request(connection_, std::chrono::hours(1)), Interrupted);
    EXPECT_FALSE(connection_.reusable());
}

TEST_F(Interruption_Test, check_without_interruption_keeps_the_timeout) {
    static int checks;
    checks = 0;
    interruption = [] { return ++checks, false; };
    const auto reply = send_request(connection_, interruption_interval * 3);
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().code, "ReadTimeoutError");
    EXPECT_GE(checks, 1);
}

}  // namespace
}  // namespace osbot_aws::base
