#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "http/http_limits.hpp"
#include "http/socket.hpp"
#include "wire/body_stream.hpp"
#include "wire/http.hpp"

namespace osbot_aws::http {

/// The framing of a response, which depends on its request.
struct Framing {
    bool keep_alive = true;
    bool is_head_request = false;  ///< the response has the fields of the body, but not the body
    const std::string& date;
    const wire::Headers& cors;  ///< additional fields
};

/// Writes the responses of a connection, one at a time: bytes, a slice of a file, or a stream.
class Response_Writer {
public:
    /// `written` is called after each response: false if its body is incomplete.
    Response_Writer(Socket& socket, const Http_Limits& limits, std::function<void(bool complete)> written)
        : socket_(socket), limits_(limits), written_(std::move(written)) {}
    /// The connection, which pending operations keep alive.
    void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    /// Prepares for the response to the next request.
    void begin() { state_ = State::none; }
    bool responded() const { return state_ != State::none; }
    void write(wire::Response response, const Framing& framing);
    /// Writes the response together with the next one.
    void delay(const wire::Response& response, const Framing& framing);
    void send_continue(std::function<void(const Error_Code&)> done);

    /// Returns true if the client has read nothing of the response for too long.
    bool stalled(Steady::time_point now) const { return progress_deadline_ && now > *progress_deadline_; }
    /// Abandons a streamed response. The stream has a reference to the connection, which has one to the stream.
    void release();

private:
    enum class State { none, sending, sending_file, sending_stream, sent };

    template <class Buffers, class Done>
    void send(const Buffers& buffers, Done done);
    void finish(bool complete);
    void write_file_block();
    void write_stream(const std::shared_ptr<wire::Body_Stream>& stream, bool in_chunks);
    void send_unsent();

    Socket& socket_;
    const Http_Limits& limits_;
    std::function<void(bool)> written_;
    std::weak_ptr<void> owner_;
    State state_ = State::none;
    std::optional<Steady::time_point> progress_deadline_;
    std::string delayed_, head_;  // head_ with delayed responses before it
    wire::Body body_;
    wire::File_Slice slice_;  // the unsent rest
    base::Unique_Fd file_;
    std::shared_ptr<wire::Body_Stream> stream_;  // nullptr after its end
    bool complete_ = true;                       // the stream
    std::string unsent_, being_sent_;            // of the stream; of the file
};

}  // namespace osbot_aws::http
