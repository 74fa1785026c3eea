// The completion command, and the hidden command that its scripts call.
#include "cli/completion_scripts.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/daemon.hpp"
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

struct Names_Arguments {};

/// Prints the function names of a running daemon. Never starts a daemon, never calls AWS, and never fails, because a
/// shell prompt cannot show an error.
int run_names(const Options&, const Names_Arguments&) {
    std::string marker;
    for (int page = 0; page < pages_max; ++page) {
        const auto response = call_daemon(state_folder(), "GET", "/2015-03-31/functions/" + marker, "", names_timeout);
        if (!response) break;
        for (const Json& function : response->value("Functions", Json::array()))
            fmt::print("{}\n", function.value("FunctionName", ""));
        if (!response->contains("NextMarker") || !response->at("NextMarker").is_string()) break;
        marker = "?Marker=" + wire::percent_encode(response->at("NextMarker").get<std::string>());
    }
    return exit_ok;
}

}  // namespace

void add_completion(Command_Line& line) {
    Command command =
        line.root().add_command("completion", "Print a completion script for bash, zsh or fish",
                                "Examples:\n"
                                "  source <(osbot completion bash)\n"
                                "  source <(osbot completion zsh)\n"
                                "  osbot completion fish | source\n"
                                "  osbot completion bash > ~/.local/share/bash-completion/completions/osbot\n\n"
                                "Function names are completed while the local engine is running.");
    Completion_Arguments& arguments = line.set_action(command, &run_completion);
    arguments.root = line.root();
    command.add_option("shell", arguments.shell, "Shell: bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});

    Command names = line.root().add_command(function_names_command, "Print function names for completion scripts");
    names.hide();
    line.set_action(names, &run_names);
}

}  // namespace osbot_aws::cli
