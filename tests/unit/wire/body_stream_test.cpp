#include "wire/body_stream.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace osbot_aws::wire {
namespace {

struct Reader {
    std::string bytes;
    int ends = 0;
    bool complete = false;
    void read(Body_Stream& stream) {
        stream.read([this](std::string_view piece) { bytes += piece; },
                    [this](const Body_Stream::End& end) { ++ends, complete = end.complete; });
    }
};

TEST(Body_Stream_Test, bytes_before_and_after_read_arrive_in_order) {
    Body_Stream stream;
    Reader reader;
    stream.write("one ");
    reader.read(stream);
    EXPECT_EQ(reader.bytes, "one ");
    stream.write("two");
    stream.end({});
    EXPECT_EQ(reader.bytes, "one two");
    EXPECT_EQ(reader.ends, 1);
    EXPECT_TRUE(reader.complete);
}

TEST(Body_Stream_Test, ended_stream_is_read_completely_and_ignores_writes) {
    Body_Stream stream;
    stream.write("all");
    stream.end({.complete = false, .trailers = {}});
    stream.write("late");
    stream.end({});
    Reader reader;
    reader.read(stream);
    EXPECT_EQ(reader.bytes, "all");
    EXPECT_EQ(reader.ends, 1);
    EXPECT_FALSE(reader.complete);
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

TEST(Body_Stream_Test, unsent_counts_bytes_of_stream_and_reader) {
    Body_Stream stream;
    stream.write("four");
    EXPECT_EQ(stream.unsent(), 4U);
    stream.read([](std::string_view) {}, [](const Body_Stream::End&) {});
    EXPECT_EQ(stream.unsent(), 0U);
    stream.set_unsent(7);
    EXPECT_EQ(stream.unsent(), 7U);
}

}  // namespace
}  // namespace osbot_aws::wire
