// completion, and the hidden command that its scripts call.
#include "cli/completion_scripts.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace {

// While somebody waits for the Tab key: a daemon that is busy for longer is left alone.
constexpr std::chrono::milliseconds names_answer_max{500};
constexpr int pages_max = 20;

struct Arguments {
    std::string shell;
    std::optional<Command> root = std::nullopt;
};

int run(const Options& options, const Arguments& arguments) {
    const Command_Text root = describe(*arguments.root);
    const std::string script = arguments.shell == "bash"  ? bash_completion(root)
                               : arguments.shell == "zsh" ? zsh_completion(root)
                                                          : fish_completion(root);
    print(options, {{"shell", arguments.shell}, {"script", script}}, script);
    return exit_ok;
}

struct Names_Arguments {};

/// Of the daemon when one runs; never starts one, never asks AWS, and never fails: a prompt has no place for errors.
int run_names(const Options&, const Names_Arguments&) {
    std::string marker;
    for (int page = 0; page < pages_max; ++page) {
        const auto answer = ask_daemon(state_folder(), "GET", "/2015-03-31/functions/" + marker, "", names_answer_max);
        if (!answer) break;
        for (const Json& function : answer->value("Functions", Json::array()))
            fmt::print("{}\n", function.value("FunctionName", ""));
        if (!answer->contains("NextMarker") || !answer->at("NextMarker").is_string()) break;
        marker = "?Marker=" + wire::percent_encode(answer->at("NextMarker").get<std::string>());
    }
    return exit_ok;
}

}  // namespace

void add_completion(Command_Line& line) {
    Command command =
        line.root().add_command("completion", "Print a completion script for a shell",
                                "Examples:\n"
                                "  source <(osbot completion bash)\n"
                                "  source <(osbot completion zsh)\n"
                                "  osbot completion fish | source\n"
                                "  osbot completion bash > ~/.local/share/bash-completion/completions/osbot\n\n"
                                "Names of functions are those of the local engine, when it runs.");
    Arguments& arguments = line.runs(command, &run);
    arguments.root = line.root();
    command.add_option("shell", arguments.shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});

    Command names = line.root().add_command(function_names_command, "Names of functions, for completion scripts");
    names.hide();
    line.runs(names, &run_names);
}

}  // namespace osbot_aws::cli
