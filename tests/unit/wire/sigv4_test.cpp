#include "wire/sigv4.hpp"

#include <fmt/format.h>
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

std::string message_of(const Request& request) {
    const auto verified = verify(request, "iam", secret_of, base::from_unix_ms(now_ms));
    return verified ? "verified" : verified.error().message;
}

Request with_authorization(const std::string& from, const std::string& to) {
    Request request = signed_post();
    std::string text(request.headers["Authorization"]);
    request.headers.set("Authorization", text.replace(text.find(from), from.size(), to));
    return request;
}

// Messages: https://github.com/mhart/kinesalite/blob/master/test/connection.js, which compares with AWS
TEST(Sigv4_Test, host_and_headers_of_aws_must_be_signed) {
    Request request{.headers = {}};
    sign(request, example_signing());
    request.headers.set("Host", "anywhere");
    EXPECT_EQ(refusal(request), "InvalidSignatureException");
    EXPECT_EQ(message_of(request), "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    Request added = signed_post();
    added.headers.set("X-Amz-Target", "Other");
    EXPECT_EQ(refusal(added), "InvalidSignatureException");
    EXPECT_EQ(message_of(added), "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST(Sigv4_Test, verify_names_each_missing_part) {
    const Request nothing{.headers = {{"Host", "h"}, {"Authorization", "AWS4-HMAC-SHA256 nonsense"}}};
    EXPECT_THAT(message_of(nothing),
                StartsWith("Authorization header requires 'Credential' parameter. Authorization header requires "
                           "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
                           "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                           "(Hashed with SHA-256 and encoded with Base64) Authorization="));
    const Request link{.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=1", .headers = {{"Host", "h"}}};
    EXPECT_EQ(message_of(link),
              "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include "
              "'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the "
              "query-string parameters.");
}

TEST(Sigv4_Test, a_request_is_signed_once) {
    Request both = signed_post();
    both.target += "&X-Amz-Algorithm=AWS4-HMAC-SHA256";
    EXPECT_EQ(message_of(both),
              "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
}

TEST(Sigv4_Test, verify_names_all_faults_of_the_scope) {
    EXPECT_EQ(message_of(with_authorization("20150830/us-east-1/iam/aws4_request", "a/b")),
              "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
              "'AKIDEXAMPLE/a/b'");
    EXPECT_EQ(message_of(with_authorization("20150830/us-east-1/iam/aws4_request", "20150831/us-east-1/s3/aws4")),
              "Credential should be scoped to correct service: 'iam'. Credential should be scoped with a valid "
              "terminator: 'aws4_request', not 'aws4'. Date in Credential scope does not match YYYYMMDD from ISO-8601 "
              "version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'. ");
}

TEST(Sigv4_Test, only_s3_accepts_a_body_that_is_not_signed) {
    for (const char* service : {"iam", "s3"}) {
        Signing as = example_signing();
        as.service = service;
        Request request{.method = "PUT", .target = "/path", .headers = {{"Host", "h"}}};
        request.headers.set("X-Amz-Date", base::sigv4_date(as.time));
        request.headers.set("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD");
        request.body = "{}";
        std::string names;
        const std::string canonical = canonical_request(request, service, "UNSIGNED-PAYLOAD", names);
        request.headers.set("Authorization",
                            fmt::format("AWS4-HMAC-SHA256 Credential={}/20150830/us-east-1/{}/aws4_request, "
                                        "SignedHeaders={}, Signature={}",
                                        as.access_key_id, service, names, signature(as, canonical)));
        EXPECT_EQ(refusal(request, {}, service),
                  service == std::string("s3") ? "verified" : "InvalidSignatureException");
    }
}

// The SDK for C++ sends the path as in `target`, and signs it as in `signed_path`:
// https://github.com/aws/aws-sdk-cpp, aws-cpp-sdk-core/source/http/URI.cpp
TEST(Sigv4_Test, escapes_in_the_path_of_s3_do_not_matter) {
    std::string names;
    const auto path_of = [&](const char* target) {
        const Request request{.method = "GET", .target = target, .headers = {{"Host", "h"}}};
        const std::string canonical = canonical_request(request, "s3", "", names);
        return canonical.substr(4, canonical.find('\n', 4) - 4);
    };
    const char* const signed_path = "/b/a%3Db%3Ac%40d%24e%26f%2Cg%C3%BC~";
    EXPECT_EQ(path_of("/b/a=b:c@d$e&f,g%c3%bc~"), signed_path);
    EXPECT_EQ(path_of(signed_path), signed_path);
    EXPECT_EQ(path_of("/b/a%2Fb//c/"), std::string_view("/b/a%2Fb//c/"));
}

TEST(Sigv4_Test, the_header_date_is_the_time_of_a_signature) {
    EXPECT_EQ(signature_date({{"Date", "Sun, 30 Aug 2015 12:36:00 GMT"}}), "20150830T123600Z");
    EXPECT_EQ(signature_date({{"Date", "20150830T123600Z"}}), "20150830T123600Z");
    EXPECT_EQ(signature_date({{"Date", "Sun, 30 Aug 2015 12:36:00 GMT"}, {"X-Amz-Date", "20150831T000000Z"}}),
              "20150831T000000Z");
}

TEST(Sigv4_Test, verify_rejects_another_format_of_the_date) {
    Request request = signed_post();
    request.headers.set("X-Amz-Date", "201");
    EXPECT_EQ(refusal(request), "IncompleteSignatureException");
    EXPECT_EQ(message_of(request),
              "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601");
}

}  // namespace
}  // namespace osbot_aws::wire
