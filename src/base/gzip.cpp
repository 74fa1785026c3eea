#include "base/gzip.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace {

constexpr int gzip_level = 6;
constexpr std::size_t first_buffer_bytes = 256 << 10;

}  // namespace

std::string gzip_compress(std::string_view content) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(gzip_level), &libdeflate_free_compressor);
    std::string file(libdeflate_gzip_compress_bound(compressor.get(), content.size()), '\0');
    file.resize(libdeflate_gzip_compress(compressor.get(), content.data(), content.size(), file.data(), file.size()));
    return file;
}

/// The buffer grows until the content fits, because the size in the file may be wrong.
Result<std::string> gzip_decompress(std::string_view file, std::size_t bytes_max) {
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    std::string content;
    for (std::size_t size = std::min(first_buffer_bytes, bytes_max);; size = std::min(size * 4, bytes_max)) {
        content.resize(size);
        std::size_t unzipped = 0;
        const auto result = libdeflate_gzip_decompress(decompressor.get(), file.data(), file.size(), content.data(),
                                                       content.size(), &unzipped);
        content.resize(unzipped);
        if (result == LIBDEFLATE_SUCCESS) return content;
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return local_error("InvalidGzip", "not a gzip file");
        if (size == bytes_max) return local_error("TooLarge", "more than {} bytes unzipped", bytes_max);
    }
}

}  // namespace osbot_aws::base
