#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/zip_writer.hpp"

namespace osbot_aws::packing {

/// For one who packs almost the same again and again (osbot deploy --watch): what was compressed for one zip, for the
/// next. A large file that did not change is not compressed again. All else is not compressed at all, so that the zip
/// is larger and there sooner. One thread at a time.
class Packed_Files {
public:
    /// The zip of these entries, in the order given. Errors: as base::write_zip.
    Result<std::string> zip(const std::vector<base::Zip_Entry>& entries, base::Time now);

private:
    Result<base::Packed_Ptr> packed(const base::Zip_Entry& entry, const std::string& identity);

    std::map<std::string, base::Packed_Ptr> kept_;  ///< of the last zip, by the identity of the file
};

}  // namespace osbot_aws::packing
