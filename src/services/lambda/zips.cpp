#include "services/lambda/zips.hpp"

#include <fmt/format.h>

#include "base/zip_reader.hpp"
#include "store/blobs.hpp"

namespace osbot_aws::services {
namespace {

/// The engine's own limit of an object in a bucket, before its parts are joined on the disk. A zip may be larger than
/// its content, because each entry has headers.
constexpr std::uint64_t object_bytes_max = 2 * unpacked_bytes_max;

/// Returns the unpacked size in bytes.
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
    const std::string cannot_unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    if (reader.code == "BadZip") return {"InvalidParameterValueException", cannot_unzip};
    if (reader.code == "UnsupportedZip")  // AWS does not say why
        return {"InvalidParameterValueException", fmt::format("{} ({})", cannot_unzip, reader.message)};
    return {"ServiceException", reader.message, 500};
}

Result<Zip_Blob> resolve_zip(const Code_Source& source) {
    if (source.zip) return *source.zip;
    return Error{"InvalidParameterValueException", "Please provide a source for function code."};
}

Result<Zip_Blob> zip_of_object(store::Blobs& blobs, const Result<std::vector<store::Blob_Ptr>>& object) {
    if (!object) {
        return Error{"InvalidParameterValueException",
                     fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                                 object.error().code, object.error().message)};
    }
    std::uint64_t bytes = 0;
    for (const store::Blob_Ptr& part : *object) bytes += part->size();
    if (bytes > object_bytes_max) return zip_error({"ZipTooLarge", ""});
    OSBOT_TRY(auto blob, object->size() == 1 ? Result<store::Blob_Ptr>(object->front()) : blobs.join(*object));
    OSBOT_TRY(const auto unpacked, check(base::Zip_Reader::open_file(blobs.path(*blob), unpacked_bytes_max)));
    return Zip_Blob{std::move(blob), unpacked};
}

Result<Zip_Blob> store_zip(store::Blobs& blobs, std::string_view bytes) {
    // A zip without entries starts with the end of its directory. The reader does not accept it as a zip.
    if (bytes.empty() || bytes.starts_with("PK\x05\x06"))
        return Error{"InvalidParameterValueException", "Uploaded file must be a non-empty zip"};
    if (bytes.size() > zip_bytes_max) {  // the message is copied from LocalStack's lambda_/provider.py
        return Error{"RequestEntityTooLargeException",
                     fmt::format("Zipped size must be smaller than {} bytes", zip_bytes_max), 413};
    }
    OSBOT_TRY(const auto unpacked, check(base::Zip_Reader::open_bytes(bytes, unpacked_bytes_max)));
    OSBOT_TRY(auto blob, blobs.put(bytes));
    return Zip_Blob{std::move(blob), unpacked};
}

}  // namespace osbot_aws::services
