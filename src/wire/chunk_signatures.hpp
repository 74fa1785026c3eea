#pragma once

#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "wire/http.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::wire {

/// Verifies the signatures of the chunks of a body (STREAMING-AWS4-HMAC-SHA256-PAYLOAD), each of which signs the one
/// before; the first signs the signature of the request. Errors: SignatureDoesNotMatch, MalformedTrailerError.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, sigv4-streaming-trailers.html
class Chunk_Signatures {
public:
    /// `claim`: of the request, verified. If its trailers are signed, they must be there.
    Chunk_Signatures(const Signature_Claim& claim, const std::string& secret, bool signs_trailers);

    /// Adds bytes of the current chunk.
    void update(std::string_view bytes) { hash_.update(bytes); }
    /// Verifies the current chunk, and starts the next one.
    Result<void> end_chunk(std::string_view signature);
    /// Verifies the trailers.
    Result<void> check_trailers(const Headers& trailers);

private:
    Result<void> check(std::string_view to_sign, std::string_view signature);

    std::string key_, scope_lines_, last_;
    bool signs_trailers_;
    base::Sha256 hash_;
};

}  // namespace osbot_aws::wire
