#include "wire/event_stream.hpp"

#include <gmock/gmock.h>

#include "support/printers.hpp"
#include "wire/body_stream.hpp"

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
    EXPECT_FALSE(decoder.inside_message());
}

TEST_F(Event_Stream_Test, inside_message_is_true_for_incomplete_message) {
    feed(event_frame("first", "text/plain", "one").substr(0, 20)).value();
    EXPECT_TRUE(decoder.inside_message());
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

}  // namespace
}  // namespace osbot_aws::wire
