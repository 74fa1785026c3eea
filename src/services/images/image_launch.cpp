#include "services/images/image_launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "services/images/root_folder.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view path_default = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string path_of(const Function& function, const Image_Config& config) {
    constexpr std::string_view name = "PATH=";
    if (const auto path = function.environment.find("PATH"); path != function.environment.end()) return path->second;
    for (const std::string& variable : config.environment)
        if (variable.starts_with(name)) return variable.substr(name.size());
    return std::string(path_default);
}

Result<std::string> find_program(const std::string& name, const Function& function, const Image& image) {
    const std::string paths = path_of(function, image.config);
    std::string_view path = paths;
    OSBOT_TRY(const auto root, Root_Folder::open(*image.root));
    while (!path.empty()) {
        const std::string folder(path.substr(0, path.find(':')));
        path.remove_prefix(std::min(folder.size() + 1, path.size()));
        std::string program = fmt::format("{}/{}", folder, name);
        if (folder.starts_with('/') && root.is_program(program)) return program;
    }
    return Error{"Runtime.InvalidEntrypoint",
                 fmt::format("{} was not found in the PATH of the image {}", name, function.image_uri), 500};
}

}  // namespace

Result<Image_Launch> image_launch(const Function& function, const Image& image) {
    const Image_Overrides& overrides = function.image_config;
    const auto& entry_point = overrides.entry_point.empty() ? image.config.entry_point : overrides.entry_point;
    const auto& command = overrides.command.empty() ? image.config.command : overrides.command;
    Image_Launch launch;
    launch.argv = entry_point;
    launch.argv.insert(launch.argv.end(), command.begin(), command.end());
    if (launch.argv.empty() || launch.argv.front().empty()) {
        return Error{
            "Runtime.InvalidEntrypoint",
            fmt::format("The image {} has neither ENTRYPOINT nor CMD, and ImageConfig sets none", function.image_uri),
            500};
    }
    if (launch.argv.front().find('/') == std::string::npos) {
        OSBOT_TRY(launch.argv.front(), find_program(launch.argv.front(), function, image));
    }
    launch.working_directory =
        overrides.working_directory.empty() ? image.config.working_directory : overrides.working_directory;
    if (launch.working_directory.empty()) launch.working_directory = "/";
    if (!entry_point.empty() && !command.empty()) launch.handler = command.front();
    return launch;
}

}  // namespace osbot_aws::services
