#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "services/images/image_source.hpp"

namespace osbot_aws::services {

struct Unpack_Request {
    std::filesystem::path path;              ///< an OCI layout (a folder or a tar of one) or a `docker save` archive
    std::string name;                        ///< repository:tag; empty: use the names in the archive
    std::set<std::string> existing_digests;  ///< digests of images that are unpacked already
    std::filesystem::path folder;  ///< new folder; gets the root file system as `root`; removed if nothing was unpacked
};

struct Unpacked_Image {
    Image_Source source;
    std::optional<std::uint64_t> bytes;  ///< size of its root file system; nullopt: it was unpacked already
};

/// Reads an image and unpacks its layers. Blocks on disk I/O, so it runs on a worker thread.
/// Errors: BadImage, FileError. The message names the file and the problem.
Result<Unpacked_Image> unpack_image(const Unpack_Request& request);

/// Points to unpack_image where it is linked: in the command and the Python module, which can import images. A program
/// that embeds an engine is packed with it at each deploy, so it omits the archive readers to stay small.
using Image_Unpacker = Result<Unpacked_Image> (*)(const Unpack_Request&);

}  // namespace osbot_aws::services
