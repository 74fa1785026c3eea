#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "engine/images/image_source.hpp"

namespace osbot_aws::engine {

struct Image_Wanted {
    std::filesystem::path path;    ///< an OCI layout (a folder or a tar of one) or a `docker save` archive
    std::string name;              ///< repository:tag; empty: the names that the archive gives
    std::set<std::string> known;   ///< digests of images that need no unpacking
    std::filesystem::path folder;  ///< new: the root file system becomes `root` in it; removed when there is none
};

struct Unpacked_Image {
    Image_Source source;
    std::optional<std::uint64_t> bytes;  ///< of its root file system; nothing: it is known
};

/// Reads an image and unpacks its layers. Blocks, for as long as the disk takes: for a worker.
/// Errors: BadImage, FileError: they name the file and what is wrong with it.
Result<Unpacked_Image> unpack_image(const Image_Wanted& wanted);

/// unpack_image, where it is linked. The command and the Python module take images in; a program that embeds an engine,
/// and is packed with it at each deploy, does not carry the readers of archives.
using Image_Unpacker = Result<Unpacked_Image> (*)(const Image_Wanted&);

}  // namespace osbot_aws::engine
