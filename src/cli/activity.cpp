#include "cli/activity.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <utility>

#include "cli/sizes.hpp"
#include "cli/terminal.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::chrono::milliseconds a_moment{150}, between_frames{80}, worth_a_bar{500};
constexpr const char* frames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::string_view wiped_line = "\r\033[K";

std::atomic<bool> is_drawn = false;  // read by a signal handler: lock-free on every target
static_assert(std::atomic<bool>::is_always_lock_free);

void write_to_stderr(std::string_view text) { [[maybe_unused]] const auto done = ::write(2, text.data(), text.size()); }

void end_interrupted(int signal) {
    if (is_drawn) write_to_stderr(wiped_line);
    ::_exit(128 + signal);
}

}  // namespace

Activity::Activity(std::string what, bool wanted) : what_(std::move(what)) {
    if (wanted && is_terminal(2)) mover_ = std::thread([this] { move(); });
}

Activity::~Activity() {
    if (!mover_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    woken_.notify_one();
    mover_.join();
}

void Activity::now(std::string what) {
    const std::lock_guard lock(mutex_);
    what_ = std::move(what);
    began_ = Clock::now();
    sent_ = sent_of_ = 0;
}

void Activity::sent(std::uint64_t bytes, std::uint64_t of) {
    const std::lock_guard lock(mutex_);
    if (of != sent_of_ || bytes < sent_) sending_began_ = Clock::now();  // another one, or the same once more
    sent_ = bytes;
    sent_of_ = of;
}

void Activity::say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    wipe();
    write_to_stderr(line + "\n");
}

void Activity::move() {
    std::unique_lock lock(mutex_);
    const auto ended = [&] { return ends_; };
    for (auto wait = a_moment; !woken_.wait_for(lock, wait, ended); wait = between_frames) {
        ++frame_;
        draw();
    }
    wipe();
}

std::string Activity::detail() const {
    const auto now = Clock::now();
    if (sent_of_ > 0 && now - sending_began_ >= worth_a_bar)
        return " " + transfer_text(sent_, sent_of_, now - sending_began_);
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
    return took > 0 ? fmt::format(" {} s", took) : "";
}

void Activity::draw() const {
    const std::string line = fmt::format("{} {}{}", frames[frame_ % std::size(frames)], what_, detail());
    is_drawn = true;
    write_to_stderr(std::string(wiped_line) + cut(line, width_of(2)));
}

void Activity::wipe() const {
    if (is_drawn.exchange(false)) write_to_stderr(wiped_line);
}

void end_cleanly_when_interrupted() {
    for (const int one : {SIGINT, SIGTERM}) {
        struct sigaction before {};
        if (::sigaction(one, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;  // nohup and its kin
        struct sigaction after {};
        after.sa_handler = &end_interrupted;
        ::sigaction(one, &after, nullptr);
    }
}

}  // namespace osbot_aws::cli
