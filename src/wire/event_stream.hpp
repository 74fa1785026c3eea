#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// One message of application/vnd.amazon.eventstream.
struct Event_Message {
    Headers headers;  ///< those with text values; `:message-type` is event, exception or error
    std::string payload;
};

/// Takes such a stream apart, in whatever pieces it comes.
/// Source: https://smithy.io/2.0/aws/amazon-eventstream.html
class Event_Stream_Decoder {
public:
    /// False: no more is wanted.
    using On_Message = std::function<bool(const Event_Message&)>;

    /// Hands on each message that is complete now. Errors: EventStreamError when a checksum or a length is wrong: what
    /// follows can't be told.
    Result<bool> feed(std::string_view bytes, const On_Message& on_message);
    /// A message has begun and not ended.
    bool inside_message() const { return !waiting_.empty(); }

    static constexpr std::size_t message_bytes_max = 24u << 20;  ///< botocore's eventstream.py: payload and headers

private:
    std::string waiting_;
};

}  // namespace osbot_aws::wire
