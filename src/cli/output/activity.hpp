#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace osbot_aws::cli {

/// Shows progress while a command waits. If stderr is a terminal and the activity takes longer than 150 ms, a status
/// line with a spinner, the text and the elapsed time is drawn on stderr. The destructor erases it. Draws nothing if
/// stderr is not a terminal.
///
/// Draws on its own thread, so the process must not fork while an Activity exists.
class Activity {
public:
    explicit Activity(std::string text, bool enabled = true);
    ~Activity();
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

    void set_text(std::string text);  ///< starts the next step: resets the elapsed time and the transfer
    /// Sets how many bytes of a transfer were sent. A bar is drawn if the transfer takes longer than half a second.
    void set_sent(std::uint64_t bytes, std::uint64_t total);
    void print_line(const std::string& line);  ///< prints a permanent line on stderr, even if it is not a terminal

private:
    using Clock = std::chrono::steady_clock;

    void draw_until_stopped();
    void draw() const;
    void erase() const;
    std::string detail() const;

    std::mutex mutex_;
    std::condition_variable stop_signal_;
    std::string text_;
    Clock::time_point start_ = Clock::now(), transfer_start_;
    std::uint64_t sent_bytes_ = 0, total_bytes_ = 0;  ///< total 0: no transfer
    unsigned frame_ = 0;
    bool stopping_ = false;
    std::thread drawer_;
};

/// Makes Ctrl-C and SIGTERM erase the status line and exit with 130 and 143. Call once, from main().
void exit_cleanly_on_signals();

}  // namespace osbot_aws::cli
