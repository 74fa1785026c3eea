#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "engine/images/root_folder.hpp"
#include "engine/images/tar_reader.hpp"

namespace osbot_aws::engine {

/// What all layers of an image may still take; AWS's limit is on the unpacked image.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (Container image code package size)
struct Image_Budget {
    std::uint64_t bytes = 10'000'000'000;
    std::uint64_t entries = 2'000'000;  ///< ours: a tar of empty files is small, and its inodes are not
    std::uint64_t bytes_used = 0;
};

/// Lays a layer over what is in `root`: files with their modes and times, folders, links; whiteouts remove what lower
/// layers brought. Owners are the engine's, devices and pipes are left out, set-user-id bits too: none of it is the
/// function's to have.
/// Errors: BadImage for an entry that would leave the root, a broken tar, or more than the budget; FileError for the
/// disk. Source: https://github.com/opencontainers/image-spec/blob/main/layer.md
Result<void> unpack_layer(Tar_Reader& layer, const Root_Folder& root, Image_Budget& budget);

}  // namespace osbot_aws::engine
