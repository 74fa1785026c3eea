#include "services/lambda/running/process_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "base/random.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::chrono::milliseconds pause_between_reads{1};
constexpr std::size_t pipe_bytes = 65536;  // the capacity of a pipe on Linux
constexpr std::size_t read_bytes = 8192;   // one read; a line in memory is larger than in the pipe
constexpr std::size_t waiting_bytes_max = 1 << 18;

/// 2026/11/23/[$LATEST]0123...
std::string new_log_stream(base::Time now, const std::string& version) {
    const std::string date = base::iso8601_z(now).substr(0, 10);
    return fmt::format("{}/{}/{}/[{}]{}", date.substr(0, 4), date.substr(5, 2), date.substr(8, 2), version,
                       base::random_hex(32));
}

}  // namespace

Process_Output::Process_Output(Context& context, Logs& logs, Function_Ptr function, std::function<void()> on_written)
    : context_(context),
      logs_(logs),
      function_(std::move(function)),
      log_stream_(new_log_stream(context.now(), function_->version)),
      on_written_(std::move(on_written)) {}

Process_Output::Process_Output(Context& context, Logs& logs, Function_Ptr function, std::string log_stream)
    : context_(context),
      logs_(logs),
      function_(std::move(function)),
      log_stream_(std::move(log_stream)),
      on_written_([] {}) {}

std::int64_t Process_Output::now_ms() const { return base::unix_ms(context_.now()); }

Result<base::Unique_Fd> Process_Output::open() {
    assert(!pipe_);  // close() ends the output of an earlier process
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return Error{"ServiceException", fmt::format("cannot create a pipe: {}", std::strerror(errno)), 500};
    pipe_.reset(ends[0]);
    ::fcntl(ends[1], F_SETFL, 0);  // writes of the function block, as on a terminal or file
    return base::Unique_Fd(ends[1]);
}

void Process_Output::watch() {
    if (pipe_) watch_ = context_.loop.when_readable(pipe_.fd(), [this] { readable(); });
}

void Process_Output::readable() {
    const std::size_t received = drain(waiting_bytes_max);
    if (!in_event_ || log_.waiting_bytes() > waiting_bytes_max) flush();
    held_ = is_behind();
    if (held_) return watch_.reset();
    if (received > pipe_bytes / 4) return;  // the function prints fast and would block on a full pipe
    // A function that prints line by line would otherwise wake this loop for each line and be slowed down.
    watch_.reset();
    pause_ = context_.loop.after(pause_between_reads, [this] { watch(); });
}

std::size_t Process_Output::drain(std::size_t waiting_max) {
    if (!pipe_) return 0;
    char block[read_bytes];
    // The output written so far fits in one pipe. Reading until the pipe is empty would let a process that never stops
    // writing block the loop.
    std::size_t remaining = pipe_bytes;
    while (remaining > 0 && log_.waiting_bytes() <= waiting_max) {
        const ssize_t size = ::read(pipe_.fd(), block, std::min(remaining, read_bytes));
        if (size < 0 && errno == EINTR) continue;
        if (size == 0) {  // all writers closed; the exit is watched separately
            watch_.reset();
            pipe_.reset();
        }
        if (size <= 0) break;
        remaining -= static_cast<std::size_t>(size);
        log_.output({block, static_cast<std::size_t>(size)}, now_ms());
    }
    return pipe_bytes - remaining;
}

void Process_Output::close() {
    drain();
    watch_.reset();
    pause_.reset();
    pipe_.reset();
}

void Process_Output::begin_event() {
    in_event_ = true;
    log_.begin_tail();
}

void Process_Output::end_event() {
    in_event_ = false;
    flush();
}

std::string Process_Output::tail() const {
    const std::string& tail = log_.tail();
    return tail.substr(tail.size() - std::min(tail.size(), Log_Capture::tail_bytes_max));
}

void Process_Output::flush() {
    if (!in_event_) log_.end_line(now_ms());
    if (log_.empty()) return;
    unwritten_bytes_ += log_.waiting_bytes();
    logs_.append(function_->account, function_->log_group, log_stream_, log_.take());
    confirm_written();
}

/// Asks before the limit is reached, so that a function that prints little never waits. Small logs are not confirmed:
/// the store writes them without haste.
void Process_Output::confirm_written() {
    if (confirming_ || unwritten_bytes_ <= unwritten_bytes_max / 2) return;
    confirming_ = true;
    logs_.when_written([this, alive = std::weak_ptr<int>(alive_), bytes = unwritten_bytes_] {
        if (!alive.expired()) written(bytes);
    });
}

void Process_Output::written(std::size_t bytes) {
    assert(bytes <= unwritten_bytes_);
    confirming_ = false;
    unwritten_bytes_ -= bytes;
    confirm_written();
    if (is_behind()) return;
    if (std::exchange(held_, false)) watch();
    on_written_();
}

}  // namespace osbot_aws::services
