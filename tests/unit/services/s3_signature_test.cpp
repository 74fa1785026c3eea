#include "services/s3/s3_signature.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "support/printers.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;

struct S3_Signature_Test : testing::Test {
    services::Keys keys;
    base::Time now = base::Time{} + std::chrono::hours{24 * 365 * 55};

    wire::Signing as(std::string key, std::string secret) const {
        return {.access_key_id = std::move(key),
                .secret_access_key = std::move(secret),
                .session_token = {},
                .region = "us-east-1",
                .service = "s3",
                .time = now};
    }
    static wire::Request request() {
        return {.method = "GET", .target = "/bucket/a%20key", .headers = {{"Host", "localhost"}}};
    }
    wire::Request link(std::chrono::seconds expires, const wire::Signing& signing) const {
        auto presigned = request();
        wire::presign(presigned, signing, expires);
        return presigned;
    }
    Result<void> check(const wire::Request& sent, std::chrono::seconds later = {}) {
        return check_s3_signature(read(sent), keys, now + later);
    }

    /// Returns a link whose canonical request has this hash of the body.
    wire::Request link_with_hash(wire::Request sent, const std::string& hash) const {
        const wire::Signing signing = as("test", "test");
        const std::string date = base::sigv4_date(now);
        sent.target += "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F" + date.substr(0, 8) +
                       "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=" + date +
                       "&X-Amz-Expires=60&X-Amz-SignedHeaders=host";
        std::string names;
        const std::string canonical = wire::canonical_request(sent, "s3", hash, names);
        sent.target += "&X-Amz-Signature=" + wire::signature(signing, canonical);
        return sent;
    }

    Signed_Request& read(const wire::Request& sent) {
        query = wire::parse_query(sent.query());
        return call.emplace(sent, query);
    }

    std::vector<std::pair<std::string, std::string>> query;
    std::optional<Signed_Request> call;
};

TEST_F(S3_Signature_Test, link_is_valid_until_expiry_and_from_15_minutes_before) {
    const auto presigned = link(std::chrono::seconds{60}, as("test", "test"));
    EXPECT_TRUE(check(presigned).has_value());
    EXPECT_TRUE(check(presigned, std::chrono::seconds{60}).has_value());
    EXPECT_TRUE(check(presigned, -std::chrono::minutes{15}).has_value());
    EXPECT_THAT(check(presigned, -std::chrono::minutes{16}), Fails_with("AccessDenied"));
    EXPECT_THAT(check(presigned, std::chrono::seconds{61}), Fails_with("AccessDenied"));
    EXPECT_EQ(call->details, (aws::Error_Details{{"X-Amz-Expires", "60"},
                                                 {"Expires", "2024-12-18T00:01:00Z"},
                                                 {"ServerTime", "2024-12-18T00:01:01Z"}}));
}

TEST_F(S3_Signature_Test, link_with_unknown_key_is_accepted_until_expiry) {
    const auto presigned = link(std::chrono::seconds{60}, as("AKIAUNKNOWN", "whatever"));
    EXPECT_TRUE(check(presigned).has_value());
    EXPECT_THAT(check(presigned, std::chrono::seconds{61}), Fails_with("AccessDenied"));
}

