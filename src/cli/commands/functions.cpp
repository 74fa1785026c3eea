// The commands info, list and delete.
#include <fmt/format.h>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "cli/commands/commands.hpp"
#include "cli/functions/function_info.hpp"
#include "cli/functions/function_names.hpp"
#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"
#include "sdk/deployed_code.hpp"

namespace osbot_aws::cli {
namespace {

struct Info_Arguments {
    std::string function;
};

int run_info(const Options& options, const Info_Arguments& arguments) {
    const Session session = make_session(options);
    return with_function_errors(session, arguments.function, [&] {
        const Json info = function_info(Lambda(arguments.function, session));
        print(options, info, info_text(info));
        return exit_ok;
    });
}

std::string runtime_of(const Json& function) {
    return function.value("PackageType", "") == "Image" ? "image" : function.value("Runtime", "");
}

int run_list(const Options& options) {
    const Json functions = Lambda("", make_session(options)).functions();
    std::vector<std::vector<std::string>> rows{{"NAME", "RUNTIME", "HANDLER", "MEMORY", "CODE", "MODIFIED"}};
    for (const Json& f : functions)
        rows.push_back({f.at("FunctionName").get<std::string>(), runtime_of(f), f.value("Handler", ""),
                        fmt::format("{} MB", f.value("MemorySize", 0)), size_text(f.value("CodeSize", 0.0)),
                        f.value("LastModified", "")});
    print(options, functions, functions.empty() ? "no functions" : table(rows, width_of(1)));
    return exit_ok;
}

struct Delete_Arguments {
    std::string function;
    bool keep_logs = false;
};

int run_delete(const Options& options, const Delete_Arguments& arguments) {
    const Session session = make_session_to_change(options);
    Lambda function(arguments.function, session);
    const Deleted_Function deleted = delete_deployed(function, !arguments.keep_logs);
    if (!deleted.existed)
        return report_function_error(
            session, arguments.function,
            {codes::resource_not_found, fmt::format("function {} not found", arguments.function), 404});
    Json result{{"deleted", arguments.function}};
    std::string text = "deleted " + arguments.function;
    if (!deleted.object.empty()) {
        result["deleted_object"] = deleted.object;
        text += " and its code " + deleted.object;
    }
    print(options, result, text);
    return exit_ok;
}

}  // namespace

void add_info(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "info", "Show a function: settings, environment, layers, URL, aliases, triggers",
                         &run_info, "Examples:\n  osbot info hello\n  osbot info hello --json");
    command.add_option("function FUNCTION", arguments.function, "Name or ARN of the function").required();
}

void add_list(Command_Line& line) {
    line.add_command(line.root(), "list", "List all functions", &run_list,
                     "Examples:\n  osbot list\n  osbot list --json | jq -r '.[].FunctionName'");
}

void add_delete(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "delete", "Delete a function, its logs and its uploaded code", &run_delete,
                         "Examples:\n  osbot delete hello\n  osbot delete hello --keep-logs");
    command.add_option("function FUNCTION", arguments.function, "Name of the function").required();
    command.add_flag("--keep-logs", arguments.keep_logs, "Keep the log group of the function");
}

}  // namespace osbot_aws::cli
