#include "services/s3/s3_signature.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/request_scope.hpp"
#include "services/s3/s3_integrity.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

using wire::Signature_Claim;

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::chrono::minutes skew_max{15};
constexpr std::int64_t link_s_max = 604'800;

constexpr std::array<std::string_view, 6> link_parameters{"X-Amz-Algorithm", "X-Amz-Credential",    "X-Amz-Signature",
                                                          "X-Amz-Date",      "X-Amz-SignedHeaders", "X-Amz-Expires"};

// The query parameters that Version 2 signs; others are not signed.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, CanonicalizedResource
constexpr std::array<std::string_view, 27> version_2_parameters{"acl",
                                                                "cors",
                                                                "delete",
                                                                "lifecycle",
                                                                "location",
                                                                "logging",
                                                                "notification",
                                                                "partNumber",
                                                                "policy",
                                                                "replication",
                                                                "requestPayment",
                                                                "response-cache-control",
                                                                "response-content-disposition",
                                                                "response-content-encoding",
                                                                "response-content-language",
                                                                "response-content-type",
                                                                "response-expires",
                                                                "restore",
                                                                "select",
                                                                "tagging",
                                                                "torrent",
                                                                "uploadId",
                                                                "uploads",
                                                                "versionId",
                                                                "versioning",
                                                                "versions",
                                                                "website"};

Error denied(std::string message) { return {"AccessDenied", std::move(message), 403}; }
Error wrong_query(std::string message) { return {"AuthorizationQueryParametersError", std::move(message), 400}; }

std::string spaced_hex(std::string_view text) {
    const auto digits = base::hex_encode(text);
    std::string spaced;
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        if (at > 0) spaced += ' ';
        spaced += digits.substr(at, 2);
    }
    return spaced;
}

Error mismatch(Signed_Request& call, const std::string& key, const std::string& signature, const std::string& to_sign,
               const std::string& canonical) {
    aws::Error_Details details{{"AWSAccessKeyId", key},
                               {"StringToSign", to_sign},
                               {"SignatureProvided", signature},
                               {"StringToSignBytes", spaced_hex(to_sign)}};
    if (!canonical.empty()) {
        details.emplace_back("CanonicalRequest", canonical);
        details.emplace_back("CanonicalRequestBytes", spaced_hex(canonical));
    }
    return call.refuse({"SignatureDoesNotMatch",
                        "The request signature we calculated does not match the signature you provided. Check your key "
                        "and signing method.",
                        403},
                       std::move(details));
}

