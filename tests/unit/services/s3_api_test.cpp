#include "services/s3/s3_api.hpp"
#include "aws/models/models.hpp"
#include "aws/routes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "base/files.hpp"
#include "base/time_text.hpp"
#include "engine/blob_sweep.hpp"
#include "services/iam/iam_api.hpp"
#include "services/logs/logs_api.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/s3_cors.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/routed.hpp"
#include "support/text.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using testing::HasSubstr;

struct S3_Api_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    services::Context context{.loop = loop, .store = *store};
    services::S3 s3{context};
    S3_Api api{context, s3};

    wire::Response send(wire::Request request) {
        std::optional<wire::Response> result;
        test_support::send_to(api, {}, std::move(request),
                              [&](wire::Response response) { result = std::move(response); });
        loop.run();
        return result.value();
    }
    wire::Response send(std::string method, std::string target, wire::Headers headers = {}, std::string body = "") {
        return send(wire::Request{std::move(method), std::move(target), std::move(headers), std::move(body)});
    }
    std::string all_of(wire::Body_Stream& stream) {
        std::string all;
        stream.read([&](std::string_view piece) { all += piece; },
                    [](const wire::Body_Stream::End& end) { EXPECT_TRUE(end.complete); });
        for (loop.run(); !stream.ended(); loop.run()) stream.request_more();
        return all;
    }
    std::string bytes(const wire::Response& response) {
        if (response.body.stream()) return all_of(*response.body.stream());
        wire::Body body = response.body;
        return wire::take_bytes(body).value();
    }
    void SetUp() override { ASSERT_EQ(send("PUT", "/bucket").status, 200); }
};

TEST_F(S3_Api_Test, get_returns_put_object_with_its_headers) {
    const auto put = send("PUT", "/bucket/a%20b", {{"Content-Type", "text/x"}, {"x-amz-meta-one", "1"}}, "hello");
    EXPECT_EQ(put.headers["ETag"], "\"5d41402abc4b2a76b9719d911017c592\"");

    const auto object = send("GET", "/bucket/a%20b");
    EXPECT_EQ(bytes(object), "hello");
    EXPECT_EQ(object.headers["Content-Type"], "text/x");
    EXPECT_EQ(object.headers["x-amz-meta-one"], "1");
    EXPECT_EQ(bytes(send("GET", "/a%20b", {{"Host", "bucket.s3.localhost:4566"}})), "hello") << "bucket in the host";
}

