#include "engine/lambda/zips.hpp"

#include <fmt/format.h>

#include "base/zip_reader.hpp"

namespace osbot_aws::engine {
namespace {

/// How large it is unpacked.
Result<std::uint64_t> check(const Result<base::Zip_Reader>& opened) {
    if (!opened) return zip_error(opened.error());
    if (opened->entries().empty())
        return Error{"InvalidParameterValueException", "Uploaded file must be a non-empty zip"};
    return opened->unpacked_bytes();
}

}  // namespace

Error zip_error(const Error& reader) {
    if (reader.code == "ZipTooLarge") {
        return {"InvalidParameterValueException",
                fmt::format("Unzipped size must be smaller than {} bytes", unpacked_bytes_max)};
    }
    if (reader.code == "BadZip") {
        return {"InvalidParameterValueException",
                "Could not unzip uploaded file. Please check your file, then try to upload again."};
    }
    return {"ServiceException", reader.message, 500};
}

Result<Zip_Blob> resolve_zip(const Account& account, const Code_Source& source, const Object_Of& object,
                             store::Blobs& blobs) {
    if (source.zip) return *source.zip;
    if (source.s3_bucket.empty() || source.s3_key.empty())
        return Error{"InvalidParameterValueException", "Please provide a source for function code."};
    const auto sha256 = object(account, source.s3_bucket, source.s3_key);
    if (!sha256) {
        return Error{"InvalidParameterValueException",
                     fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                                 sha256.error().code, sha256.error().message)};
    }
    const auto file = blobs.path(*sha256);
    const auto unpacked = check(base::Zip_Reader::open_file(file, unpacked_bytes_max));
    if (!unpacked) return unpacked.error();
    std::error_code unreadable;
    const auto size = std::filesystem::file_size(file, unreadable);
    if (unreadable) return Error{"ServiceException", unreadable.message(), 500};
    return Zip_Blob{{.sha256 = *sha256, .size = size}, *unpacked};
}

Result<Zip_Blob> keep_zip(store::Blobs& blobs, std::string_view bytes) {
    // An archive without entries begins with the end of its directory; the reader takes it for no zip at all.
    if (bytes.empty() || bytes.starts_with("PK\x05\x06"))
        return Error{"InvalidParameterValueException", "Uploaded file must be a non-empty zip"};
    if (bytes.size() > zip_bytes_max) {
        return Error{"RequestEntityTooLargeException",
                     fmt::format("Zipped file size must be smaller than {} bytes", zip_bytes_max), 413};
    }
    const auto unpacked = check(base::Zip_Reader::open_bytes(bytes, unpacked_bytes_max));
    if (!unpacked) return unpacked.error();
    auto blob = blobs.put(bytes);
    if (!blob) return blob.error();
    return Zip_Blob{std::move(*blob), *unpacked};
}

}  // namespace osbot_aws::engine