/// The result for a key whose secret is not known: an error only if each key must exist.
Result<void> unknown_key(Signed_Request& call, const Keys& keys, const std::string& key) {
    if (!keys.checks_all()) return {};
    return call.refuse({"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403},
                       {{"AWSAccessKeyId", key}});
}

/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, SignedHeaders
Result<void> check_signed_headers(Signed_Request& call, const Signature_Claim& claim) {
    const auto missing = wire::headers_not_signed(call.request, claim.signed_headers);
    if (missing.empty()) return {};
    return call.refuse(denied("There were headers present in the request which were not signed"),
                       {{"HeadersNotSigned", base::lower_case(fmt::format("{}", fmt::join(missing, ", ")))}});
}

Result<void> check_version_4(Signed_Request& call, const Keys& keys, const Signature_Claim& claim) {
    const auto secret = keys.known_secret(claim.access_key_id);
    if (!secret) return unknown_key(call, keys, claim.access_key_id);
    if (keys.checks_all()) OSBOT_TRY(check_signed_headers(call, claim));
    const auto expected = wire::expected_signature(call.request, claim, *secret);
    if (base::equal_constant_time(expected.signature, claim.signature)) return {};
    return mismatch(call, claim.access_key_id, claim.signature, expected.string_to_sign, expected.canonical_request);
}

// ---- signatures in the headers ----

constexpr std::array<std::string_view, 6> payload_kinds{
    unsigned_payload,
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
};

/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, x-amz-content-sha256.
/// Messages: https://github.com/openstack/swift, test/functional/s3api/test_object.py
Result<void> check_payload_hash(Signed_Request& call) {
    constexpr std::string_view header = "x-amz-content-sha256";
    const std::string_view hash = call.header(header);
    if (hash.empty())
        return Error{"InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400};
    if (is_sha256(hash) || std::ranges::find(payload_kinds, hash) != payload_kinds.end()) return {};
    return call.refuse_argument(
        fmt::format("{} must be {} or a valid sha256 value.", header, fmt::join(payload_kinds, ", ")), header, hash);
}

Result<void> check_header(Signed_Request& call, const Keys& keys, base::Time now, std::string_view authorization) {
    const auto fields = authorization.substr(algorithm.size());
    Signature_Claim claim{.date = wire::signature_date(call.request.headers),
                          .signed_headers = std::string(wire::authorization_field(fields, "SignedHeaders")),
                          .signature = std::string(wire::authorization_field(fields, "Signature")),
                          .payload_hash = std::string(call.header("X-Amz-Content-SHA256"))};
    const auto credential = wire::authorization_field(fields, "Credential");
    const std::string key(credential.substr(0, credential.find('/')));
    if (!keys.known_secret(key)) return unknown_key(call, keys, key);
    const auto signed_at = wire::signature_time(claim.date);
    if (!signed_at) return denied("AWS authentication requires a valid Date or x-amz-date header");
    if (*signed_at > now + skew_max || *signed_at < now - skew_max) {
        return call.refuse(
            {"RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403},
            {{"RequestTime", claim.date},
             {"ServerTime", base::iso8601_z(now)},
             {"MaxAllowedSkewMilliseconds", "900000"}});
    }
    if (!wire::take_scope(credential, claim)) {
        return Error{"AuthorizationHeaderMalformed",
                     "The authorization header is malformed; the Credential is mal-formed; expecting "
                     "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
                     400};
    }
    OSBOT_TRY(check_payload_hash(call));
    return check_version_4(call, keys, claim);
}

// ---- links of Version 4 ----

Result<std::int64_t> expires_of(const Signed_Request& call) {
    const auto expires = base::parse_number<std::int64_t>(call.text("X-Amz-Expires"));
    if (!expires) return wrong_query("X-Amz-Expires should be a number");
    if (*expires < 0) return wrong_query("X-Amz-Expires must be non-negative");
    if (*expires <= link_s_max) return *expires;
    return wrong_query(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
        "604800 "
        "seconds");
}

Result<void> check_link_time(Signed_Request& call, base::Time signed_at, std::int64_t expires_s, base::Time now) {
    const auto last = signed_at + std::chrono::seconds(expires_s);
    if (signed_at > now + skew_max) {
        return call.refuse(denied("Request is not yet valid"),
                           {{"X-Amz-Date", std::to_string(base::unix_ms(signed_at))},
                            {"Expires", base::iso8601_z(last)},
                            {"ServerTime", base::iso8601_z(now)}});
    }
    if (now <= last) return {};
    return call.refuse(denied("Request has expired"), {{"X-Amz-Expires", std::to_string(expires_s)},
                                                       {"Expires", base::iso8601_z(last)},
                                                       {"ServerTime", base::iso8601_z(now)}});
}

/// The body of a link is not signed, unless the client signed its hash as a parameter or as a header.
/// Source: https://github.com/aws/aws-sdk-go, aws/signer/v4/v4.go, buildBodyDigest
std::string payload_hash_of_link(const Signed_Request& call) {
    constexpr std::string_view name = "x-amz-content-sha256";
    for (const auto& [parameter, value] : call.query)
        if (base::equal_ignoring_case(parameter, name)) return value;
    const std::string listed = ";" + call.text("X-Amz-SignedHeaders") + ";";
    const bool is_signed = listed.find(fmt::format(";{};", name)) != std::string::npos;
    return std::string(is_signed ? call.header(name) : unsigned_payload);
}

Result<void> check_link(Signed_Request& call, const Keys& keys, base::Time now) {
    if (call.text("X-Amz-Algorithm") != algorithm) {
        return wrong_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
    }
    if (!std::ranges::all_of(link_parameters, [&](auto name) { return call.asks(name); })) {
        return wrong_query(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
    Signature_Claim claim{.date = call.text("X-Amz-Date"),
                          .signed_headers = call.text("X-Amz-SignedHeaders"),
                          .signature = call.text("X-Amz-Signature"),
                          .payload_hash = payload_hash_of_link(call)};
    const auto signed_at = wire::signature_time(claim.date);
    if (!signed_at) { return wrong_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""); }
    OSBOT_TRY(const auto expires_s, expires_of(call));
    OSBOT_TRY(check_link_time(call, *signed_at, expires_s, now));
    if (!wire::take_scope(call.text("X-Amz-Credential"), claim)) {
        return wrong_query(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
            "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    return check_version_4(call, keys, claim);
}

// ---- links of Version 2 ----

/// Returns the x-amz-* headers and query parameters, one per line.
std::string version_2_headers(const Signed_Request& call) {
    std::map<std::string, std::string> lines;
    const auto take = [&](const auto& fields) {
        for (const auto& [field, value] : fields) {
            if (const auto name = base::lower_case(field); name.starts_with("x-amz-")) lines.try_emplace(name, value);
        }
    };
    take(call.request.headers);
    take(call.query);
    std::string text;
    for (const auto& [name, value] : lines) text += fmt::format("{}:{}\n", name, value);
    return text;
}

std::string version_2_resource(const Signed_Request& call) {
    const auto path = call.request.path();
    auto resource = call.bucket_in_host.empty() ? std::string(path) : fmt::format("/{}{}", call.bucket_in_host, path);
    char mark = '?';
    for (const auto name : version_2_parameters) {
        const auto value = wire::query_value(call.query, name);
        if (!value) continue;
        resource += std::exchange(mark, '&');
        resource += value->empty() ? std::string(name) : fmt::format("{}={}", name, *value);
    }
    return resource;
}

std::string header_or_parameter(const Signed_Request& call, std::string_view name) {
    const auto header = call.header(name);
    return header.empty() ? call.text(name) : std::string(header);
}

Result<void> check_link_of_version_2(Signed_Request& call, const Keys& keys, base::Time now) {
    const auto key = call.text("AWSAccessKeyId"), expires = call.text("Expires"), signature = call.text("Signature");
    if (key.empty() || expires.empty()) {
        return denied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
    }
    const auto last_s = base::parse_number<std::int32_t>(expires);
    if (!last_s) return denied(fmt::format("Invalid date (should be seconds since epoch): {}", expires));
    const auto last = base::from_unix_ms(std::int64_t{*last_s} * 1000);
    if (now > last) {
        return call.refuse(denied("Request has expired"),
                           {{"Expires", base::iso8601_z(last)}, {"ServerTime", base::iso8601_z(now)}});
    }
    const auto secret = keys.known_secret(key);
    if (!secret) return unknown_key(call, keys, key);
    const auto to_sign = fmt::format(
        "{}\n{}\n{}\n{}\n{}{}", call.request.method, header_or_parameter(call, "content-md5"),
        header_or_parameter(call, "content-type"), expires, version_2_headers(call), version_2_resource(call));
    const auto expected = base::base64_encode(base::hmac_sha1_raw(*secret, to_sign));
    if (base::equal_constant_time(expected, signature)) return {};
    return mismatch(call, key, signature, to_sign, "");
}

/// Returns the key in the mechanism by which a request is signed; "": the request is not signed.
std::string key_of(const Signed_Request& call) {
    const auto key_in = [](std::string_view credential) {
        return std::string(credential.substr(0, credential.find('/')));
    };
    if (call.asks("X-Amz-Algorithm")) return key_in(call.text("X-Amz-Credential"));
    if (call.asks("Signature")) return call.text("AWSAccessKeyId");
    return key_in(wire::authorization_field(
        call.header("Authorization").substr(std::min(algorithm.size(), call.header("Authorization").size())),
        "Credential"));
}

}  // namespace

Signed_Request::Signed_Request(wire::Request sent, const std::vector<std::pair<std::string, std::string>>& parsed_query)
    : request(std::move(sent)), query(parsed_query), bucket_in_host(aws::s3_bucket_of_host(request.headers["Host"])) {}

Result<void> check_s3_signature(Signed_Request& call, const Keys& keys, base::Time now) {
    const auto authorization = call.header("Authorization");
    const bool link = call.asks("X-Amz-Algorithm"), older_link = call.asks("Signature");
    if (int{link} + int{older_link} + int{!authorization.empty()} > 1) {
        return call.refuse_argument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter "
            "or the Authorization header should be specified",
            "Authorization", authorization);
    }
    // The account and the caller of the request were determined by this key.
    if (keys.checks_all() && key_of(call) != scope_of(call.request).access_key_id) return denied("Access Denied");
    if (link) return check_link(call, keys, now);
    if (older_link) return check_link_of_version_2(call, keys, now);
    if (authorization.starts_with(std::string(algorithm) + " ")) return check_header(call, keys, now, authorization);
    if (authorization.empty() || !keys.checks_all()) return {};
    // The message of regions without Version 2: https://github.com/boto/boto/issues/2741
    return Error{"InvalidRequest",
                 "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", 400};
}

void take_headers_of_query(Signed_Request& call) {
    for (const auto& [parameter, value] : call.query) {
        const auto name = base::lower_case(parameter);
        const bool of_signature =
            name == "x-amz-security-token" || std::ranges::any_of(link_parameters, [&](auto link_parameter) {
                return base::lower_case(link_parameter) == name;
            });
        if (name.starts_with("x-amz-") && !of_signature && call.request.headers.find(name) == nullptr)
            call.request.headers.add(name, value);
    }
}

}  // namespace osbot_aws::services
