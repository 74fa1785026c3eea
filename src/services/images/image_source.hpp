#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/images/root_folder.hpp"

namespace osbot_aws::services {

/// The process settings in an image's config.
struct Image_Config {
    std::vector<std::string> entry_point, command;
    std::vector<std::string> environment;  ///< NAME=value
    std::string working_directory;         ///< empty: /
    /// Its label permits snapshots of a runtime that does not coordinate them:
    /// https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html
    bool allows_snapshots = false;
};

/// An image in an OCI layout or in an unpacked `docker save` archive.
struct Image_Source {
    struct Layer {
        std::string file;                  ///< path in the layout
        std::vector<std::string> digests;  ///< SHA-256 in hex digits; the file must match one of them
    };
    std::string digest;  ///< SHA-256 of the manifest; of the config for a `docker save` archive without index.json
    std::vector<std::string> names;  ///< repository:tag
    Image_Config config;
    std::vector<Layer> layers;  ///< lowest first
};

/// Finds the image for the host's processor. If there are several images, `requested_name` selects one.
/// Errors: BadImage (not a layout, a wrong digest, no image for this processor, several images and none selected);
/// FileError. Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
Result<Image_Source> find_image(const Root_Folder& layout, std::string_view requested_name);

/// Normalizes an image name: adds the tag `latest` if it has no tag, and removes the prefix of Docker Hub.
/// Errors: BadImage if the name is invalid.
Result<std::string> image_name(std::string_view text);

}  // namespace osbot_aws::services
