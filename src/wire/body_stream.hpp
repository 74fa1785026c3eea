#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "wire/http.hpp"

namespace osbot_aws::wire {

/// A body whose bytes come while the message is under way. One writes, one reads, on one thread; what is written before
/// somebody reads waits.
class Body_Stream {
public:
    struct End {
        bool complete = true;  ///< false: it broke off
        Headers trailers;
    };

    void write(std::string_view piece);
    /// The last call of the writer; further ones do nothing.
    void end(End end);
    bool ended() const { return ended_; }

    /// A writer that must not run ahead of its reader: `make_more` is called when there is a reader, and again whenever
    /// it has done with what was written.
    void on_demand(std::function<void()> make_more) { make_more_ = std::move(make_more); }
    /// The reader: it has room. Nothing happens when the writer has ended or goes at its own speed.
    void want_more();

    /// `on_bytes` gets what has come and what comes, `on_end` follows, once.
    void read(std::function<void(std::string_view)> on_bytes, std::function<void(const End&)> on_end);

    /// The reader has as much as it can take for now. A writer that can wait does, until the reader goes on.
    void hold() { held_ = true; }
    bool held() const { return held_; }
    void go_on();
    /// What the waiting writer does then; once.
    void when_going_on(std::function<void()> task) { on_going_on_ = std::move(task); }

    /// The reader says that nobody will have the rest (its connection is gone). It changes nothing here: a writer that
    /// goes on for hours asks now and then.
    void abandon() { abandoned_ = true; }
    bool abandoned() const { return abandoned_; }
    /// What was written and has not left yet: here, and at the reader, who says how much.
    std::size_t unsent() const { return waiting_.size() + unsent_at_reader_; }
    void set_unsent(std::size_t bytes) { unsent_at_reader_ = bytes; }

private:
    void deliver_end();

    std::string waiting_;
    End end_;
    bool ended_ = false, abandoned_ = false, held_ = false;
    std::size_t unsent_at_reader_ = 0;
    std::function<void()> make_more_;
    std::function<void(std::string_view)> on_bytes_;
    std::function<void(const End&)> on_end_;
    std::function<void()> on_going_on_;
};

/// One event of application/vnd.amazon.eventstream, as it goes over the wire.
/// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
std::string event_frame(std::string_view event_type, std::string_view content_type, std::string_view payload);
/// One exception in such a stream, in JSON: what ends it.
std::string exception_frame(std::string_view exception_type, std::string_view payload);

}  // namespace osbot_aws::wire
