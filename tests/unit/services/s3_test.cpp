#include "services/s3/s3.hpp"

#include <gmock/gmock.h>

#include <optional>

#include "services/s3/multipart.hpp"
#include "services/s3/s3_body.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;

struct S3_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    S3 s3{context};
    Account account;

    void SetUp() override { s3.create_bucket(account, "bucket", "").value(); }
    void put(const std::string& key) {
        s3.put_object(account, "bucket", {.key = key, .blob = bytes("bytes of " + key)}).value();
    }
    store::Blob_Ptr bytes(const std::string& text) { return store->blobs().put(text).value(); }
    Listed_Objects list(const List_Objects& params) { return s3.list_objects(account, "bucket", params).value(); }
    static std::vector<std::string> keys(const Listed_Objects& listed) {
        std::vector<std::string> found;
        for (const auto& object : listed.objects) found.push_back(object->key);
        return found;
    }
};

TEST_F(S3_Test, bucket_errors_match_the_service) {
    const Account other{"111111111111", "us-east-1"}, elsewhere{account.id, "eu-west-1"};

    EXPECT_THAT(s3.create_bucket(account, "bucket", ""), Succeeds()) << "creating it again in us-east-1 succeeds";
    EXPECT_THAT(s3.create_bucket(account, "bucket", "eu-west-1"), Fails_with("BucketAlreadyOwnedByYou"));
    EXPECT_THAT(s3.create_bucket(other, "bucket", ""), Fails_with("BucketAlreadyExists"));
    EXPECT_THAT(s3.create_bucket(elsewhere, "europe", ""), Fails_with("IllegalLocationConstraintException"));
    EXPECT_THAT(s3.create_bucket(elsewhere, "europe", "eu-west-1"), Succeeds());
    for (const auto* name : {"ab", "Upper", "a..b", "-a-", "1.2.3.4", ""}) {
        EXPECT_THAT(s3.create_bucket(account, name, ""), Fails_with("InvalidBucketName")) << name;
    }
    EXPECT_THAT(s3.bucket(account, "none"), Fails_with("NoSuchBucket"));
    EXPECT_THAT(s3.bucket(other, "bucket"), Fails_with("AccessDenied"));
    put("k");
    EXPECT_THAT(s3.delete_bucket(account, "bucket"), Fails_with("BucketNotEmpty"));
    s3.delete_object(account, "bucket", "k").value();
    EXPECT_THAT(s3.delete_bucket(account, "bucket"), Succeeds());
    EXPECT_THAT(s3.buckets(account), ElementsAre(testing::Pointee(testing::Field(&S3_Bucket::name, "europe"))));
}

TEST_F(S3_Test, object_errors_match_the_service) {
    EXPECT_THAT(s3.object(account, "bucket", "none"), Fails_with("NoSuchKey"));
    EXPECT_THAT(s3.object_blobs(account, "none", "k"), Fails_with("NoSuchBucket"));
    EXPECT_THAT(s3.delete_object(account, "bucket", "none"), Succeeds()) << "as on S3";
}

TEST_F(S3_Test, state_survives_a_restart) {
    s3.put_object(account, "bucket",
                  {.key = "a/b c", .blob = bytes("abc"), .size = 3, .etag = "E", .headers = {{"x-amz-meta-m", "1"}}})
        .value();
    put("gone");
    s3.delete_object(account, "bucket", "gone").value();

    S3 again{context};
    again.load();
    const auto object = again.object(account, "bucket", "a/b c").value();
    EXPECT_EQ(object->size, 3U);
    EXPECT_EQ(object->etag, "E");
    EXPECT_EQ(object->headers.at("x-amz-meta-m"), "1");
    EXPECT_THAT(again.object_blobs(account, "bucket", "a/b c").value(), ElementsAre(bytes("abc")));
    EXPECT_THAT(again.object(account, "bucket", "gone"), Fails_with("NoSuchKey"));
}

TEST_F(S3_Test, body_of_parts_is_complete_for_an_eager_reader) {
    const S3_Object object{.key = "k", .parts = {{bytes("first"), ""}, {bytes("second"), ""}}, .size = 11};
    const wire::Body body = object_body(context, object, {0, object.size});
    std::string read;
    std::optional<bool> complete;
    body.stream()->read(
        [&](std::string_view piece) {
            read += piece;
            body.stream()->request_more();
        },
        [&](const wire::Body_Stream::End& end) { complete = end.complete; });
    loop.run();
    EXPECT_EQ(read, "firstsecond");
    EXPECT_EQ(complete, true);
}

TEST_F(S3_Test, multipart_upload_continues_after_a_restart) {
    const auto id = s3.uploads().create(account, "bucket", {.object = {.key = "k"}}).value();
    const std::string etag(32, '0');
    const auto first = bytes(std::string(s3_part_bytes_min, '1')), second = bytes("last");
    s3.uploads().put_part(account, "bucket", "k", id, 2, {.blob = second, .etag = etag}).value();
    s3.uploads().put_part(account, "bucket", "k", id, 1, {.blob = first, .etag = etag}).value();

    S3 again{context};
    again.load();
    again.uploads().complete(account, "bucket", "k", id, {{1, etag, {}}, {2, etag, {}}}, {}).value();

    S3 last{context};
    last.load();
    const auto object = last.object(account, "bucket", "k").value();
    EXPECT_EQ(object->size, s3_part_bytes_min + 4);
    EXPECT_THAT(last.object_blobs(account, "bucket", "k").value(), ElementsAre(first, second));
    EXPECT_THAT(last.uploads().find(account, "bucket", "k", id), Fails_with("NoSuchUpload"));
}

TEST_F(S3_Test, deleting_a_bucket_removes_its_multipart_uploads) {
    const auto id = s3.uploads().create(account, "bucket", {.object = {.key = "k"}}).value();
    s3.delete_bucket(account, "bucket").value();
    s3.create_bucket(account, "bucket", "").value();
    EXPECT_THAT(s3.uploads().find(account, "bucket", "k", id), Fails_with("NoSuchUpload"));
}

TEST_F(S3_Test, list_groups_by_delimiter_and_pages_without_gaps) {
    for (const auto* key : {"a", "b/1", "b/2", "b/c/3", "c", "d/1"}) put(key);

    EXPECT_THAT(keys(list({})), ElementsAre("a", "b/1", "b/2", "b/c/3", "c", "d/1"));
    const auto top = list({.delimiter = "/"});
    EXPECT_THAT(keys(top), ElementsAre("a", "c"));
    EXPECT_THAT(top.common_prefixes, ElementsAre("b/", "d/"));
    const auto below = list({.prefix = "b/", .delimiter = "/"});
    EXPECT_THAT(keys(below), ElementsAre("b/1", "b/2"));
    EXPECT_THAT(below.common_prefixes, ElementsAre("b/c/"));
    EXPECT_THAT(keys(list({.after = "b/2"})), ElementsAre("b/c/3", "c", "d/1"));
    EXPECT_THAT(keys(list({.prefix = "none"})), IsEmpty());

    std::vector<std::string> listed_names;
    List_Objects params{.delimiter = "/", .keys_max = 1};
    do {
        const auto page = list(params);
        for (const auto& key : keys(page)) listed_names.push_back(key);
        for (const auto& prefix : page.common_prefixes) listed_names.push_back(prefix);
        params.after = page.next;
    } while (!params.after.empty());
    EXPECT_THAT(listed_names, ElementsAre("a", "b/", "c", "d/"));
}

}  // namespace
}  // namespace osbot_aws::services
