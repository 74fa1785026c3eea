#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/json.hpp"
#include "cli/activity.hpp"
#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "cli/sizes.hpp"
#include "cli/terminal.hpp"
#include "server/images_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes answer_max{30};  // ten gigabytes are unpacked
constexpr std::size_t digest_shown = 19;        // sha256: and twelve digits, as docker shows them

struct Arguments : State_Argument {
    std::string path, name, reference;
};

Result<Json> ask(const Arguments& arguments, const std::string& method, const std::string& target,
                 const std::string& body = "") {
    return ask_engine(arguments.folder(), method, target, body, answer_max);
}

std::string size_of(const Json& image) { return size_text(image.value("bytes", 0.0)); }

std::string names_of(const Json& image) {
    const auto names = image.value("names", std::vector<std::string>{});
    return names.empty() ? "<none>" : fmt::format("{}", fmt::join(names, ", "));
}

int import(const Options& options, const Arguments& arguments) {
    const Json wanted{{"path", fs::absolute(arguments.path).lexically_normal().string()}, {"name", arguments.name}};
    std::optional<Activity> activity(std::in_place, "importing " + arguments.path, !options.json);
    const auto image = ask(arguments, "POST", std::string(server::Images_Api::path), base::dump_json(wanted));
    activity.reset();
    if (!image) return report(image.error());
    print(options, *image,
          fmt::format("imported {} ({}, {})", names_of(*image), image->value("digest", ""), size_of(*image)));
    return exit_ok;
}

int list(const Options& options, const Arguments& arguments) {
    const auto answer = ask(arguments, "GET", std::string(server::Images_Api::path));
    if (!answer) return report(answer.error());
    std::vector<std::vector<std::string>> rows;
    for (const Json& image : answer->at("images"))
        rows.push_back({names_of(image), image.value("digest", "").substr(0, digest_shown), size_of(image),
                        image.value("imported_at", "")});
    print(options, *answer,
          rows.empty() ? "no images; osbot local image import FILE takes one in" : table(rows, width_of(1)));
    return exit_ok;
}

int remove(const Options& options, const Arguments& arguments) {
    const auto target =
        fmt::format("{}?reference={}", server::Images_Api::path, wire::percent_encode(arguments.reference));
    const auto done = ask(arguments, "DELETE", target);
    if (!done) return report(done.error());
    print(options, {{"removed", arguments.reference}}, fmt::format("{} is removed", arguments.reference));
    return exit_ok;
}

}  // namespace

void add_images(Command_Line& line, Command local) {
    Command image = local.add_command("image", "Container images that functions run: import, list, remove",
                                      "Examples:\n"
                                      "  docker save my-repo:latest -o image.tar\n"
                                      "  osbot local image import image.tar\n"
                                      "  osbot local image import ./oci-layout --name my-repo:latest\n"
                                      "  osbot local image list\n"
                                      "  osbot local image remove my-repo:latest");
    image.require_command();

    Command command = image.add_command("import", "Take an image in, from a file or folder");
    Arguments& imported = line.runs(command, &import);
    imported.add_to(command);
    command
        .add_option("path", imported.path,
                    "A docker save archive, or an OCI layout: a folder or a tar of one; .gz and .zst too")
        .required()
        .type_name("FILE");
    command.add_option("--name", imported.name,
                       "repository:tag (default: the names in the archive); functions name it, or\n"
                       "<account>.dkr.ecr.<region>.amazonaws.com/repository:tag");

    command = image.add_command("list", "Show what is there");
    line.runs(command, &list).add_to(command);

    command = image.add_command("remove", "Remove a name, and with its last one the image");
    Arguments& removed = line.runs(command, &remove);
    removed.add_to(command);
    command.add_option("image", removed.reference, "repository:tag, or sha256:<digest>").required();
}

}  // namespace osbot_aws::cli
