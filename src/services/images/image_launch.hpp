#pragma once

#include <string>
#include <vector>

#include "services/images/images.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// The command line of an image function's process.
struct Image_Launch {
    std::vector<std::string> argv;
    std::string working_directory;
    std::string handler;  ///< the first word of CMD, which holds the handler in Lambda's base images; may be empty
};

/// Combines the image's ENTRYPOINT, CMD and WORKDIR with the function's ImageConfig, which overrides each of them.
/// Looks up a program name without a slash in the image's PATH. Reads the disk, so it runs on a worker thread.
/// Errors: Runtime.InvalidEntrypoint if neither the image nor ImageConfig sets a program.
Result<Image_Launch> image_launch(const Function& function, const Image& image);

}  // namespace osbot_aws::services
