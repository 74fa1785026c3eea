#pragma once

#include <string>
#include <vector>

#include "engine/images/images.hpp"
#include "engine/lambda/function.hpp"

namespace osbot_aws::engine {

/// How the process of an image function is started.
struct Image_Launch {
    std::vector<std::string> argv;
    std::string working_directory;
    std::string handler;  ///< the first word of its command, where Lambda's base images have the handler; may be empty
};

/// ENTRYPOINT and CMD of the image, each replaced by what the function's ImageConfig says; a program without a slash is
/// looked for in the image's PATH. Reads the disk: for a worker.
/// Errors: Runtime.InvalidEntrypoint when there is nothing to start.
Result<Image_Launch> image_launch(const Function& function, const Image& image);

}  // namespace osbot_aws::engine
