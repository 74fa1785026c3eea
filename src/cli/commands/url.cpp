#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "cli/commands/commands.hpp"
#include "cli/functions/function_names.hpp"

namespace osbot_aws::cli {
namespace {

struct Url_Arguments {
    std::string function;
    bool create = false, is_public = false, remove = false;
};

int report_no_url(const Lambda& lambda, const Session& session, const std::string& message) {
    const Error error{codes::resource_not_found, message, 404};
    return lambda.exists() ? report(error) : report_function_error(session, lambda.name, error);
}

int change_or_show(const Options& options, const Url_Arguments& arguments, const Session& session) {
    Lambda lambda(arguments.function, session);
    if (arguments.remove) {
        if (!lambda.function_url_delete()) return report_no_url(lambda, session, arguments.function + " has no URL");
        print(options, {{"deleted", arguments.function}}, "deleted the URL of " + arguments.function);
        return exit_ok;
    }
    if (arguments.is_public) {
        lambda.function_url_create_with_public_access().value();
    } else if (arguments.create) {
        lambda.function_url_create();
    }
    const Json info = lambda.function_url_info();
    if (info.empty())
        return report_no_url(lambda, session, arguments.function + " has no URL; create a public one with --public");
    print(options, info, info.value("FunctionUrl", ""));
    return exit_ok;
}

int run_url(const Options& options, const Url_Arguments& arguments) {
    const bool changes = arguments.remove || arguments.is_public || arguments.create;
    const Session session = changes ? make_session_to_change(options) : make_session(options);
    return with_function_errors(session, arguments.function,
                                [&] { return change_or_show(options, arguments, session); });
}

}  // namespace

void add_url(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "url", "Show, create or delete the URL of a function", &run_url,
                         "Examples:\n"
                         "  osbot url hello --public     create a URL that anyone may call, and print it\n"
                         "  osbot url hello              print the URL\n"
                         "  curl \"$(osbot url hello)\"");
    command.add_option("function FUNCTION", arguments.function, "Name of the function").required();
    const Option create = command.add_flag("--create", arguments.create, "Create a URL for signed requests (AWS_IAM)");
    const Option public_access =
        command.add_flag("--public", arguments.is_public, "Create a URL that anyone may call").excludes(create);
    command.add_flag("--delete", arguments.remove, "Delete the URL").excludes(create).excludes(public_access);
}

}  // namespace osbot_aws::cli
