#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// As whom and for what a request is signed.
struct Signing {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    std::string region;
    std::string service;
    base::Time time{};
};

/// Adds X-Amz-Date, X-Amz-Security-Token and Authorization. `Host` must be set. S3 also gets X-Amz-Content-SHA256 and
/// no second encoding of the path. Every header that is there is signed, but those that proxies change (User-Agent,
/// Expect, Connection ...). Source:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
void sign(Request& request, const Signing& as);

/// The query of the same request with the signature in it, good for `expires`; the body is not signed.
void presign(Request& request, const Signing& as, std::chrono::seconds expires);

/// The secret of an access key; nothing when there is no such key.
using Secret_Of = std::function<std::optional<std::string>(std::string_view access_key_id)>;

/// Whether the request is signed, in its headers or (presigned) in its query, for `service` by the key it names;
/// answers that key. A body that the signature left out (UNSIGNED-PAYLOAD) is not looked at. Errors, all 403 and in
/// AWS's words: MissingAuthenticationTokenException (not signed), IncompleteSignatureException,
/// UnrecognizedClientException (no such key), InvalidSignatureException (another key, changed on the way, or signed
/// more than 5 minutes from `now`; presigned: after its time).
Result<std::string> verify(const Request& request, std::string_view service, const Secret_Of& secret_of,
                           base::Time now);

/// Who says to have signed a request, when, and what of it, as it stands in the headers or in the query: unchecked.
struct Signature_Claim {
    std::string access_key_id, region, service, date, signed_headers, signature, payload_hash;
    std::chrono::seconds expires{0};  ///< of a presigned request; 0: signed in the headers
};

/// The value of `name=` among the fields of an Authorization header, parted by commas.
std::string_view authorization_field(std::string_view fields, std::string_view name);
/// Takes access key, region and service of "AKID/20261123/eu-west-1/lambda/aws4_request". False: it isn't one, or it is
/// not of the day of `claim.date`.
bool take_scope(std::string_view credential, Signature_Claim& claim);
/// Of YYYYMMDDTHHMMSSZ.
std::optional<base::Time> signature_time(std::string_view date);

/// The signature that the claim should have, and what it is of.
struct Expected_Signature {
    std::string canonical_request, signed_headers, string_to_sign, signature;
};
Expected_Signature expected_signature(const Request& request, const Signature_Claim& claim, const std::string& secret);

/// The steps in between, for tests against AWS's examples and botocore.
std::string canonical_request(const Request& request, std::string_view service, std::string_view payload_hash,
                              std::string& signed_headers);
std::string string_to_sign(const Signing& as, std::string_view canonical_request);
std::string signature(const Signing& as, std::string_view canonical_request);

}  // namespace osbot_aws::wire
