#include "cli/output/activity.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <utility>

#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::chrono::milliseconds first_frame_delay{150}, frame_interval{80}, bar_delay{500};
constexpr const char* frames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::string_view erase_line = "\r\033[K";

std::atomic<bool> is_drawn = false;  // read by a signal handler: lock-free on every target
static_assert(std::atomic<bool>::is_always_lock_free);

void write_to_stderr(std::string_view text) { [[maybe_unused]] const auto done = ::write(2, text.data(), text.size()); }

void exit_on_signal(int signal) {
    if (is_drawn) write_to_stderr(erase_line);
    ::_exit(128 + signal);
}

}  // namespace

Activity::Activity(std::string text, bool enabled) : text_(std::move(text)) {
    if (enabled && is_terminal(2)) drawer_ = std::thread([this] { draw_until_stopped(); });
}

Activity::~Activity() {
    if (!drawer_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_signal_.notify_one();
    drawer_.join();
}

void Activity::set_text(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    start_ = Clock::now();
    sent_bytes_ = total_bytes_ = 0;
}

void Activity::set_sent(std::uint64_t bytes, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    if (total != total_bytes_ || bytes < sent_bytes_) transfer_start_ = Clock::now();  // a new transfer, or a retry
    sent_bytes_ = bytes;
    total_bytes_ = total;
}

void Activity::print_line(const std::string& line) {
    const std::lock_guard lock(mutex_);
    erase();
    write_to_stderr(line + "\n");
}

void Activity::draw_until_stopped() {
    std::unique_lock lock(mutex_);
    const auto stopping = [&] { return stopping_; };
    for (auto wait = first_frame_delay; !stop_signal_.wait_for(lock, wait, stopping); wait = frame_interval) {
        ++frame_;
        draw();
    }
    erase();
}

std::string Activity::detail() const {
    const auto now = Clock::now();
    if (total_bytes_ > 0 && now - transfer_start_ >= bar_delay)
        return " " + transfer_text(sent_bytes_, total_bytes_, now - transfer_start_);
    const auto elapsed_s = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
    return elapsed_s > 0 ? fmt::format(" {} s", elapsed_s) : "";
}

void Activity::draw() const {
    const std::string line = fmt::format("{} {}{}", frames[frame_ % std::size(frames)], text_, detail());
    is_drawn = true;
    write_to_stderr(std::string(erase_line) + cut(line, width_of(2)));
}

void Activity::erase() const {
    if (is_drawn.exchange(false)) write_to_stderr(erase_line);
}

void exit_cleanly_on_signals() {
    for (const int signal : {SIGINT, SIGTERM}) {
        struct sigaction current {};
        if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN) continue;  // as under nohup
        struct sigaction action {};
        action.sa_handler = &exit_on_signal;
        ::sigaction(signal, &action, nullptr);
    }
}

}  // namespace osbot_aws::cli
