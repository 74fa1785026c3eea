#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "wire/http.hpp"

namespace osbot_aws::wire {

/// A body that is produced while the message is sent. It has one writer and one reader, on one thread. Bytes that are
/// written before read() is called are buffered.
class Body_Stream {
public:
    struct End {
        bool complete = true;  ///< false: the body was aborted
        Headers trailers;
    };

    void write(std::string_view piece);
    /// Ends the body. Later calls of the writer have no effect.
    void end(End end);
    bool ended() const { return ended_; }

    /// Sets the function that the reader calls when it can accept more bytes: when read() is called, in request_more(),
    /// and a last time in abandon().
    void on_demand(std::function<void()> produce_more) { produce_more_ = std::move(produce_more); }
    /// Sets the reader: `on_bytes` is called with buffered and new bytes, then `on_end` once.
    void read(std::function<void(std::string_view)> on_bytes, std::function<void(const End&)> on_end);

    /// Called by the reader when its buffer is full. A writer that can wait checks paused() and waits for on_demand().
    void pause() { paused_ = true; }
    bool paused() const { return paused_; }
    /// Called by the reader when it can accept more bytes. No effect on the writer without on_demand() or after end().
    void request_more();

    /// Called by the reader when the rest is not needed (the client closed the connection). Long-running writers check
    /// abandoned() periodically.
    void abandon();
    bool abandoned() const { return abandoned_; }
    /// Returns the number of bytes that were written and not sent yet: buffered in this object or in the reader, which
    /// reports its part with set_unsent().
    std::size_t unsent() const { return waiting_.size() + unsent_at_reader_; }
    void set_unsent(std::size_t bytes) { unsent_at_reader_ = bytes; }

    /// For a stream that converts the bytes of `source`: passes request_more() and abandon() on to it. After each
    /// write, the converter calls source->set_unsent() with the unsent bytes of this stream.
    void draw_from(std::weak_ptr<Body_Stream> source);

private:
    void deliver_end();

    std::string waiting_;
    End end_;
    bool ended_ = false, abandoned_ = false, paused_ = false;
    std::size_t unsent_at_reader_ = 0;
    std::function<void()> produce_more_;
    std::function<void(std::string_view)> on_bytes_;
    std::function<void(const End&)> on_end_;
};

}  // namespace osbot_aws::wire
