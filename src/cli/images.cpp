#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/http_connection.hpp"
#include "cli/commands.hpp"
#include "face/session_impl.hpp"
#include "server/images_api.hpp"
#include "server/local_engine.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes answer_max{30};  // ten gigabytes are unpacked

struct Arguments {
    std::string state, path, name, reference;

    fs::path folder() const { return state.empty() ? state_folder() : fs::absolute(state); }
};

Result<Json> read_answer(int status, const std::string& body) {
    Json json = Json::parse(body, nullptr, false);
    if (json.is_object() && status < 400) return json;
    if (!json.is_object())
        return Error{"InternalError", fmt::format("the engine answered {} {}", status, body), status};
    return Error{json.value("code", "InternalError"), json.value("message", body), status};
}

/// Of the daemon of that state folder; without one, of an engine of this process on it, which ends with the answer.
Result<Json> ask(const Arguments& arguments, const std::string& method, const std::string& target,
                 const std::string& body = "") {
    auto daemon = base::Http_Connection::connect_unix(arguments.folder() / "osbot.sock", answer_max);
    if (daemon) {
        auto reply =
            daemon->exchange(fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target), body, answer_max);
        if (!reply) return reply.error();
        return read_answer(reply->status, reply->body);
    }
    auto engine = server::Local_Engine::start({.state_folder = arguments.folder(), .port = 0});
    if (!engine) return engine.error();
    wire::Request request{.method = method, .target = target};
    request.body.bytes = body;
    const wire::Response response = (*engine)->handle(std::move(request));
    return read_answer(response.status, response.body.bytes);
}

std::string in_mib(const Json& image) { return fmt::format("{:.1f} MiB", image.value("bytes", 0.0) / (1 << 20)); }

std::string names_of(const Json& image) {
    const auto names = image.value("names", std::vector<std::string>{});
    return names.empty() ? "<none>" : fmt::format("{}", fmt::join(names, ", "));
}

int import(const Options& options, const Arguments& arguments) {
    const Json wanted{{"path", fs::absolute(arguments.path).lexically_normal().string()}, {"name", arguments.name}};
    const auto image = ask(arguments, "POST", std::string(server::Images_Api::path), wanted.dump());
    if (!image) return report(image.error());
    print(options, *image,
          fmt::format("imported {} ({}, {})", names_of(*image), image->value("digest", ""), in_mib(*image)));
    return exit_ok;
}

int list(const Options& options, const Arguments& arguments) {
    const auto answer = ask(arguments, "GET", std::string(server::Images_Api::path));
    if (!answer) return report(answer.error());
    std::string text;
    for (const Json& image : answer->at("images"))
        text += fmt::format("{:<40} {}  {:>12}  {}\n", names_of(image), image.value("digest", "").substr(0, 19),
                            in_mib(image), image.value("imported_at", ""));
    if (text.empty()) text = "no images; osbot local image import FILE takes one in";
    if (text.ends_with('\n')) text.pop_back();
    print(options, *answer, text);
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

void add_images(CLI::App& local, const Options& options, Action& action) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* image = local.add_subcommand("image", "Container images that functions run: import, list, remove");
    image->require_subcommand(1);
    image->footer(
        "Examples:\n"
        "  docker save my-repo:latest -o image.tar\n"
        "  osbot local image import image.tar\n"
        "  osbot local image import ./oci-layout --name my-repo:latest\n"
        "  osbot local image list\n"
        "  osbot local image remove my-repo:latest");
    const auto add = [&](const char* name, const char* text, int (*run)(const Options&, const Arguments&)) {
        CLI::App* command = image->add_subcommand(name, text);
        command->add_option("--state", arguments->state,
                            "State folder (default: $OSBOT_AWS_STATE, else ~/.local/state/osbot_aws)");
        command->callback([&options, &action, arguments, run] {
            action = [&options, arguments, run] { return run(options, *arguments); };
        });
        return command;
    };
    CLI::App* import_command = add("import", "Take an image in, from a file or folder", &import);
    import_command
        ->add_option("path", arguments->path,
                     "A docker save archive, or an OCI layout: a folder or a tar of one; .gz and .zst too")
        ->required();
    import_command->add_option("--name", arguments->name,
                               "repository:tag (default: the names in the archive); functions name it, or\n"
                               "<account>.dkr.ecr.<region>.amazonaws.com/repository:tag");
    add("list", "Show what is there", &list);
    add("remove", "Remove a name, and with its last one the image", &remove)
        ->add_option("image", arguments->reference, "repository:tag, or sha256:<digest>")
        ->required();
}

}  // namespace osbot_aws::cli
