#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// Decodes `Content-Encoding: aws-chunked` bodies (STREAMING-...): chunks with or without signatures, then trailers.
/// Signatures of chunks are not checked.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
class Aws_Chunked_Decoder {
public:
    /// Decodes the next piece, of any size, and passes the decoded bytes to `sink`.
    /// Errors: IncompleteBody, InvalidChunkSizeError.
    Result<void> feed(std::string_view piece, const std::function<Result<void>(std::string_view)>& sink);
    /// Checks that the body is complete. Called after the last piece. Errors: IncompleteBody.
    Result<void> finish() const;
    const Headers& trailers() const { return trailers_; }

private:
    enum class Part { size_line, bytes, end_of_chunk, trailer_line, end };
    Result<void> take_line();

    Part part_ = Part::size_line;
    std::string line_;
    std::uint64_t left_ = 0;
    Headers trailers_;
    std::size_t trailers_bytes_ = 0;
};

}  // namespace osbot_aws::wire
