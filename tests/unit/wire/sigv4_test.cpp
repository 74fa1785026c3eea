#include "wire/sigv4.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"

namespace osbot_aws::wire {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t now_ms = 1'440'938'160'000;  // 20150830T123600Z

Signing example_signing() {
    return {
        "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "iam", base::from_unix_ms(now_ms)};
}

std::optional<std::string> secret_of(std::string_view key) {
    if (key == "AKIDEXAMPLE") return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    return std::nullopt;
}

Request signed_post() {
    Request request{.method = "POST", .target = "/path%20x?b=2&a=1", .headers = {{"Host", "h:1"}}};
    request.body = "{}";
    sign(request, example_signing());
    return request;
}

std::string refusal(const Request& request, std::chrono::seconds later = {}, std::string_view service = "iam") {
    const auto verified = verify(request, service, secret_of, base::from_unix_ms(now_ms) + later);
    return verified ? "verified" : verified.error().code;
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, as printed since 2013
TEST(Sigv4_Test, signature_equals_the_example_of_aws) {
    Request request{.target = "/?Action=ListUsers&Version=2010-05-08",
                    .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                                {"Host", "iam.amazonaws.com"}}};
    sign(request, example_signing());
    EXPECT_EQ(request.headers["Authorization"],
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, "
              "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(Sigv4_Test, verify_accepts_signed_request_and_returns_its_key) {
    const auto verified = verify(signed_post(), "iam", secret_of, base::from_unix_ms(now_ms));
    ASSERT_TRUE(verified);
    EXPECT_EQ(*verified, "AKIDEXAMPLE");
}

TEST(Sigv4_Test, verify_rejects_modified_requests) {
    Request body = signed_post(), path = signed_post(), query = signed_post(), host = signed_post(),
            method = signed_post();
    body.body = "{ }";
    path.target = "/other?b=2&a=1";
    query.target += "&c=3";
    host.headers.set("Host", "elsewhere");
    method.method = "PUT";
    for (const Request& request : {body, path, query, host, method})
        EXPECT_EQ(refusal(request), "InvalidSignatureException") << request.method << " " << request.target;
}

TEST(Sigv4_Test, verify_rejects_a_body_with_another_hash) {
    Request request = signed_post();
    request.headers.set("X-Amz-Content-SHA256", "0000");
    request.body = "other";
    EXPECT_EQ(refusal(request), "InvalidSignatureException");
}

TEST(Sigv4_Test, verify_rejects_unsigned_and_unknown_with_errors_of_aws) {
    Request unknown = signed_post();
    std::string text(unknown.headers["Authorization"]);
    unknown.headers.set("Authorization", text.replace(text.find("AKIDEXAMPLE"), 11, "AKIDNOTHING"));
    EXPECT_EQ(refusal(unknown), "UnrecognizedClientException");
    EXPECT_EQ(refusal(Request{.headers = {{"Host", "h"}}}), "MissingAuthenticationTokenException");
    EXPECT_EQ(refusal(Request{.headers = {{"Host", "h"}, {"Authorization", "AWS4-HMAC-SHA256 nonsense"}}}),
              "IncompleteSignatureException");
    EXPECT_EQ(refusal(signed_post(), {}, "lambda"), "InvalidSignatureException");
}

TEST(Sigv4_Test, signature_is_valid_for_five_minutes_before_and_after) {
    EXPECT_EQ(refusal(signed_post(), std::chrono::seconds(300)), "verified");
    EXPECT_EQ(refusal(signed_post(), std::chrono::seconds(301)), "InvalidSignatureException");
    EXPECT_EQ(refusal(signed_post(), std::chrono::seconds(-300)), "verified");
    EXPECT_EQ(refusal(signed_post(), std::chrono::seconds(-301)), "InvalidSignatureException");
}

TEST(Sigv4_Test, presigned_link_is_valid_for_its_lifetime_and_target) {
    Request link{.target = "/hello?x=1", .headers = {{"Host", "h:1"}}};
    Signing as = example_signing();
    as.session_token = "a/token+";
    presign(link, as, std::chrono::seconds(600));
    EXPECT_THAT(link.target, StartsWith("/hello?x=1&X-Amz-Algorithm="));
    EXPECT_THAT(link.target, HasSubstr("X-Amz-Security-Token=a%2Ftoken%2B"));
    EXPECT_EQ(refusal(link, std::chrono::seconds(600)), "verified");
    EXPECT_EQ(refusal(link, std::chrono::seconds(601)), "InvalidSignatureException");
    link.target.replace(link.target.find("x=1"), 3, "x=2");
    EXPECT_EQ(refusal(link), "InvalidSignatureException");
}

TEST(Sigv4_Test, verify_rejects_unsigned_host) {
    Request request{.headers = {}};
    sign(request, example_signing());
    request.headers.set("Host", "anywhere");
    EXPECT_EQ(refusal(request), "IncompleteSignatureException");
}

}  // namespace
}  // namespace osbot_aws::wire
