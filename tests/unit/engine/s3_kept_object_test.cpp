#include "engine/s3/kept_object.hpp"

#include <gmock/gmock.h>

#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct S3_Kept_Object_Test : testing::Test {
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    S3_Descriptions descriptions;

    store::Blob_Ptr bytes(const std::string& text) { return store->blobs().put(text).value(); }
};

TEST_F(S3_Kept_Object_Test, an_object_comes_back_as_it_was) {
    const S3_Object given{.key = "k",
                          .blob = bytes("hello"),
                          .parts = {},
                          .size = 5,
                          .etag = "5d41402abc4b2a76b9719d911017c592",
                          .modified_ms = 1'700'000'000'123,
                          .headers = {{"content-type", "text/x"},
                                      {"x-amz-checksum-crc32", "NhCmhg=="},
                                      {"x-amz-checksum-type", "FULL_OBJECT"},
                                      {"x-amz-meta-empty", ""}},
                          .tags = {{"b", "2"}, {"a", "1"}}};
    const auto got = S3_Kept_Object(given, descriptions).object("k");

    EXPECT_EQ(got->key, "k");
    EXPECT_EQ(got->blob, given.blob);
    EXPECT_THAT(got->parts, IsEmpty());
    EXPECT_EQ(got->size, 5U);
    EXPECT_EQ(got->etag, given.etag);
    EXPECT_EQ(got->modified_ms, given.modified_ms);
    EXPECT_EQ(got->headers, given.headers);
    EXPECT_THAT(got->tags, ElementsAre(Pair("b", "2"), Pair("a", "1")));
}

TEST_F(S3_Kept_Object_Test, one_in_parts_comes_back_as_it_was) {
    const S3_Object given{
        .key = "k", .blob = nullptr, .parts = {{bytes("one"), "c1"}, {bytes("two"), "c2"}}, .size = 6};
    const auto got = S3_Kept_Object(given, descriptions).object("k");

    EXPECT_EQ(got->blob, nullptr);
    ASSERT_EQ(got->parts.size(), 2U);
    EXPECT_EQ(got->parts[1].blob, given.parts[1].blob);
    EXPECT_EQ(got->parts[1].checksum, "c2");
    EXPECT_EQ(got->etag, "");
    EXPECT_THAT(got->headers, IsEmpty());
}

TEST_F(S3_Kept_Object_Test, equal_descriptions_are_kept_once_and_as_long_as_one_has_them) {
    const S3_Description text{.headers = {{"content-type", "text/x"}}, .tags = {}};
    auto first = descriptions.share(text);
    EXPECT_EQ(descriptions.share(text), first);
    EXPECT_NE(descriptions.share({.headers = text.headers, .tags = {{"a", "1"}}}), first);

    const std::weak_ptr<const S3_Description> gone = first;
    first.reset();
    EXPECT_TRUE(gone.expired());
    EXPECT_EQ(descriptions.share(text)->headers, text.headers) << "made anew";
}

}  // namespace
}  // namespace osbot_aws::engine