TEST_F(S3_Signature_Test, link_is_limited_to_object_method_and_one_week) {
    auto other = link(std::chrono::seconds{60}, as("test", "test"));
    other.target.replace(other.target.find("a%20key"), 7, "another");
    EXPECT_THAT(check(other), Fails_with("SignatureDoesNotMatch"));
    auto deletes = link(std::chrono::seconds{60}, as("test", "test"));
    deletes.method = "DELETE";
    EXPECT_THAT(check(deletes), Fails_with("SignatureDoesNotMatch"));
    EXPECT_TRUE(check(link(std::chrono::seconds{604'800}, as("test", "test"))).has_value());
    EXPECT_THAT(check(link(std::chrono::seconds{604'801}, as("test", "test"))),
                Fails_with("AuthorizationQueryParametersError"));
    EXPECT_THAT(check(link(std::chrono::seconds{-1}, as("test", "test"))),
                Fails_with("AuthorizationQueryParametersError"));
}

TEST_F(S3_Signature_Test, header_signature_is_valid_for_15_minutes_around_now) {
    auto signed_request = request();
    wire::sign(signed_request, as("test", "test"));
    EXPECT_TRUE(check(signed_request, std::chrono::minutes{15}).has_value());
    EXPECT_TRUE(check(signed_request, -std::chrono::minutes{15}).has_value());
    EXPECT_THAT(check(signed_request, std::chrono::minutes{16}), Fails_with("RequestTimeTooSkewed"));
    EXPECT_THAT(check(signed_request, -std::chrono::minutes{16}), Fails_with("RequestTimeTooSkewed"));
    signed_request.headers.set("Host", "elsewhere");
    EXPECT_THAT(check(signed_request), Fails_with("SignatureDoesNotMatch"));
}

TEST_F(S3_Signature_Test, key_of_this_engine_with_session_token_is_verified) {
    const std::string key = new_session_key("000000000000");
    auto session = as(key, keys.secret_of(key));
    session.session_token = "token";
    auto signed_request = request();
    wire::sign(signed_request, session);
    EXPECT_TRUE(check(signed_request).has_value());
    session.secret_access_key = "wrong";
    wire::sign(signed_request, session);
    EXPECT_THAT(check(signed_request), Fails_with("SignatureDoesNotMatch"));
    auto unverified = request();
    wire::sign(unverified, as("111122223333", "any secret"));
    EXPECT_TRUE(check(unverified).has_value()) << "a key that this engine did not issue only selects the account";
}

TEST_F(S3_Signature_Test, rejects_two_signatures_in_one_request) {
    auto presigned = link(std::chrono::seconds{60}, as("test", "test"));
    presigned.headers.set("Authorization", "AWS4-HMAC-SHA256 x");
    EXPECT_THAT(check(presigned), Fails_with("InvalidArgument"));
    EXPECT_TRUE(check(request()).has_value()) << "unsigned requests are accepted";
}

TEST_F(S3_Signature_Test, link_may_sign_the_hash_of_the_body) {
    auto signed_hash = request();
    signed_hash.target += "?X-Amz-Content-Sha256=" + std::string(64, 'a');
    const auto presigned = link_with_hash(signed_hash, std::string(64, 'a'));
    EXPECT_TRUE(check(presigned).has_value());
    const auto other = link_with_hash(signed_hash, std::string(64, 'b'));
    EXPECT_THAT(check(other), Fails_with("SignatureDoesNotMatch"));
}

TEST_F(S3_Signature_Test, payload_hash_is_required_and_of_a_known_kind) {
    const auto signed_with = [&](const char* hash) {
        auto sent = request();
        wire::sign(sent, as("test", "test"));
        if (hash == nullptr)
            sent.headers.erase("X-Amz-Content-SHA256");
        else
            sent.headers.set("X-Amz-Content-SHA256", hash);
        return check(sent);
    };
    EXPECT_THAT(signed_with(nullptr), Fails_with("InvalidRequest"));
    EXPECT_THAT(signed_with("nonsense"), Fails_with("InvalidArgument"));
    EXPECT_EQ(call->details.front(), (std::pair<std::string, std::string>("ArgumentName", "x-amz-content-sha256")));
    EXPECT_THAT(signed_with("UNSIGNED-PAYLOAD"), Fails_with("SignatureDoesNotMatch")) << "signed with another one";
}

TEST_F(S3_Signature_Test, query_parameters_of_a_link_become_headers) {
    auto presigned = request();
    presigned.target += "?x-amz-meta-colour=blue&X-Amz-Storage-Class=STANDARD_IA&X-Amz-Expires=5&x-id=GetObject";
    presigned.headers.set("x-amz-meta-header", "1");
    take_headers_of_query(read(presigned));
    EXPECT_EQ(call->header("x-amz-meta-colour"), "blue");
    EXPECT_EQ(call->header("x-amz-storage-class"), "STANDARD_IA");
    EXPECT_EQ(call->request.headers.find("X-Amz-Expires"), nullptr);
    EXPECT_EQ(call->request.headers.size(), 4U);
}

}  // namespace
}  // namespace osbot_aws::services
