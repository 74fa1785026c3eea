#include "engine/lambda/zips.hpp"

#include <fmt/format.h>

#include "base/zip_reader.hpp"

namespace osbot_aws::engine {
namespace {

Result<void> check(const Result<base::Zip_Reader>& opened) {
    if (!opened) return zip_error(opened.error());
    if (opened->entries().empty())
        return Error{"InvalidParameterValueException", "Uploaded file must be a non-empty zip"};
    return {};
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

Result<void> check_zip(const std::filesystem::path& file) {
    return check(base::Zip_Reader::open_file(file, unpacked_bytes_max));
}

Result<store::Blob> keep_zip(store::Blobs& blobs, std::string_view bytes) {
    // An archive without entries begins with the end of its directory; the reader takes it for no zip at all.
    if (bytes.empty() || bytes.starts_with("PK\x05\x06"))
        return Error{"InvalidParameterValueException", "Uploaded file must be a non-empty zip"};
    if (bytes.size() > zip_bytes_max) {
        return Error{"RequestEntityTooLargeException",
                     fmt::format("Zipped file size must be smaller than {} bytes", zip_bytes_max), 413};
    }
    if (auto good = check(base::Zip_Reader::open_bytes(bytes, unpacked_bytes_max)); !good) return good.error();
    return blobs.put(bytes);
}

}  // namespace osbot_aws::engine
