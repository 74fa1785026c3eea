#include "cli/commands/commands.hpp"
#include "cli/help/help_text.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/sample_events.hpp"

namespace osbot_aws::cli {
namespace {

struct Event_Arguments {
    std::string kind;
    std::vector<std::string> settings;
};

int list(const Options& options) {
    Json kinds = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const std::string& kind : event_kinds()) {
        const Sample_Event event = describe_event(kind);
        Json settings = Json::object();
        std::string names = "--set";
        for (const auto& [name, value] : event.settings) {
            settings[name] = value;
            names += " " + name;
        }
        kinds.push_back({{"kind", kind}, {"about", event.about}, {"source", event.source}, {"settings", settings}});
        rows.push_back({kind, event.about});
        rows.push_back({"", names});
    }
    print(options, kinds, wrapped_help(table(rows, 0), width_of(1)));
    return exit_ok;
}

int run_event(const Options& options, const Event_Arguments& arguments) {
    if (arguments.kind.empty()) return list(options);
    const auto settings = names_and_values("--set", arguments.settings);
    if (!settings) return report_usage(settings.error());
    const auto event = sample_event_text(arguments.kind, *settings, options.json ? -1 : 2);
    if (!event) return report_usage(event.error());
    print({}, {}, *event);
    return exit_ok;
}

}  // namespace

void add_event(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "event", "Print a sample event of an AWS service", &run_event,
                         "Examples:\n"
                         "  osbot event                                     list the kinds and their settings\n"
                         "  osbot event sqs --set body='{\"order_id\": 7}'\n"
                         "  osbot event s3 --set bucket=photos --set key=a.jpg > event.json\n"
                         "  osbot invoke hello --event s3 --set key=a.jpg   call a function with a sample event\n\n"
                         "The events have the format of the AWS documentation.");
    command.add_option("kind", arguments.kind, "Kind of event (default: list all kinds)").one_of(event_kinds());
    command.add_option("--set", arguments.settings, "Set NAME=VALUE in the event; may be repeated");
}

}  // namespace osbot_aws::cli
