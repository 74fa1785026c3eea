#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/blob.hpp"

namespace osbot_aws::store {

class Store;

/// The number of items in a copy of the state.
struct State_Copy {
    std::uint64_t records = 0, log_events = 0, blobs = 0, blob_bytes = 0;
};

/// Copies all records, log events and blobs to a new folder: `state.db` and `blobs/<SHA-256>`, as hard links if the
/// file system has them. The copy is of one moment, and contains all changes that were durable before the call. Images
/// are not in it. Blocks; any thread. No blob may be deleted during the call.
/// Errors: StateFolderError.
Result<State_Copy> copy_state(Store& store, const std::filesystem::path& folder);

/// Checks a folder that copy_state() wrote, perhaps in another version, and that may have been changed since: the
/// structure of the database, the times and numbers of log events, and the SHA-256 of each blob. Upgrades the database,
/// counts the sizes of log streams, and deletes records of images. Blocks; any thread.
/// Errors: InvalidArchive, with the reason.
Result<State_Copy> check_state(const std::filesystem::path& folder);

/// Checks that the services of a store can load a checked folder: a newer osbot may have written its records. Loop
/// thread. Errors: InvalidArchive, naming the record.
Result<void> check_versions(const Store& store, const std::filesystem::path& folder);

/// Deletes the folders in a folder whose names start with `prefix` and that are older than a day: a client that was
/// killed during an export or an import left them. Any thread.
void remove_abandoned_folders(const std::filesystem::path& parent, std::string_view prefix);

/// Moves the blobs of a checked folder into the store. The caller releases them after it has reloaded the services,
/// whose records reference them. Blocks; any thread. Errors: ServiceException.
Result<std::vector<Blob_Ptr>> take_blobs(Store& store, const std::filesystem::path& folder);

/// Replaces all records but those of images, and all log events, by those of a checked folder, in one transaction. The
/// caller reloads the services. Blocks; loop thread. Errors: StateFolderError; then nothing has changed.
Result<void> replace_state(Store& store, const std::filesystem::path& folder);

}  // namespace osbot_aws::store
