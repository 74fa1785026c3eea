#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace osbot_aws::engine {

/// Turns what a process prints into log events, a line each, and keeps the last 4 KB for LogType Tail.
class Log_Capture {
public:
    static constexpr std::size_t tail_bytes_max = 4096;
    static constexpr std::size_t line_bytes_max =
        262'144;  ///< CloudWatch's limit of one event; longer lines are cut into several

    /// Output as it comes from the pipe; an unfinished line waits for its rest.
    void output(std::string_view bytes, std::int64_t now_ms);
    /// A line of our own (START, END, REPORT), after what was printed before it.
    void line(std::string text, std::int64_t now_ms);
    /// An unfinished line counts as finished: the event that printed it is over.
    void end_line(std::int64_t now_ms);

    void begin_tail() { tail_.clear(); }
    const std::string& tail() const { return tail_; }
    /// The events since the last call.
    std::vector<store::Log_Event> take() { return waiting_bytes_ = 0, std::exchange(events_, {}); }
    std::size_t waiting_bytes() const { return waiting_bytes_; }
    bool empty() const { return events_.empty(); }

private:
    void add(std::string message, std::int64_t now_ms);

    std::string unfinished_;
    std::string tail_;
    std::size_t waiting_bytes_ = 0;
    std::vector<store::Log_Event> events_;
};

}  // namespace osbot_aws::engine
