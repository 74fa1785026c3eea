#include "services/s3/stored_object.hpp"

#include <gmock/gmock.h>

#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Stored_Object_Test : testing::Test {
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    S3_Descriptions descriptions;

    store::Blob_Ptr bytes(const std::string& text) { return store->blobs().put(text).value(); }
};

TEST_F(Stored_Object_Test, restores_the_object) {
    const S3_Object original{.key = "k",
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
    const auto restored = Stored_Object(original, descriptions).object("k");

    EXPECT_EQ(restored->key, "k");
    EXPECT_EQ(restored->blob, original.blob);
    EXPECT_THAT(restored->parts, IsEmpty());
    EXPECT_EQ(restored->size, 5U);
    EXPECT_EQ(restored->etag, original.etag);
    EXPECT_EQ(restored->modified_ms, original.modified_ms);
    EXPECT_EQ(restored->headers, original.headers);
    EXPECT_THAT(restored->tags, ElementsAre(Pair("b", "2"), Pair("a", "1")));
}

TEST_F(Stored_Object_Test, restores_an_object_made_of_parts) {
    const S3_Object original{
        .key = "k", .blob = nullptr, .parts = {{bytes("one"), "c1"}, {bytes("two"), "c2"}}, .size = 6};
    const auto restored = Stored_Object(original, descriptions).object("k");

    EXPECT_EQ(restored->blob, nullptr);
    ASSERT_EQ(restored->parts.size(), 2U);
    EXPECT_EQ(restored->parts[1].blob, original.parts[1].blob);
    EXPECT_EQ(restored->parts[1].checksum, "c2");
    EXPECT_EQ(restored->etag, "");
    EXPECT_THAT(restored->headers, IsEmpty());
}

TEST_F(Stored_Object_Test, equal_descriptions_are_shared_while_referenced) {
    const S3_Description text{.headers = {{"content-type", "text/x"}}, .tags = {}};
    auto first = descriptions.share(text);
    EXPECT_EQ(descriptions.share(text), first);
    EXPECT_NE(descriptions.share({.headers = text.headers, .tags = {{"a", "1"}}}), first);

    const std::weak_ptr<const S3_Description> released = first;
    first.reset();
    EXPECT_TRUE(released.expired());
    EXPECT_EQ(descriptions.share(text)->headers, text.headers) << "stored again";
}

}  // namespace
}  // namespace osbot_aws::services
