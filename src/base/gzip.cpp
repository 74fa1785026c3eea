#include "base/gzip.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "base/local_error.hpp"

namespace osbot_aws::base {
namespace {

constexpr int compression_level = 6;
constexpr std::size_t first_buffer_bytes = 256 << 10;

/// Compresses with the functions of a format.
template <auto bound, auto compress>
std::string compressed(std::string_view content) {
    const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
        libdeflate_alloc_compressor(compression_level), &libdeflate_free_compressor);
    std::string file(bound(compressor.get(), content.size()), '\0');
    file.resize(compress(compressor.get(), content.data(), content.size(), file.data(), file.size()));
    return file;
}

}  // namespace

std::string gzip_compress(std::string_view content) {
    return compressed<&libdeflate_gzip_compress_bound, &libdeflate_gzip_compress>(content);
}

std::string zlib_compress(std::string_view content) {
    return compressed<&libdeflate_zlib_compress_bound, &libdeflate_zlib_compress>(content);
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
