#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// The credentials and the scope with which a request is signed.
struct Signing {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    std::string region;
    std::string service;
    base::Time time{};
};

/// Signs a request: adds X-Amz-Date, X-Amz-Security-Token and Authorization. `Host` must be set. For S3, also adds
/// X-Amz-Content-SHA256 and does not encode the path twice. All headers are signed except those that proxies change
/// (User-Agent, Expect, Connection ...). Source:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
void sign(Request& request, const Signing& signing);

/// Adds the signature to the query string; it is valid for `expires`. The body is not signed.
void presign(Request& request, const Signing& signing, std::chrono::seconds expires);

/// Returns the secret of an access key, or nullopt if the key does not exist.
using Secret_Of = std::function<std::optional<std::string>(std::string_view access_key_id)>;

/// Verifies the signature of a request for `service`, in its headers or (presigned) in its query. Returns the access
/// key. The body is part of the signature; only S3 has bodies that are not (UNSIGNED-PAYLOAD). Errors, all 403 with
/// AWS's messages: MissingAuthenticationTokenException (not signed), IncompleteSignatureException,
/// UnrecognizedClientException (unknown key), InvalidSignatureException (wrong secret, modified request, or signed more
/// than 5 minutes from `now`; presigned: expired).
Result<std::string> verify(const Request& request, std::string_view service, const Secret_Of& secret_of,
                           base::Time now);

/// The unverified signature data in the headers or the query of a request: signer, date and signed headers.
struct Signature_Claim {
    std::string access_key_id, region, service, date, signed_headers, signature, payload_hash;
    std::chrono::seconds expires{0};  ///< lifetime of a presigned request; 0: signed in the headers
};

/// Returns the key that signs in the scope of a claim.
std::string signing_key(const Signature_Claim& claim, const std::string& secret);

/// Returns the value of `name=` in the comma-separated fields of an Authorization header.
std::string_view authorization_field(std::string_view fields, std::string_view name);
/// Reads access key, region and service from "AKID/20261123/eu-west-1/lambda/aws4_request". Returns false if it has
/// another format or another day than `claim.date`.
bool take_scope(std::string_view credential, Signature_Claim& claim);
/// Returns the names of the headers that a signature must cover but does not: "host" first, because the request could
/// be sent to any host, then AWS's own (X-Amz-*), which change what a request does.
std::vector<std::string> headers_not_signed(const Request& request, std::string_view signed_headers);
/// Parses YYYYMMDDTHHMMSSZ.
std::optional<base::Time> signature_time(std::string_view date);
/// Returns the time of a signature in that form: X-Amz-Date, else Date. Another form is returned unchanged.
std::string signature_date(const Headers& headers);

/// The correct signature for a claim, and the intermediate results.
struct Expected_Signature {
    std::string canonical_request, signed_headers, string_to_sign, signature;
};
Expected_Signature expected_signature(const Request& request, const Signature_Claim& claim, const std::string& secret);

// The intermediate steps, for tests against AWS's examples and botocore.
std::string canonical_request(const Request& request, std::string_view service, std::string_view payload_hash,
                              std::string& signed_headers);
std::string string_to_sign(const Signing& signing, std::string_view canonical_request);
std::string signature(const Signing& signing, std::string_view canonical_request);

}  // namespace osbot_aws::wire
