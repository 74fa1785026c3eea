// The output of a function: it becomes the same log events however the pipe splits it, within the limit of each.
#include "fuzz.hpp"
#include "services/lambda/running/log_capture.hpp"

using osbot_aws::services::Log_Capture;
using namespace std::string_literals;

namespace {

struct Captured {
    std::vector<std::string> messages;
    std::string tail;
    auto operator<=>(const Captured&) const = default;
};

Captured capture(std::string_view text, std::size_t piece) {
    Log_Capture log;
    log.begin_tail();
    for (std::size_t at = 0; at < text.size(); at += piece) log.output(text.substr(at, piece), 1);
    log.end_line(1);
    log.line("END", 1);
    Captured captured;
    captured.tail = log.tail();
    for (auto& event : log.take()) captured.messages.push_back(std::move(event.message));
    require(log.empty() && log.waiting_bytes() == 0);
    return captured;
}

}  // namespace

std::vector<std::string> seeds() {
    return {std::string(Log_Capture::line_bytes_max, 'x') + "\n", std::string(Log_Capture::line_bytes_max + 1, 'x'),
            std::string(10'000, '\n'), repeated(Log_Capture::tail_bytes_max / 2, "\xc3\xa9") + "\n",
            "[ERROR] one\0\rtwo\n"s};
}

void run_target(std::string_view bytes) {
    const Captured whole = capture(bytes, bytes.size() + 1), pieces = capture(bytes, 8);
    require(whole == pieces);
    require(whole.tail.size() <= 2 * Log_Capture::tail_bytes_max);  // the environment returns its end
    std::size_t total = 0;
    for (const std::string& message : whole.messages) {
        require(message.size() <= Log_Capture::line_bytes_max + 1);  // with its line break
        total += message.size();
    }
    require(total <= bytes.size() + bytes.size() / Log_Capture::line_bytes_max + 5);  // line breaks, and "END"
}
