#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/json.hpp"
#include "cli/commands/commands.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/output/activity.hpp"
#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"
#include "engine/images_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes request_timeout{30};  // enough to unpack ten gigabytes
constexpr std::size_t digest_length = 19;            // "sha256:" and twelve digits, as docker prints them

struct Images_Arguments : State_Argument {
    std::string path, name, reference;
};

Result<Json> call(const Images_Arguments& arguments, const std::string& method, const std::string& target,
                  const std::string& body = "") {
    return call_engine(arguments.folder(), method, target, body, request_timeout);
}

std::string size_of(const Json& image) { return size_text(image.value("bytes", 0.0)); }

std::string names_of(const Json& image) {
    const auto names = image.value("names", std::vector<std::string>{});
    return names.empty() ? "<none>" : fmt::format("{}", fmt::join(names, ", "));
}

int import(const Options& options, const Images_Arguments& arguments) {
    const Json request{{"path", fs::absolute(arguments.path).lexically_normal().string()}, {"name", arguments.name}};
    std::optional<Activity> activity(std::in_place, "importing " + arguments.path, !options.json);
    const auto image = call(arguments, "POST", std::string(engine::Images_Api::path), base::dump_json(request));
    activity.reset();
    if (!image) return report(image.error());
    print(options, *image,
          fmt::format("imported {} ({}, {})", names_of(*image), image->value("digest", ""), size_of(*image)));
    return exit_ok;
}

Result<int> list(const Options& options, const Images_Arguments& arguments) {
    OSBOT_TRY(const auto response, call(arguments, "GET", std::string(engine::Images_Api::path)));
    std::vector<std::vector<std::string>> rows;
    for (const Json& image : response.at("images"))
        rows.push_back({names_of(image), image.value("digest", "").substr(0, digest_length), size_of(image),
                        image.value("imported_at", "")});
    print(options, response,
          rows.empty() ? "no images; import one with osbot local image import FILE" : table(rows, width_of(1)));
    return exit_ok;
}

Result<int> remove(const Options& options, const Images_Arguments& arguments) {
    const auto target =
        fmt::format("{}?reference={}", engine::Images_Api::path, wire::percent_encode(arguments.reference));
    OSBOT_TRY(call(arguments, "DELETE", target));
    print(options, {{"removed", arguments.reference}}, fmt::format("removed {}", arguments.reference));
    return exit_ok;
}

}  // namespace

void add_images(Command_Line& line, Command local) {
    Command image = local.add_command("image", "Manage container images: import, list, remove",
                                      "Examples:\n"
                                      "  docker save my-repo:latest -o image.tar\n"
                                      "  osbot local image import image.tar\n"
                                      "  osbot local image import ./oci-layout --name my-repo:latest\n"
                                      "  osbot local image list\n"
                                      "  osbot local image remove my-repo:latest");
    image.require_command();

    auto [import_command, imported] =
        line.add_command(image, "import", "Import an image from a file or folder", &import);
    import_command
        .add_option("path FILE", imported.path,
                    "docker save archive, or OCI layout as a folder or tar; may be compressed (.gz, .zst)")
        .required();
    import_command.add_option("--name", imported.name,
                              "Name of the image, repository:tag (default: the names in the archive).\n"
                              "Functions use this name or <account>.dkr.ecr.<region>.amazonaws.com/repository:tag");
    line.add_command(image, "list", "List the imported images", &list);
    auto [remove_command, removed] =
        line.add_command(image, "remove", "Remove an image name; removing the last name deletes the image", &remove);
    remove_command.add_option("image", removed.reference, "repository:tag or sha256:<digest>").required();
}

}  // namespace osbot_aws::cli
