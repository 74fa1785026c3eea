#include "wire/http.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace osbot_aws::wire {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Headers_Test, names_are_case_insensitive_and_set_replaces_all_fields) {
    Headers headers{{"Content-Type", "a"}, {"content-type", "b"}, {"X", "c"}};

    EXPECT_EQ(headers["CONTENT-TYPE"], "a");
    headers.set("CONTENT-type", "d");
    EXPECT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers["Content-Type"], "d");
    EXPECT_EQ(headers.find("y"), nullptr);
}

TEST(Request_Test, path_and_query_split_the_target) {
    const Request plain{.target = "/a/b"};
    EXPECT_EQ(plain.path(), "/a/b");
    EXPECT_EQ(plain.query(), "");

    const Request request{.target = "/a?x=1?2"};
    EXPECT_EQ(request.path(), "/a");
    EXPECT_EQ(request.query(), "x=1?2");
}

TEST(Percent_Test, decode_preserves_invalid_escapes) {
    EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
    EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
    EXPECT_EQ(percent_decode("%zz%4"), "%zz%4");
    EXPECT_EQ(percent_decode("%41%"), "A%");
}

TEST(Percent_Test, encode_preserves_only_unreserved_characters) {
    EXPECT_EQ(percent_encode("a/b c~é"), "a%2Fb%20c~%C3%A9");
    EXPECT_EQ(percent_encode("a/b", true), "a/b");
}

TEST(Query_Test, parse_query_returns_decoded_pairs_in_order) {
    const auto query = parse_query("list-type=2&prefix=a%2Fb&&uploads&x=1=2");

    EXPECT_THAT(query,
                ElementsAre(Pair("list-type", "2"), Pair("prefix", "a/b"), Pair("uploads", ""), Pair("x", "1=2")));
    EXPECT_EQ(query_value(query, "uploads"), "");
    EXPECT_EQ(query_value(query, "nothing"), std::nullopt);
}

}  // namespace
}  // namespace osbot_aws::wire
