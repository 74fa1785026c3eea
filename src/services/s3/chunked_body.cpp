#include "services/s3/chunked_body.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "wire/aws_chunked.hpp"

namespace osbot_aws::services {

bool declares_chunks(const wire::Headers& headers) { return headers["x-amz-content-sha256"].starts_with("STREAMING-"); }

std::optional<wire::Chunk_Signatures> chunk_signatures(const Keys& keys, const wire::Headers& headers) {
    const std::string_view kind = headers["x-amz-content-sha256"];
    if (!keys.checks_all() || !kind.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) return std::nullopt;
    const std::string_view fields = headers["Authorization"];
    wire::Signature_Claim claim{.date = wire::signature_date(headers)};
    claim.signature = wire::authorization_field(fields, "Signature");
    // The first field follows the name of the algorithm.
    const std::size_t space = fields.find(' ');
    const auto credential = wire::authorization_field(fields.substr(std::min(space, fields.size())), "Credential");
    if (!wire::take_scope(credential, claim)) return std::nullopt;
    return wire::Chunk_Signatures(claim, keys.known_secret(claim.access_key_id).value_or(""),
                                  kind.ends_with("-TRAILER"));
}

Result<wire::Headers> decode_chunked_body(const Keys& keys, wire::Request& request) {
    wire::Aws_Chunked_Decoder decoder;
    if (auto signatures = chunk_signatures(keys, request.headers)) decoder.verify(std::move(*signatures));
    std::string decoded;
    OSBOT_TRY(decoder.feed(request.body.bytes(), [&](std::string_view bytes) -> Result<void> {
        decoded += bytes;
        return {};
    }));
    OSBOT_TRY(decoder.finish());
    request.body = std::move(decoded);
    return decoder.trailers();
}

}  // namespace osbot_aws::services