TEST_F(S3_Api_Test, decodes_chunked_body_and_verifies_trailing_checksum) {
    const auto body = [](const std::string& crc) {
        return "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + crc + "\r\n\r\n";
    };
    const wire::Headers headers{{"Content-Encoding", "aws-chunked"},
                                {"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                                {"x-amz-trailer", "x-amz-checksum-crc32"}};
    EXPECT_EQ(send("PUT", "/bucket/k", headers, body("NhCmhg==")).status, 200);
    const auto object = send("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(bytes(object), "hello");
    EXPECT_EQ(object.headers["x-amz-checksum-crc32"], "NhCmhg==");
    EXPECT_EQ(object.headers.find("content-encoding"), nullptr);

    EXPECT_THAT(send("PUT", "/bucket/wrong", headers, body("AAAAAA==")).body.bytes(),
                HasSubstr("<Code>BadDigest</Code>"));
    EXPECT_THAT(send("PUT", "/bucket/wrong", headers, body("NhCmhg")).body.bytes(),
                HasSubstr("<Message>Value for x-amz-checksum-crc32 trailing header is invalid.</Message>"));
    EXPECT_EQ(send("HEAD", "/bucket/wrong").status, 404);
}

TEST_F(S3_Api_Test, checksums_match_the_published_test_vectors) {
    // The checksums of "123456789"; the CRCs are from https://reveng.sourceforge.io/crc-catalogue/
    for (const auto& [name, value] : {std::pair{"x-amz-checksum-crc32", "y/Q5Jg=="},
                                      {"x-amz-checksum-crc32c", "4waSgw=="},
                                      {"x-amz-checksum-crc64nvme", "rosUhgp5mIg="},
                                      {"x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
                                      {"x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}}) {
        EXPECT_EQ(send("PUT", "/bucket/k", {{name, value}}, "123456789").status, 200) << name;
        EXPECT_EQ(send("PUT", "/bucket/k", {{name, value}}, "123456780").status, 400) << name;
    }
    EXPECT_EQ(send("PUT", "/bucket/k", {{"x-amz-checksum-md4", "x"}}, "1").status, 400)
        << "unsupported checksums are rejected";
}

/// PUT /bucket/k, whose body the test writes in pieces.
struct S3_Stream_Test : S3_Api_Test {
    void start(wire::Headers headers = {}) {
        wire::Request request{.method = "PUT", .target = "/bucket/k", .headers = std::move(headers)};
        request.body = stream;
        test_support::send_to(api, {}, std::move(request),
                              [this](wire::Response response) { result = std::move(response); });
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(store->temporary_folder()), {}));
    }

    std::shared_ptr<wire::Body_Stream> stream = std::make_shared<wire::Body_Stream>();
    std::optional<wire::Response> result;
};

TEST_F(S3_Stream_Test, streamed_pieces_become_the_object) {
    start({{"x-amz-checksum-crc32", "y/Q5Jg=="}});
    stream->write("1234");
    loop.run();
    stream->write("567");
    stream->write("89");
    EXPECT_FALSE(result);
    stream->end({});
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->headers["ETag"], "\"25f9e794323b453885f5181f1b624d0b\"");
    EXPECT_EQ(bytes(send("GET", "/bucket/k")), "123456789");
    EXPECT_EQ(files(), 0U);
}

TEST_F(S3_Stream_Test, client_waits_if_the_disk_is_slower) {
    start();
    const std::string piece(1 << 20, 'x');
    int sent = 0;
    for (; !stream->paused(); ++sent) stream->write(piece);
    EXPECT_LT(sent, 8) << "the stream buffers less than 8 MiB";
    bool resumed = false;
    stream->on_demand([&] { resumed = true; });
    loop.run();
    EXPECT_TRUE(resumed);
    EXPECT_FALSE(stream->paused());
    stream->end({});
    loop.run();
    EXPECT_EQ(bytes(send("GET", "/bucket/k")).size(), static_cast<std::size_t>(sent) << 20);
}

TEST_F(S3_Stream_Test, aborted_upload_leaves_no_files) {
    start();
    stream->write("half of it");
    loop.run();
    EXPECT_EQ(files(), 1U);
    stream->end({.complete = false, .trailers = {}});
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_THAT(result->body.bytes(), HasSubstr("<Code>RequestTimeout</Code>"));
    EXPECT_EQ(files(), 0U);
    EXPECT_EQ(send("GET", "/bucket/k").status, 404);
}

TEST_F(S3_Stream_Test, error_is_returned_before_the_body_is_complete) {
    start({{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}});
    stream->write("this is not a chunk\r\n");
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 400);
    stream->write("more");
    stream->end({});
    loop.run();
    EXPECT_EQ(files(), 0U);
}

TEST_F(S3_Stream_Test, error_waits_for_running_workers) {
    start({{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}});
    stream->write("5\r\nhello\r\n");  // processed by the workers until the loop runs
    stream->write("this is not a chunk\r\n");
    stream->write("5\r\nhello\r\n");
    EXPECT_FALSE(result);
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 400);
    EXPECT_EQ(files(), 0U);
    stream->end({});
}

TEST_F(S3_Stream_Test, abort_during_a_write_leaves_no_files) {
    start();
    stream->write("half of it");
    stream->end({.complete = false, .trailers = {}});
    EXPECT_FALSE(result);
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_THAT(result->body.bytes(), HasSubstr("<Code>RequestTimeout</Code>"));
    EXPECT_EQ(files(), 0U);
}

TEST_F(S3_Stream_Test, failed_write_is_a_service_error) {
    std::filesystem::remove_all(store->temporary_folder());
    start();
    stream->write("no file to write to");
    stream->end({});
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 500);
    EXPECT_EQ(send("GET", "/bucket/k").status, 404);
}

TEST_F(S3_Stream_Test, more_than_5_gib_is_rejected_immediately) {
    start({{"x-amz-decoded-content-length", "5368709121"}});
    ASSERT_TRUE(result);
    EXPECT_THAT(result->body.bytes(), HasSubstr("<Code>EntityTooLarge</Code>"));
}

