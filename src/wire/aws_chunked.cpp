#include "wire/aws_chunked.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace osbot_aws::wire {
namespace {

constexpr std::size_t line_bytes_max = 8192;
constexpr std::uint64_t chunk_bytes_min = 8192;     // but of the last chunk
constexpr std::size_t trailers_bytes_max = 16'384;  // S3's trailers are one checksum and its signature

Error incomplete() { return {"IncompleteBody", "The request body terminated unexpectedly", 400}; }

}  // namespace

Result<void> Aws_Chunked_Decoder::feed(std::string_view piece,
                                       const std::function<Result<void>(std::string_view)>& sink) {
    while (!piece.empty() && part_ != Part::end) {
        if (part_ == Part::bytes) {
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size()));
            if (signatures_) signatures_->update(piece.substr(0, size));
            OSBOT_TRY(sink(piece.substr(0, size)));
            piece.remove_prefix(size);
            left_ -= size;
            if (left_ == 0) OSBOT_TRY(end_chunk());
            continue;
        }
        const auto end = piece.find('\n');
        line_ += piece.substr(0, end);
        if (line_.size() > line_bytes_max) return incomplete();
        if (end == std::string_view::npos) return {};
        piece.remove_prefix(end + 1);
        OSBOT_TRY(take_line());
    }
    return {};
}

Result<void> Aws_Chunked_Decoder::end_chunk() {
    part_ = Part::end_of_chunk;
    return signatures_ ? signatures_->end_chunk(signature_) : Result<void>();
}

/// Reads the line before a chunk: its size, and ;chunk-signature=...
Result<void> Aws_Chunked_Decoder::take_size(const std::string& line) {
    constexpr std::string_view mark = ";chunk-signature=";
    const auto* first = line.data();
    const auto* last = first + std::min(line.find(';'), line.size());
    const auto [end, error] = std::from_chars(first, last, left_, 16);
    if (error != std::errc{} || end != last) {
        return Error{"InvalidChunkSizeError", "The chunk size could not be read", 400};
    }
    const std::size_t at = line.find(mark);
    signature_ = at == std::string::npos ? "" : line.substr(at + mark.size());
    part_ = Part::bytes;
    // https://github.com/aws/aws-sdk-js-v3/issues/6859
    if (left_ > 0 && std::exchange(has_small_chunk_, left_ < chunk_bytes_min))
        return Error{"InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes",
                     403};
    if (left_ > 0) return {};
    auto ended = end_chunk();
    part_ = Part::trailer_line;
    return ended;
}

Result<void> Aws_Chunked_Decoder::take_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    const auto line = std::exchange(line_, {});
    switch (part_) {
        case Part::size_line:
            return take_size(line);
        case Part::end_of_chunk:
            if (!line.empty()) return incomplete();
            part_ = Part::size_line;
            return {};
        case Part::trailer_line: {
            if (line.empty()) {
                part_ = Part::end;
                return {};
            }
            trailers_bytes_ += line.size();
            if (trailers_bytes_ > trailers_bytes_max) return incomplete();
            const auto colon = std::min(line.find(':'), line.size() - 1);
            auto value = line.substr(colon + 1);
            value.erase(0, value.find_first_not_of(' '));
            trailers_.add(line.substr(0, colon), std::move(value));
            return {};
        }
        default:
            return {};
    }
}

// Some clients omit the last empty line.
Result<void> Aws_Chunked_Decoder::finish() {
    if (part_ != Part::end && (part_ != Part::trailer_line || !line_.empty())) return incomplete();
    return signatures_ ? signatures_->check_trailers(trailers_) : Result<void>();
}

}  // namespace osbot_aws::wire
