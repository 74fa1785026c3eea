#include "wire/aws_chunked.hpp"

#include <algorithm>
#include <charconv>

namespace osbot_aws::wire {
namespace {

constexpr std::size_t line_bytes_max = 8192;
constexpr std::size_t trailers_bytes_max = 16'384;  // S3's trailers are one checksum and its signature

Error incomplete() { return {"IncompleteBody", "The request body terminated unexpectedly", 400}; }

}  // namespace

Result<void> Aws_Chunked_Decoder::feed(std::string_view piece,
                                       const std::function<Result<void>(std::string_view)>& sink) {
    while (!piece.empty() && part_ != Part::end) {
        if (part_ == Part::bytes) {
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size()));
            OSBOT_TRY(sink(piece.substr(0, size)));
            piece.remove_prefix(size);
            left_ -= size;
            if (left_ == 0) part_ = Part::end_of_chunk;
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

Result<void> Aws_Chunked_Decoder::take_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    const auto line = std::exchange(line_, {});
    switch (part_) {
        case Part::size_line: {
            const auto* first = line.data();
            const auto* last = first + std::min(line.find(';'), line.size());  // ;chunk-signature=...
            const auto [end, error] = std::from_chars(first, last, left_, 16);
            if (error != std::errc{} || end != last) {
                return Error{"InvalidChunkSizeError", "The chunk size could not be read", 400};
            }
            part_ = left_ == 0 ? Part::trailer_line : Part::bytes;
            return {};
        }
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
Result<void> Aws_Chunked_Decoder::finish() const {
    if (part_ == Part::end || (part_ == Part::trailer_line && line_.empty())) return {};
    return incomplete();
}

}  // namespace osbot_aws::wire
