#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/help/error_pages.hpp"
#include "cli/help/help_text.hpp"
#include "cli/line/suggestion.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

struct Explain_Arguments {
    std::string error;
};

int list(const Options& options) {
    Json names = Json::array();
    std::string text;
    for (const Error_Page& page : error_pages()) {
        names.push_back({{"name", page.name}, {"summary", page.summary()}});
        text += fmt::format("{}\n    {}\n", page.name, page.summary());
    }
    print(options, names, wrapped_help(text, width_of(1)));
    return exit_ok;
}

int run_explain(const Options& options, const Explain_Arguments& arguments) {
    if (arguments.error.empty()) return list(options);
    if (const Error_Page* page = find_error_page(arguments.error); page != nullptr) {
        print(options, {{"name", page->name}, {"text", page->text}}, wrapped_help(page->text, width_of(1)));
        return exit_ok;
    }
    std::vector<std::string> names;
    for (const Error_Page& page : error_pages()) names.emplace_back(page.name);
    return report({"NotFound", unknown_name("error", arguments.error, names), 0}, "osbot explain lists all names");
}

}  // namespace

void add_explain(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "explain", "Explain an error and how to fix it", &run_explain,
                         "Examples:\n"
                         "  osbot explain PortInUse\n"
                         "  osbot explain Runtime.ImportModuleError\n"
                         "  osbot explain                             list all errors");
    command.add_option("error ERROR", arguments.error, "Name of the error, as in its message (default: list all)");
}

}  // namespace osbot_aws::cli
