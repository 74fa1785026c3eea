#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace osbot_aws::services {

/// Converts the output of a process to log events, one per line or record of its runtime, and retains the last 4 KB for
/// LogType Tail.
class Log_Capture {
public:
    static constexpr std::size_t tail_bytes_max = 4096;
    /// CloudWatch's limit for one event; longer lines are split into several events.
    static constexpr std::size_t line_bytes_max = 262'144;

    /// Calls `observer` with each line of output from now on.
    void observe_output(std::function<void(std::string_view line, std::int64_t ms)> observer) {
        observer_ = std::move(observer);
    }
    /// Adds output of the process. An incomplete line waits for the rest.
    void output(std::string_view bytes, std::int64_t now_ms);
    /// Adds a line of the platform (START, END, REPORT) after the output so far.
    void line(std::string text, std::int64_t now_ms);
    /// Completes an unfinished line, because the event that printed it has ended.
    void end_line(std::int64_t now_ms);

    void begin_tail() { tail_.clear(); }
    const std::string& tail() const { return tail_; }
    /// Returns the events since the last call.
    std::vector<store::Log_Event> take() { return waiting_bytes_ = 0, std::exchange(events_, {}); }
    /// Returns the memory of the events that take() would return.
    std::size_t waiting_bytes() const { return waiting_bytes_; }
    bool empty() const { return events_.empty(); }

private:
    void add_output(std::int64_t now_ms);
    void add(std::string message, std::int64_t now_ms);

    std::function<void(std::string_view, std::int64_t)> observer_;
    std::string unfinished_;
    std::string tail_;
    std::size_t waiting_bytes_ = 0;
    std::vector<store::Log_Event> events_;
};

}  // namespace osbot_aws::services
