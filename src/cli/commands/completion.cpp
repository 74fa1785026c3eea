// The completion command, and the hidden command that its scripts call.
#include "cli/help/completion_scripts.hpp"

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/engine/daemon.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace {

// The user waits after pressing Tab, so a busy daemon must not delay the completion longer than this.
constexpr std::chrono::milliseconds names_timeout{500};
constexpr int pages_max = 20;

struct Completion_Arguments {
    std::string shell;
    std::optional<Command> root = std::nullopt;
};

int run_completion(const Options& options, const Completion_Arguments& arguments) {
    const Command_Text root = describe(*arguments.root);
    const std::string script = arguments.shell == "bash"  ? bash_completion(root)
                               : arguments.shell == "zsh" ? zsh_completion(root)
                                                          : fish_completion(root);
    print(options, {{"shell", arguments.shell}, {"script", script}}, script);
    return exit_ok;
}

// The commands below print names that a running daemon has. They never start a daemon, never call AWS, and never fail,
// because a shell prompt cannot show an error.

/// Prints the names in all pages of a list of Lambda's API.
void print_names(const std::string& path, const char* list, const char* name) {
    std::string marker;
    for (int page = 0; page < pages_max; ++page) {
        const auto response = call_daemon(state_folder(), "GET", path + marker, "", names_timeout);
        if (!response) break;
        for (const Json& item : response->value(list, Json::array())) fmt::print("{}\n", item.value(name, ""));
        if (!response->contains("NextMarker") || !response->at("NextMarker").is_string()) break;
        marker = "?Marker=" + wire::percent_encode(response->at("NextMarker").get<std::string>());
    }
}

int run_function_names(const Options&) {
    print_names("/2015-03-31/functions/", "Functions", "FunctionName");
    return exit_ok;
}

int run_layer_names(const Options&) {
    print_names("/2018-10-31/layers", "Layers", "LayerName");
    return exit_ok;
}

int run_queue_names(const Options&) {
    const auto queues =
        call_daemon(state_folder(), "POST", "/", R"({"MaxResults":1000})", names_timeout,
                    "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n");
    if (!queues) return exit_ok;
    for (const Json& url : queues->value("QueueUrls", Json::array())) {
        const std::string text = url.get<std::string>();
        fmt::print("{}\n", text.substr(text.rfind('/') + 1));
    }
    return exit_ok;
}

}  // namespace

void add_completion(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "completion", "Print a completion script for bash, zsh or fish", &run_completion,
                         "Examples:\n"
                         "  source <(osbot completion bash)\n"
                         "  source <(osbot completion zsh)\n"
                         "  osbot completion fish | source\n"
                         "  osbot completion bash > ~/.local/share/bash-completion/completions/osbot\n\n"
                         "Names of functions, queues and layers are completed while the local engine is running.");
    arguments.root = line.root();
    command.add_option("shell", arguments.shell, "Shell: bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});

    line.add_command(line.root(), function_names_command, "Print function names for completion scripts",
                     &run_function_names)
        .hide();
    line.add_command(line.root(), queue_names_command, "Print queue names for completion scripts", &run_queue_names)
        .hide();
    line.add_command(line.root(), layer_names_command, "Print layer names for completion scripts", &run_layer_names)
        .hide();
}

}  // namespace osbot_aws::cli
