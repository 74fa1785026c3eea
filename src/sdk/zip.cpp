#include <osbot_aws/utils/Zip.hpp>

#include "base/files.hpp"
#include "packing/package.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

std::string zip_folder_to_bytes(const fs::path& root_dir, const std::vector<std::string>& files_to_ignore) {
    packing::Package package;
    package.add_folder(root_dir, "", {.ignore = files_to_ignore}).value();
    return package.zip().value().bytes;
}

fs::path zip_folder(const fs::path& root_dir) {
    fs::path zip = fs::weakly_canonical(root_dir);  // "code/" and "code" both result in code.zip
    const std::string bytes = zip_folder_to_bytes(zip);
    zip += ".zip";
    base::write_file(zip, bytes).value();
    return zip;
}

}  // namespace osbot_aws
