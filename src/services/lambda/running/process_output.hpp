#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "base/files.hpp"
#include "services/context.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/running/log_capture.hpp"
#include "services/logs/logs.hpp"

namespace osbot_aws::services {

/// The output of an environment's process: reads its pipe and passes the lines to the log of the function.
///
/// The lines of an event are passed on when it ends. The memory of the log is limited: above a first limit, the lines
/// are passed on earlier; above a second one, the process is not read until the store has written them, and blocks when
/// its pipe is full.
class Process_Output {
public:
    /// `on_written` is called after is_behind() became false.
    Process_Output(Context& context, Logs& logs, Function_Ptr function, std::function<void()> on_written);
    /// For further processes, whose lines are part of the same log stream.
    Process_Output(Context& context, Logs& logs, Function_Ptr function, std::string log_stream);

    const std::string& log_stream() const { return log_stream_; }
    Log_Capture& capture() { return log_; }

    /// Creates the pipe of a process and returns the end to write to. Errors: ServiceException.
    Result<base::Unique_Fd> open();
    /// Reads the output from now on.
    void watch();
    /// Reads the output that the process has written, until the lines that were not passed to the log exceed
    /// `waiting_max`. Returns the size in bytes.
    std::size_t drain(std::size_t waiting_max = std::numeric_limits<std::size_t>::max());
    /// Reads the output that the process has written, for the last time.
    void close();

    /// The lines from now on belong to an event: they wait for its end, and are its tail.
    void begin_event();
    /// Passes the lines of the event to the log.
    void end_event();
    /// Returns the last 4 KB of the event's lines.
    std::string tail() const;
    /// Passes the lines so far to the log.
    void flush();
    /// Returns true if too much of the log is not written yet.
    bool is_behind() const { return unwritten_bytes_ > unwritten_bytes_max; }

private:
    static constexpr std::size_t unwritten_bytes_max = 1 << 19;

    void readable();
    void confirm_written();
    void written(std::size_t bytes);
    std::int64_t now_ms() const;

    Context& context_;
    Logs& logs_;
    Function_Ptr function_;
    std::string log_stream_;
    std::function<void()> on_written_;
    base::Unique_Fd pipe_;
    base::Subscription_Ptr watch_, pause_;
    Log_Capture log_;
    bool in_event_ = false;
    bool held_ = false;                // written() watches again
    std::size_t unwritten_bytes_ = 0;  // passed to the log, and not known to be written
    bool confirming_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
