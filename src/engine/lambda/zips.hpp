#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "store/blobs.hpp"

namespace osbot_aws::engine {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t unpacked_bytes_max = 262'144'000;
constexpr std::uint64_t zip_bytes_max = 52'428'800;  ///< sent in a request

/// What Lambda says about a zip that the reader refused.
Error zip_error(const Error& reader);

/// Names and sizes of a zip, without unpacking it.
/// Errors: InvalidParameterValueException in AWS's words.
Result<void> check_zip(const std::filesystem::path& file);

/// Checks a zip and keeps it: what becomes of `ZipFile`, on a worker thread.
/// Errors: InvalidParameterValueException; RequestEntityTooLargeException above 50 MB; ServiceException for the disk.
Result<store::Blob> keep_zip(store::Blobs& blobs, std::string_view bytes);

}  // namespace osbot_aws::engine
