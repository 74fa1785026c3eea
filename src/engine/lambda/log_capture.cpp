#include "engine/lambda/log_capture.hpp"

#include <algorithm>

namespace osbot_aws::engine {

void Log_Capture::output(std::string_view bytes, std::int64_t now_ms) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        unfinished_.append(bytes.substr(0, end));
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        add(std::exchange(unfinished_, {}), now_ms);
    }
    while (unfinished_.size() >= line_bytes_max) {
        add(unfinished_.substr(0, line_bytes_max), now_ms);
        unfinished_.erase(0, line_bytes_max);
    }
}

void Log_Capture::line(std::string text, std::int64_t now_ms) {
    end_line(now_ms);
    add(std::move(text), now_ms);
}

void Log_Capture::end_line(std::int64_t now_ms) {
    if (!unfinished_.empty()) add(std::exchange(unfinished_, {}), now_ms);
}

void Log_Capture::add(std::string message, std::int64_t now_ms) {
    if (!message.empty() && message.back() == '\r') message.pop_back();
    // Runtimes write \r between the lines of a record, so that the record is one event.
    std::replace(message.begin(), message.end(), '\r', '\n');
    message += '\n';
    tail_ += message;
    if (tail_.size() > 2 * tail_bytes_max) tail_.erase(0, tail_.size() - tail_bytes_max);
    events_.push_back({.timestamp_ms = now_ms, .ingestion_ms = now_ms, .sequence = 0, .message = std::move(message)});
    waiting_bytes_ += events_.back().memory_bytes();
}

}  // namespace osbot_aws::engine
