#include "services/access/access_errors.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace osbot_aws::services {
namespace {

/// The services that have the same errors.
enum class Family { exceptions, query, s3 };

struct Words {
    Family family;
    Access_Problem problem;
    const char* code;
    const char* message;
    int status;
};

using enum Access_Problem;

constexpr const char *invalid_token_text = "The security token included in the request is invalid.",
                     *expired_token_text = "The security token included in the request is expired";
constexpr const char* no_token_text = "Missing Authentication Token";

constexpr Words all_words[] = {
    {Family::exceptions, no_signature, "MissingAuthenticationTokenException", no_token_text, 403},
    {Family::exceptions, incomplete_signature, "IncompleteSignatureException", "", 403},
    {Family::exceptions, unknown_key, "UnrecognizedClientException", invalid_token_text, 403},
    {Family::exceptions, invalid_token, "UnrecognizedClientException", invalid_token_text, 403},
    {Family::exceptions, expired_token, "ExpiredTokenException", expired_token_text, 403},
    {Family::exceptions, bad_signature, "InvalidSignatureException", "", 403},
    {Family::query, no_signature, "MissingAuthenticationToken", "Request is missing Authentication Token", 403},
    {Family::query, incomplete_signature, "IncompleteSignature", "", 403},
    {Family::query, unknown_key, "InvalidClientTokenId", invalid_token_text, 403},
    {Family::query, invalid_token, "InvalidClientTokenId", invalid_token_text, 403},
    {Family::query, expired_token, "ExpiredToken", expired_token_text, 403},
    {Family::query, bad_signature, "SignatureDoesNotMatch", "", 403},
    // S3 checks signatures by itself (s3_signature.cpp).
    {Family::s3, unknown_key, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
     403},
    {Family::s3, invalid_token, "InvalidToken", "The provided token is malformed or otherwise invalid.", 400},
    {Family::s3, expired_token, "ExpiredToken", "The provided token has expired.", 400},
};

Family family_of(const aws::Service& service) {
    switch (service.protocol) {
        case aws::Protocol::rest_xml:
            return Family::s3;
        case aws::Protocol::rest_json:
        case aws::Protocol::json11:
            return Family::exceptions;
        default:
            return Family::query;  // SQS in JSON, too: its clients know the codes of the Query protocol
    }
}

/// Services in JSON 1.1 send 400, whatever the error is.
int status_of(const aws::Service& service, int status) {
    return service.protocol == aws::Protocol::json11 ? 400 : status;
}

}  // namespace

Error access_error(const aws::Service& service, Access_Problem problem, std::string message) {
    const auto* const found = std::ranges::find_if(all_words, [&, family = family_of(service)](const Words& each) {
        return each.family == family && each.problem == problem;
    });
    if (found == std::end(all_words)) return {"AccessDenied", "Access Denied", 403};
    return {found->code, message.empty() ? found->message : std::move(message), status_of(service, found->status)};
}

Error access_denied_error(const aws::Service& service, std::string message) {
    const bool has_exceptions = family_of(service) == Family::exceptions;
    return {has_exceptions ? "AccessDeniedException" : "AccessDenied", std::move(message), status_of(service, 403)};
}

}  // namespace osbot_aws::services
