// sdk_invoke FUNCTION CALLS: prints the duration of each call of Lambda::invoke in microseconds, one per line. It is
// the baseline of python_numbers.py, which sets AWS_ENDPOINT_URL.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    osbot_aws::Lambda function(argv[1]);
    const osbot_aws::Json event{{"n", 1}};
    for (int calls = std::atoi(argv[2]); calls > 0; --calls) {
        const auto start = std::chrono::steady_clock::now();
        if (function.invoke(event) != event) return 1;
        const std::chrono::duration<double, std::micro> duration = std::chrono::steady_clock::now() - start;
        fmt::print("{:.1f}\n", duration.count());
    }
}
