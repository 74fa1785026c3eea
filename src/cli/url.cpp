#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "cli/commands.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments {
    std::string function;
    bool create = false, is_public = false, remove = false;
};

int run(const Options& options, const Arguments& arguments) {
    const bool changes = arguments.remove || arguments.is_public || arguments.create;
    Lambda lambda(arguments.function, changes ? make_session_to_change(options) : make_session(options));
    if (arguments.remove) {
        if (!lambda.function_url_delete())
            return report({"ResourceNotFoundException", arguments.function + " has no URL", 404});
        print(options, {{"deleted", arguments.function}}, "the URL of " + arguments.function + " is deleted");
        return exit_ok;
    }
    if (arguments.is_public) {
        const Json made = lambda.function_url_create_with_public_access();
        const Json& statement = made.at("function_set_policy");
        if (statement.contains("error")) return report(error_of(statement.at("error").get<std::string>()));
    } else if (arguments.create) {
        lambda.function_url_create();
    }
    const Json info = lambda.function_url_info();
    if (info.empty())
        return report({"ResourceNotFoundException",
                       arguments.function + " has no URL; --public makes one that everybody may call", 404});
    print(options, info, info.value("FunctionUrl", ""));
    return exit_ok;
}

}  // namespace

void add_url(Command_Line& line) {
    Command command = line.root().add_command(
        "url", "Show, make or delete a function's URL",
        "Examples:\n  osbot url hello --public     make one that everybody may call, and print it\n  osbot url hello   "
        "           print it\n"
        "  curl \"$(osbot url hello)\"");
    Arguments& arguments = line.runs(command, &run);
    command.add_option("function", arguments.function, "Name of the function").required().type_name("FUNCTION");
    const Option create = command.add_flag("--create", arguments.create, "Make one for callers that sign (AWS_IAM)");
    const Option everybody =
        command.add_flag("--public", arguments.is_public, "Make one that everybody may call").excludes(create);
    command.add_flag("--delete", arguments.remove, "Delete it").excludes(create).excludes(everybody);
}

}  // namespace osbot_aws::cli
