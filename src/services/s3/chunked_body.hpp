#pragma once

#include <optional>

#include "base/result.hpp"
#include "services/keys.hpp"
#include "wire/chunk_signatures.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// Returns true if the client declares that the body has chunks. A body with the Content-Encoding aws-chunked alone may
/// have them, too.
bool declares_chunks(const wire::Headers& headers);

/// Returns how to verify the chunks of a body, if they must be signed (Keys::check_all()). check_s3_signature() has
/// verified the signature of the request, which the first chunk signs.
std::optional<wire::Chunk_Signatures> chunk_signatures(const Keys& keys, const wire::Headers& headers);

/// Decodes the body of a request whose operation does not stream it, and verifies its chunks. Returns the trailers.
/// Errors: those of wire::Aws_Chunked_Decoder.
Result<wire::Headers> decode_chunked_body(const Keys& keys, wire::Request& request);

}  // namespace osbot_aws::services
