#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "services/images/root_folder.hpp"
#include "services/images/tar_reader.hpp"

namespace osbot_aws::services {

/// The remaining budget of an image's layers. AWS limits the size of the unpacked image.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (Container image code package size)
struct Image_Budget {
    std::uint64_t bytes = 10'000'000'000;
    std::uint64_t entries = 2'000'000;  ///< the engine's own limit: a small tar of empty files can use many inodes
    std::uint64_t bytes_used = 0;
};

/// Unpacks a layer over the content of `root`: files with their modes and times, folders and links. Whiteouts remove
/// files of lower layers. The engine's user owns all files. Devices, pipes and set-user-id bits are skipped, because
/// functions must not have them.
/// Errors: BadImage for an entry outside the root, a damaged tar or an exceeded budget; FileError for disk errors.
/// Source: https://github.com/opencontainers/image-spec/blob/main/layer.md
Result<void> unpack_layer(Tar_Reader& layer, const Root_Folder& root, Image_Budget& budget);

}  // namespace osbot_aws::services
