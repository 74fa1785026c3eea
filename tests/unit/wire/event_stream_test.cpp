#include "wire/event_stream.hpp"

#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "support/printers.hpp"

namespace osbot_aws::wire {
namespace {

using test_support::Fails_with;
using testing::ElementsAre;

struct Event_Stream_Test : testing::Test {
    Event_Stream_Decoder decoder;
    std::vector<std::string> messages;
    bool more = true;

    Result<bool> feed(std::string_view bytes) {
        return decoder.feed(bytes, [&](const Event_Message& message) {
            messages.push_back(std::string(message.headers[":event-type"]) + " " + message.payload);
            return more;
        });
    }
};

TEST_F(Event_Stream_Test, decodes_messages_from_pieces_of_any_size) {
    const std::string bytes = event_frame("first", "text/plain", "one") + event_frame("second", "text/plain", "");
    for (const char byte : bytes) ASSERT_TRUE(feed({&byte, 1}).has_value());
    EXPECT_THAT(messages, ElementsAre("first one", "second "));
}

TEST_F(Event_Stream_Test, callback_stops_decoding) {
    more = false;
    EXPECT_FALSE(feed(event_frame("first", "t", "") + event_frame("second", "t", "")).value());
    EXPECT_THAT(messages, ElementsAre("first "));
}

TEST_F(Event_Stream_Test, rejects_wrong_checksum_or_length) {
    std::string payload = event_frame("first", "t", "one"), prelude = payload;
    payload[payload.size() - 5] ^= 1;
    prelude[2] ^= 1;
    EXPECT_THAT(feed(payload), Fails_with("EventStreamError"));
    EXPECT_THAT(Event_Stream_Decoder().feed(prelude, [](const Event_Message&) { return true; }),
                Fails_with("EventStreamError"));
    EXPECT_THAT(messages, ElementsAre());
}

// This message is from botocore's test of its decoder (tests/unit/test_eventstream.py, int32 header).
TEST_F(Event_Stream_Test, skips_headers_of_other_types) {
    const std::string bytes(
        "\x00\x00\x00+\x00\x00\x00\x0e\x34\x8b\xec{\x08"
        "event-id\x04\x00\x00\xa0\x0c{'foo':'bar'}\xd3\x89\x02\x85",
        43);
    ASSERT_TRUE(feed(bytes).has_value());
    EXPECT_THAT(messages, ElementsAre(" {'foo':'bar'}"));
}

TEST(Event_Frame_Test, prelude_has_the_lengths_of_frame_and_headers) {
    // test_streamed_response_arrives_as_events checks the frame, including its checksums, with a client.
    const std::string frame = event_frame("PayloadChunk", "application/octet-stream", "hi");
    EXPECT_EQ(frame.size(), 12 + 12 + 3 + 12 + 14 + 3 + 24 + 14 + 3 + 5 + 2 + 4u);
    EXPECT_EQ(base::hex_encode(frame.substr(0, 8)), "0000006c0000005a");
}

TEST(Event_Frame_Test, exception_frame_has_the_exception_headers) {
    const std::string frame = exception_frame("SessionTimeoutException", "{}");
    const auto header = [](const std::string& name, const std::string& value) {
        return static_cast<char>(name.size()) + name + '\x07' + '\0' + static_cast<char>(value.size()) + value;
    };
    const std::string headers = header(":exception-type", "SessionTimeoutException") +
                                header(":content-type", "application/json") + header(":message-type", "exception");
    EXPECT_EQ(frame.substr(12, headers.size()), headers);
    EXPECT_EQ(frame.substr(12 + headers.size(), 2), "{}");
    EXPECT_EQ(frame.size(), 12 + headers.size() + 2 + 4);
}

}  // namespace
}  // namespace osbot_aws::wire