TEST_F(S3_Stream_Test, chunked_body_must_have_the_declared_length) {
    start({{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, {"x-amz-decoded-content-length", "6"}});
    stream->write("5\r\nhello\r\n0\r\n\r\n");
    stream->end({});
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_THAT(result->body.bytes(), HasSubstr("<Code>IncompleteBody</Code>"));
}

TEST(S3_Streams_Test, only_object_bodies_are_streams) {
    const auto streams = [](std::string method, std::string target, wire::Headers headers = {}) {
        const aws::Service& model = aws::s3_model();
        const auto route = aws::find_route(
            model, {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)});
        return aws::streams_input(model, *route.operation);
    };
    EXPECT_TRUE(streams("PUT", "/bucket/key"));
    EXPECT_TRUE(streams("PUT", "/bucket/key/invocations?x-id=PutObject"));
    EXPECT_TRUE(streams("PUT", "/key", {{"Host", "bucket.s3.localhost:4566"}}));
    EXPECT_TRUE(streams("PUT", "/bucket/key?partNumber=1&uploadId=x"));
    EXPECT_FALSE(streams("PUT", "/bucket"));
    EXPECT_FALSE(streams("PUT", "/bucket/key?tagging"));
    EXPECT_FALSE(streams("PUT", "/bucket/key", {{"x-amz-copy-source", "bucket/other"}}));
    EXPECT_FALSE(streams("PUT", "/bucket/key?x-amz-copy-source=bucket%2Fother"));
    EXPECT_FALSE(streams("POST", "/bucket/key?uploadId=x"));
}

