// Calls a function from several threads that share a session. docs/reference/parallel_calls.md quotes it.
#include <iostream>
#include <thread>
#include <vector>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

Json orders(const Json& event, const Context&) { return {{"done", event.at("order")}}; }

// [start threads]
void call_from_threads() {
    const Session session;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([session, i] { Lambda("orders", session).invoke({{"order", i}}); });
    for (std::thread& thread : threads) thread.join();
}
// [end threads]

// [start futures]
void call_with_futures() {
    const Lambda function("orders");
    std::vector<std::future<Json>> results;
    for (int i = 0; i < 8; ++i) results.push_back(function.invoke_future({{"order", i}}));
    for (auto& result : results) std::cout << result.get() << '\n';
}
// [end futures]

int main() {
    Deploy_Lambda deploy{handler<orders>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;
    call_from_threads();
    call_with_futures();
}
