// Measures the CPU cost of one Invoke for the caller (SPECIFICATION.md): signing, one write, one read, parsing. The
// echo server runs on a separate thread and is not counted. The control, `bytes_only`, sends the same bytes over the
// connection. The difference is the client's work, mostly the hashes of the signature. Expected: independent of the
// number of calls.
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
        const auto response = client.json("lambda", "POST", path, event);
        if (!response || *response != event) return state.SkipWithError("unexpected response");
    }
}

void bytes_only(benchmark::State& state) {
    const bench::Raw_Echo server;
    auto connection = base::Http_Connection::connect_tcp("127.0.0.1", server.port(), std::chrono::seconds(5)).value();
    const std::string body = event.dump();
    for (auto _ : state) {
        const auto reply = connection.exchange("POST / HTTP/1.1\r\nHost: h\r\n", body, std::chrono::seconds(5));
        if (!reply || reply->body != body) return state.SkipWithError("unexpected response");
    }
}

BENCHMARK(invoke)->Name("client/invoke")->Unit(benchmark::kMicrosecond);
BENCHMARK(bytes_only)->Name("client/invoke/bytes_only")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace osbot_aws::client

BENCHMARK_MAIN();
