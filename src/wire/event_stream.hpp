#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

// application/vnd.amazon.eventstream. Source: https://smithy.io/2.0/aws/amazon-eventstream.html

/// Encodes an event.
std::string event_frame(std::string_view event_type, std::string_view content_type, std::string_view payload);
/// Encodes an exception (JSON), which ends a stream.
std::string exception_frame(std::string_view exception_type, std::string_view payload);

/// One message of a stream.
struct Event_Message {
    Headers headers;  ///< headers with text values; `:message-type` is event, exception or error
    std::string payload;
};

/// Decodes a stream of messages, which arrives in pieces of any size.
class Event_Stream_Decoder {
public:
    /// Returns false to stop decoding.
    using On_Message = std::function<bool(const Event_Message&)>;

    /// Decodes the next piece and calls `on_message` for each complete message. Returns false if `on_message` did.
    /// Errors: EventStreamError if a checksum or a length is wrong; the rest of the stream cannot be decoded.
    Result<bool> feed(std::string_view bytes, const On_Message& on_message);

    static constexpr std::size_t message_bytes_max = 24u << 20;  ///< botocore's eventstream.py: payload and headers

private:
    std::string waiting_;
};

}  // namespace osbot_aws::wire
