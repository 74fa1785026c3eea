#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client/aws_client.hpp"
#include "client/transports.hpp"
#include "unit/client/small_server.hpp"

namespace osbot_aws::client {
namespace {

/// Counts transports and detects a transport that is used by two threads at once.
struct Uses {
    std::atomic<int> made = 0;
    std::atomic<int> destroyed = 0;
    std::atomic<bool> shared = false;
    std::function<void()> during_send = [] {};
};

class Exclusive_Transport final : public Transport {
public:
    explicit Exclusive_Transport(Uses& uses) : uses_(uses) { ++uses_.made; }
    ~Exclusive_Transport() override { ++uses_.destroyed; }
    Result<wire::Response> send(const wire::Request& request, const Send_Options&) override {
        if (busy_.exchange(true)) uses_.shared = true;
        uses_.during_send();
        wire::Response response{.status = 200};
        response.body = request.body.bytes();
        busy_ = false;
        return response;
    }

private:
    Uses& uses_;
    std::atomic<bool> busy_ = false;
};

std::shared_ptr<Transport> pool_of(Uses& uses) {
    return make_pooled_transport([&uses] { return std::make_shared<Exclusive_Transport>(uses); });
}

template <class Act>
void run_threads(int count, Act act) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&act, i] { act(i); });
    for (std::thread& thread : threads) thread.join();
}

TEST(Pooled_Transport_Test, calls_one_after_the_other_use_one_transport) {
    Uses uses;
    const auto pool = pool_of(uses);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool->send({}, {}));
    EXPECT_EQ(uses.made, 1);
}

TEST(Pooled_Transport_Test, concurrent_calls_use_different_transports) {
    constexpr int threads = 20;
    Uses uses;
    std::latch all_sending(threads);
    uses.during_send = [&] { all_sending.arrive_and_wait(); };
    const auto pool = pool_of(uses);
    run_threads(threads, [&](int) { EXPECT_TRUE(pool->send({}, {})); });
    EXPECT_FALSE(uses.shared);
    EXPECT_EQ(uses.made, threads);
    EXPECT_EQ(uses.destroyed, threads - 16) << "16 idle transports are retained";
}

TEST(Pooled_Transport_Test, transport_whose_call_throws_is_destroyed) {
    Uses uses;
    const auto pool = pool_of(uses);
    uses.during_send = [] { throw std::runtime_error("interrupted"); };
    EXPECT_THROW((void)pool->send({}, {}), std::runtime_error);
    EXPECT_EQ(uses.destroyed, 1);
    uses.during_send = [] {};
    EXPECT_TRUE(pool->send({}, {}));
    EXPECT_EQ(uses.made, 2);
}

/// Credentials that expire at once, so that each call refreshes them. Detects two threads that do so at once.
class Exclusive_Credentials final : public Credentials_Provider {
public:
    Result<Credentials> credentials() override {
        if (busy_.exchange(true)) shared = true;
        ++refreshed;
        busy_ = false;
        return Credentials{"AKID", "secret", "", {}};
    }
    std::atomic<bool> shared = false;
    int refreshed = 0;

private:
    std::atomic<bool> busy_ = false;
};

TEST(Pooled_Transport_Test, threads_share_a_client_over_http) {
    constexpr int threads = 8, calls = 20;
    test::Small_Server server([](const wire::Request& request) {
        const bool busy = request.body.bytes().find("busy") != std::string::npos;
        wire::Response response{.status = busy ? 503 : 200};
        response.body = request.body.bytes();
        return response;
    });
    const auto credentials = std::make_shared<Exclusive_Credentials>();
    Target target{.endpoint_url = server.url(), .region = "us-east-1", .credentials = credentials, .transport = {}};
    target.transport = make_pooled_transport([&] { return make_tcp_transport("127.0.0.1", server.port()); });
    Aws_Client client(std::move(target), Retry_Policy({.sleep = [](auto) {}, .random = [] { return 0.5; }}));
    std::atomic<int> wrong = 0;
    run_threads(threads, [&](int thread) {
        for (int i = 0; i < calls; ++i) {
            const Json body{{"thread", thread}, {"call", i}};
            const auto response = client.json("lambda", "POST", "/", body);
            if (!response || *response != body) ++wrong;
            if (client.json("lambda", "POST", "/", {{"busy", i}})) ++wrong;
        }
    });
    EXPECT_EQ(wrong, 0) << "a thread received the response to another request";
    EXPECT_FALSE(credentials->shared);
    EXPECT_LE(server.connections(), threads);
    EXPECT_GE(credentials->refreshed, 2 * threads * calls);
}

}  // namespace
}  // namespace osbot_aws::client
