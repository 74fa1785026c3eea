// What one Invoke costs its caller in CPU (SPECIFICATION.md): signing, one write, one read, parsing; the echo server
// runs on a thread of its own and is not counted. `bytes_only` is the same exchange of the connection alone, the
// control: the difference is the client's own work, most of it the signature's hashes. Expected: flat in the number of
// calls.
#include <benchmark/benchmark.h>

#include "../invoke/raw_echo.hpp"
#include "base/http_connection.hpp"
#include "client/aws_client.hpp"
#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

constexpr const char* path = "/2015-03-31/functions/echo/invocations";
const Json event{{"order_id", "ORD-1"}};

void invoke(benchmark::State& state) {
    const bench::Raw_Echo server;
    Aws_Client client({"http://127.0.0.1:" + std::to_string(server.port()), "us-east-1",
                       static_credentials({"test", "test", "", {}}), make_tcp_transport("127.0.0.1", server.port())});
    for (auto _ : state) {
        const auto answer = client.json("lambda", "POST", path, event);
        if (!answer || *answer != event) return state.SkipWithError("the answer is another");
    }
}

void bytes_only(benchmark::State& state) {
    const bench::Raw_Echo server;
    auto connection = base::Http_Connection::connect_tcp("127.0.0.1", server.port(), std::chrono::seconds(5)).value();
    const std::string body = event.dump();
    for (auto _ : state) {
        const auto reply = connection.exchange("POST / HTTP/1.1\r\nHost: h\r\n", body, std::chrono::seconds(5));
        if (!reply || reply->body != body) return state.SkipWithError("the answer is another");
    }
}

BENCHMARK(invoke)->Name("client/invoke")->Unit(benchmark::kMicrosecond);
BENCHMARK(bytes_only)->Name("client/invoke/bytes_only")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace osbot_aws::client

BENCHMARK_MAIN();
