// sdk_invoke FUNCTION TIMES: what a call of Lambda::invoke takes in C++, in microseconds, a line each; the control of
// python_numbers.py, which sets AWS_ENDPOINT_URL.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    osbot_aws::Lambda function(argv[1]);
    const osbot_aws::Json event{{"n", 1}};
    for (int left = std::atoi(argv[2]); left > 0; --left) {
        const auto begin = std::chrono::steady_clock::now();
        if (function.invoke(event) != event) return 1;
        const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
        fmt::print("{:.1f}\n", took.count());
    }
}
