#include "wire/chunk_signatures.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace osbot_aws::wire {
namespace {

constexpr std::string_view trailer_signature = "x-amz-trailer-signature";

}  // namespace

Chunk_Signatures::Chunk_Signatures(const Signature_Claim& claim, const std::string& secret, bool signs_trailers)
    : key_(signing_key(claim, secret)),
      scope_lines_(
          fmt::format("{}\n{}/{}/{}/aws4_request", claim.date, claim.date.substr(0, 8), claim.region, claim.service)),
      last_(claim.signature),
      signs_trailers_(signs_trailers) {}

Result<void> Chunk_Signatures::check(std::string_view to_sign, std::string_view signature) {
    std::string expected = base::hex_encode(base::hmac_sha256_raw(key_, to_sign));
    if (!base::equal_constant_time(expected, signature))
        return Error{"SignatureDoesNotMatch",
                     "The request signature we calculated does not match the signature you provided. Check your key "
                     "and signing method.",
                     403};
    last_ = std::move(expected);
    return {};
}

Result<void> Chunk_Signatures::end_chunk(std::string_view signature) {
    const std::string hash = base::hex_encode(std::exchange(hash_, base::Sha256()).finish_raw());
    return check(
        fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}", scope_lines_, last_, base::sha256_hex(""), hash),
        signature);
}

Result<void> Chunk_Signatures::check_trailers(const Headers& trailers) {
    std::string lines;
    for (const auto& [name, value] : trailers)
        if (!base::equal_ignoring_case(name, trailer_signature))
            lines += fmt::format("{}:{}\n", base::lower_case(name), value);
    if (lines.empty() && !signs_trailers_) return {};
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
    if (lines.empty() || trailers[trailer_signature].empty())
        return Error{"MalformedTrailerError",
                     "The request contained trailing data that was not well-formed or did not conform to our published "
                     "schema.",
                     400};
    return check(fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}", scope_lines_, last_, base::sha256_hex(lines)),
                 trailers[trailer_signature]);
}

}  // namespace osbot_aws::wire
