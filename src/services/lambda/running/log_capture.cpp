#include "services/lambda/running/log_capture.hpp"

#include <algorithm>
#include <utility>

namespace osbot_aws::services {
namespace {

/// The runtimes write this instead of the line breaks of a record, so that the record is one event.
constexpr std::string_view break_in_record{"\0\r", 2};

std::string with_line_breaks(std::string_view record) {
    std::string text;
    for (auto end = record.find(break_in_record); end != std::string_view::npos; end = record.find(break_in_record)) {
        text.append(record.substr(0, end)) += '\n';
        record.remove_prefix(end + break_in_record.size());
    }
    return text.append(record);
}

}  // namespace

void Log_Capture::output(std::string_view bytes, std::int64_t now_ms) {
    while (!bytes.empty()) {
        if (unfinished_.size() == line_bytes_max && bytes.front() != '\n') add_output(now_ms);
        const auto part = bytes.substr(0, std::min(bytes.find('\n'), line_bytes_max - unfinished_.size()));
        unfinished_ += part;
        bytes.remove_prefix(part.size());
        if (!bytes.starts_with('\n')) continue;  // an incomplete line, or the rest of a long one
        bytes.remove_prefix(1);
        add_output(now_ms);
    }
}

void Log_Capture::line(std::string text, std::int64_t now_ms) {
    end_line(now_ms);
    add(std::move(text), now_ms);
}

void Log_Capture::end_line(std::int64_t now_ms) {
    if (!unfinished_.empty()) add_output(now_ms);
}

void Log_Capture::add_output(std::int64_t now_ms) {
    std::string text = with_line_breaks(std::exchange(unfinished_, {}));
    if (observer_) observer_(text, now_ms);
    add(std::move(text), now_ms);
}

void Log_Capture::add(std::string message, std::int64_t now_ms) {
    if (!message.empty() && message.back() == '\r') message.pop_back();
    message += '\n';
    tail_ += message;
    if (tail_.size() > 2 * tail_bytes_max) tail_.erase(0, tail_.size() - tail_bytes_max);
    events_.push_back({.timestamp_ms = now_ms, .ingestion_ms = now_ms, .sequence = 0, .message = std::move(message)});
    waiting_bytes_ += events_.back().memory_bytes();
}

}  // namespace osbot_aws::services
