#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/zip_writer.hpp"

namespace osbot_aws::packing {

/// Reuses compressed files between similar zips (osbot deploy --watch). A large file that did not change is not
/// compressed again. Small files and generated entries are not compressed, so the zip is larger but created faster. One
/// thread at a time.
class Packed_Files {
public:
    /// Creates the zip of these entries, in this order. Errors: as base::write_zip.
    Result<std::string> zip(const std::vector<base::Zip_Entry>& entries, base::Time now);

private:
    Result<base::Packed_Ptr> packed(const base::Zip_Entry& entry, const std::string& identity);

    std::map<std::string, base::Packed_Ptr> previous_;  ///< large files of the last zip, by file_identity()
};

}  // namespace osbot_aws::packing
