#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// The version of the archive's structure: a tar, compressed with zstd, with `manifest.json`, `state.db` and
/// `blobs/<SHA-256>` (store/state_copy.hpp).
inline constexpr int state_archive_version = 1;

/// Writes the archive of a folder that the engine exported. The file appears when it is complete; an existing one is
/// replaced. Only its owner may read it, because it contains the environment variables and the code of functions.
/// Errors: FileError.
Result<void> write_state_archive(const std::filesystem::path& folder, const std::filesystem::path& file);

/// Unpacks an archive, which may be foreign, into an empty folder. Its manifest states the number and the size of its
/// files, so that any archive can be read for which the disk has space. Errors: FileError, also if it has no space;
/// InvalidArchive if the archive has other files, is damaged or incomplete, or was written by a newer version.
Result<void> read_state_archive(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace osbot_aws::engine
