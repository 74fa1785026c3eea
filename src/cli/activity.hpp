#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace osbot_aws::cli {

/// Something that somebody waits for: on a terminal, when it takes longer than a moment, a line on stderr that moves
/// and says what goes on and for how long; gone without a trace when this ends. Elsewhere nothing at all.
///
/// It has a thread of its own, so nothing may fork beside it.
class Activity {
public:
    explicit Activity(std::string what, bool wanted = true);
    ~Activity();
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

    void now(std::string what);  ///< something else goes on from here
    /// So many of its bytes have gone; a bar shows it when that takes longer than half a second.
    void sent(std::uint64_t bytes, std::uint64_t of);
    void say(const std::string& line);  ///< a line that stays, on stderr, terminal or not

private:
    using Clock = std::chrono::steady_clock;

    void move();
    void draw() const;
    void wipe() const;
    std::string detail() const;

    std::mutex mutex_;
    std::condition_variable woken_;
    std::string what_;
    Clock::time_point began_ = Clock::now(), sending_began_;
    std::uint64_t sent_ = 0, sent_of_ = 0;  ///< 0: nothing is sent
    unsigned frame_ = 0;
    bool ends_ = false;
    std::thread mover_;
};

/// Ctrl-C and SIGTERM end the command with 130 and 143, and leave no half a line behind. For main(), once.
void end_cleanly_when_interrupted();

}  // namespace osbot_aws::cli
