#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/images/root_folder.hpp"

namespace osbot_aws::engine {

/// What an image says about the process that it is for.
struct Image_Config {
    std::vector<std::string> entry_point, command;
    std::vector<std::string> environment;  ///< NAME=value
    std::string working_directory;         ///< empty: /
};

/// An image as it lies in an OCI layout or in an unpacked `docker save` archive.
struct Image_Source {
    struct Layer {
        std::string file;                  ///< in the layout
        std::vector<std::string> digests;  ///< SHA-256 in hex digits: one of them is the file's
    };
    std::string digest;  ///< SHA-256 of its manifest; of its config in an older `docker save`, which has no manifest
    std::vector<std::string> names;  ///< repository:tag
    Image_Config config;
    std::vector<Layer> layers;  ///< the lowest first
};

/// Finds the image for this host's processor. Of several images `wanted_name` chooses one.
/// Errors: BadImage (no layout, a digest that is wrong, nothing for this processor, several and none chosen);
/// FileError. Source: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
Result<Image_Source> find_image(const Root_Folder& layout, std::string_view wanted_name);

/// An image's name as this engine keeps it: with a tag (`latest` if it has none), and without Docker Hub's own prefix.
/// Errors: BadImage when it is no name.
Result<std::string> image_name(std::string_view text);

}  // namespace osbot_aws::engine