TEST_F(S3_Api_Test, large_object_is_read_as_fast_as_the_client_reads) {
    const std::string whole = std::string(1 << 20, 'a') + std::string(1 << 20, 'b') + "end";
    send("PUT", "/bucket/k", {}, whole);
    const auto object = send("GET", "/bucket/k");
    EXPECT_EQ(object.headers["Content-Length"], std::to_string(whole.size()));
    std::string received;
    object.body.stream()->read([&](std::string_view piece) { received += piece; }, [](const auto&) {});
    for (std::size_t before = 0; !object.body.stream()->ended(); before = received.size()) {
        loop.run();
        loop.run();
        EXPECT_LE(received.size(), before + (1 << 20)) << "the client requested no more";
        object.body.stream()->request_more();
    }
    EXPECT_EQ(received, whole);
    EXPECT_EQ(bytes(send("GET", "/bucket/k", {{"Range", "bytes=1048575-1572864"}})),
              whole.substr((1 << 20) - 1, 524'290));
}

TEST_F(S3_Api_Test, download_continues_after_deletion_of_the_object) {
    const std::string whole(2 << 20, 'x');
    engine::Blob_Sweep sweep{context};
    send("PUT", "/bucket/k", {}, whole);
    send("PUT", "/bucket/small", {}, "small");
    const auto large = send("GET", "/bucket/k"), small = send("GET", "/bucket/small");
    send("DELETE", "/bucket/k");
    send("DELETE", "/bucket/small");
    loop.run();
    EXPECT_EQ(bytes(large), whole);
    EXPECT_EQ(bytes(small), "small");
}

TEST_F(S3_Api_Test, supports_ranges_and_conditions) {
    send("PUT", "/bucket/k", {}, "0123456789");
    const auto part = send("GET", "/bucket/k", {{"Range", "bytes=2-4"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(bytes(part), "234");
    EXPECT_EQ(part.headers["Content-Range"], "bytes 2-4/10");
    EXPECT_EQ(bytes(send("GET", "/bucket/k", {{"Range", "bytes=-3"}})), "789");
    EXPECT_EQ(bytes(send("GET", "/bucket/k", {{"Range", "bytes=8-99"}})), "89");
    EXPECT_EQ(send("GET", "/bucket/k", {{"Range", "bytes=10-"}}).status, 416);
    EXPECT_EQ(send("GET", "/bucket/k", {{"Range", "nonsense"}}).status, 200);

    const std::string etag(send("HEAD", "/bucket/k").headers["ETag"]);
    EXPECT_EQ(send("GET", "/bucket/k", {{"If-None-Match", etag}}).status, 304);
    EXPECT_EQ(send("GET", "/bucket/k", {{"If-Match", "\"other\""}}).status, 412);
    EXPECT_EQ(send("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "x").status, 412);
}

TEST_F(S3_Api_Test, parts_are_joined_in_order_with_a_full_object_checksum) {
    const auto created = send("POST", "/bucket/k?uploads",
                              {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
    const auto target =
        "/bucket/k?uploadId=" + test_support::between(created.body.bytes(), "<UploadId>", "</UploadId>");
    const std::string first(services::s3_part_bytes_min, 'a'), last = "tail";
    const auto part = [&](const std::string& number, const std::string& bytes) {
        const auto put = send("PUT", target + "&partNumber=" + number, {}, bytes);
        return "<Part><PartNumber>" + number + "</PartNumber><ETag>" + std::string(put.headers["ETag"]) +
               "</ETag></Part>";
    };
    const auto two = part("2", last), one = part("1", first);
    const auto complete = [&](const std::string& parts) {
        return send("POST", target, {}, "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>")
            .body.bytes();
    };
    EXPECT_THAT(complete(two + one), HasSubstr("<Code>InvalidPartOrder</Code>"));
    EXPECT_THAT(complete(one + part("3", "small") + part("4", last)), HasSubstr("<Code>EntityTooSmall</Code>"));
    EXPECT_EQ(send("HEAD", "/bucket/k").status, 404) << "no object before the upload is complete";
    EXPECT_THAT(complete(one + two), HasSubstr("-2\"</ETag>"));
    EXPECT_THAT(complete(one + two), HasSubstr("-2\"</ETag>")) << "the first response may be lost";
    EXPECT_THAT(complete(one), HasSubstr("<Code>NoSuchUpload</Code>"));

    const auto whole = send("PUT", "/bucket/whole", {}, first + last);
    ASSERT_EQ(whole.status, 200);
    const auto head = send("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(head.headers["Content-Length"], std::to_string(first.size() + last.size()));
    const auto checksum = std::string(head.headers["x-amz-checksum-crc32"]);
    EXPECT_EQ(send("PUT", "/bucket/whole", {{"x-amz-checksum-crc32", checksum}}, first + last).status, 200);
    EXPECT_EQ(bytes(send("GET", "/bucket/k?partNumber=2")), last);
    EXPECT_EQ(send("GET", "/bucket/k?partNumber=3").status, 416);
}

TEST_F(S3_Api_Test, restored_object_is_readable_until_midnight_after_its_days) {
    const base::Time midnight = loop.fake_clock.time;
    loop.fake_clock.time += std::chrono::hours{5};
    const std::string request = "<RestoreRequest><Days>2</Days></RestoreRequest>";
    ASSERT_EQ(send("PUT", "/bucket/k", {{"x-amz-storage-class", "GLACIER"}}, "hello").status, 200);
    ASSERT_EQ(send("POST", "/bucket/k?restore", {}, request).status, 202);
    EXPECT_EQ(
        send("HEAD", "/bucket/k").headers["x-amz-restore"],
        fmt::format("ongoing-request=\"false\", expiry-date=\"{}\"", base::http_date(midnight + std::chrono::days{3})));
    EXPECT_EQ(send("GET", "/bucket/k").status, 200);

    loop.fake_clock.time = midnight + std::chrono::days{3};
    EXPECT_EQ(send("GET", "/bucket/k").status, 403);
    EXPECT_EQ(send("HEAD", "/bucket/k").headers.find("x-amz-restore"), nullptr);
    EXPECT_EQ(send("POST", "/bucket/k?restore", {}, request).status, 202) << "as the first time";
}

// Source: API_CopyObject, If-None-Match
TEST_F(S3_Api_Test, concurrent_copies_to_a_new_key_create_it_once) {
    send("PUT", "/bucket/one", {}, "first");
    send("PUT", "/bucket/two", {}, "second");
    std::map<std::string, int> statuses;
    for (const std::string source : {"one", "two"})  // a worker reads the bytes to compute the other checksum
        test_support::send_to(
            api, {},
            {"PUT",
             "/bucket/to",
             {{"x-amz-copy-source", "bucket/" + source},
              {"x-amz-checksum-algorithm", "SHA256"},
              {"If-None-Match", "*"}},
             ""},
            [&statuses, source](const wire::Response& response) { statuses[source] = response.status; });
    loop.run();
    EXPECT_EQ(statuses["one"], 200);
    EXPECT_EQ(statuses["two"], 412);
    EXPECT_EQ(bytes(send("GET", "/bucket/to")), "first");
}

// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html: at most one * is a wildcard
TEST_F(S3_Api_Test, question_mark_is_no_wildcard_in_cors_rules) {
    send("PUT", "/bucket?cors", {},
         "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-?</AllowedHeader>"
         "<AllowedOrigin>https://?.example.com</AllowedOrigin></CORSRule></CORSConfiguration>");
    const auto is_permitted = [&](const std::string& origin, const std::string& header) {
        const wire::Request request{
            "GET", "/bucket/k", {{"Origin", origin}, {"Access-Control-Request-Headers", header}}, ""};
        return cors_permits(s3, request);
    };
    EXPECT_FALSE(is_permitted("https://a.example.com", "x-?"));
    EXPECT_FALSE(is_permitted("https://?.example.com", "x-a"));
    EXPECT_TRUE(is_permitted("https://?.example.com", "x-?"));
}

TEST_F(S3_Api_Test, times_in_documents_have_whole_seconds) {
    loop.fake_clock.time += std::chrono::milliseconds{1234};
    send("PUT", "/bucket/k", {}, "hello");
    EXPECT_THAT(send("GET", "/bucket").body.bytes(), HasSubstr(":01.000Z</LastModified>"));
    EXPECT_THAT(send("PUT", "/bucket/to", {{"x-amz-copy-source", "bucket/k"}}).body.bytes(),
                HasSubstr(":01.000Z</LastModified>"));
}

TEST_F(S3_Api_Test, errors_contain_their_details) {
    EXPECT_THAT(send("GET", "/bucket/none").body.bytes(),
                HasSubstr("<Code>NoSuchKey</Code><Message>The specified key does not "
                          "exist.</Message><Key>none</Key>"));
    EXPECT_THAT(send("GET", "/none/k").body.bytes(), HasSubstr("<BucketName>none</BucketName>"));
    EXPECT_THAT(send("PUT", "/none/k", {}, "x").body.bytes(), HasSubstr("NoSuchBucket"));
    EXPECT_EQ(send("HEAD", "/bucket/none").body.size(), 0U);
    const auto unknown = send("GET", "/bucket/k?torrent");
    EXPECT_EQ(unknown.status, 501);
    EXPECT_THAT(unknown.body.bytes(), HasSubstr("GetObjectTorrent"));
    EXPECT_THAT(send("POST", "/bucket?delete", {{"Content-MD5", "qJtxoYQ+7MSxVF5FQWVK8A=="}}, "<open>").body.bytes(),
                HasSubstr("MalformedXML"));
    EXPECT_EQ(send("GET", "/bucket?list-type=2&max-keys=x").status, 400);
}

TEST_F(S3_Api_Test, other_protocols_reject_invalid_input_and_name_it) {
    services::Logs logs{context};
    Model_Api logs_api{context.loop, aws::logs_model(), logs_operations(logs)};
    services::Iam iam{context};
    Model_Api iam_api{context.loop, aws::iam_model(), iam_operations(iam)};
    const auto via = [](Model_Api& to, wire::Headers headers, std::string body) {
        wire::Response result;
        test_support::send_to(to, {}, {"POST", "/", std::move(headers), std::move(body)},
                              [&](wire::Response response) { result = std::move(response); });
        return result;
    };
    const wire::Headers get{{"X-Amz-Target", "Logs_20140328.GetLogEvents"}};
    EXPECT_THAT(via(logs_api, get, "{").body.bytes(), HasSubstr("SerializationException"));
    EXPECT_THAT(via(logs_api, get, R"({"logGroupName": 1})").body.bytes(), HasSubstr("SerializationException"));
    EXPECT_THAT(via(logs_api, get, "{}").body.bytes(), HasSubstr("InvalidParameterException"));
    EXPECT_EQ(via(logs_api, {{"X-Amz-Target", "Logs_20140328.ListIntegrations"}}, "{}").status, 501);
    EXPECT_THAT(via(iam_api, {}, "Action=ListOrganizationsFeatures").body.bytes(),
                HasSubstr("IAM ListOrganizationsFeatures"));
    EXPECT_THAT(via(iam_api, {}, "Action=GetRole&RoleName=x").body.bytes(), HasSubstr("<Code>NoSuchEntity</Code>"));
}

}  // namespace
}  // namespace osbot_aws::services
