#include "wire/body_stream.hpp"

#include <gtest/gtest.h>

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

TEST(Body_Stream_Test, paused_stream_asks_its_writer_after_request_more) {
    Body_Stream stream;
    Reader reader;
    int demands = 0;
    stream.on_demand([&] { ++demands; });
    stream.pause();
    reader.read(stream);
    EXPECT_EQ(demands, 0);
    stream.request_more();
    EXPECT_EQ(demands, 1);
    EXPECT_FALSE(stream.paused());
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
