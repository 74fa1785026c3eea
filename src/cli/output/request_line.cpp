#include "cli/output/request_line.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/time_text.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

constexpr int status_of_errors = 400, status_of_faults = 500;

}  // namespace

std::string request_line(const engine::Handled_Request& request, base::Time now) {
    const bool failed = request.status >= status_of_errors;
    const double duration_ms = static_cast<double>(request.duration.count()) / 1000;
    const std::string line =
        fmt::format("{} {} {} {} {} {:.1f} ms", base::iso8601_ms_z(now).substr(11, 8), failed ? "!" : " ",
                    request.method, request.operation, request.status, duration_ms);
    if (!failed) return line;
    return painted(line, request.status >= status_of_faults ? Colour::red : Colour::yellow, 2);
}

void print_request(const engine::Handled_Request& request) {
    pollfd writable{2, POLLOUT, 0};
    if (::poll(&writable, 1, 0) != 1 || (writable.revents & POLLOUT) == 0) return;
    const std::string line = request_line(request, std::chrono::system_clock::now()) + "\n";
    [[maybe_unused]] const auto written = ::write(2, line.data(), line.size());
}

}  // namespace osbot_aws::cli
