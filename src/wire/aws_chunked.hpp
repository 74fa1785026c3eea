#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "wire/chunk_signatures.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// Decodes `Content-Encoding: aws-chunked` bodies (STREAMING-...): chunks with or without signatures, then trailers.
/// Signatures of chunks are checked only with verify().
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
class Aws_Chunked_Decoder {
public:
    /// From now on each chunk and the trailers must be signed. Errors of feed() and finish(): SignatureDoesNotMatch,
    /// MalformedTrailerError.
    void verify(Chunk_Signatures signatures) { signatures_.emplace(std::move(signatures)); }
    /// Decodes the next piece, of any size, and passes the decoded bytes to `sink`.
    /// Errors: IncompleteBody, InvalidChunkSizeError.
    Result<void> feed(std::string_view piece, const std::function<Result<void>(std::string_view)>& sink);
    /// Checks that the body is complete. Called after the last piece. Errors: IncompleteBody.
    Result<void> finish();
    const Headers& trailers() const { return trailers_; }

private:
    enum class Part { size_line, bytes, end_of_chunk, trailer_line, end };
    Result<void> take_line();
    Result<void> take_size(const std::string& line);
    /// Verifies the signature of the chunk that ends.
    Result<void> end_chunk();

    std::optional<Chunk_Signatures> signatures_;
    Part part_ = Part::size_line;
    std::string line_, signature_;
    std::uint64_t left_ = 0;
    bool has_small_chunk_ = false;  ///< which must be the last one
    Headers trailers_;
    std::size_t trailers_bytes_ = 0;
};

}  // namespace osbot_aws::wire
