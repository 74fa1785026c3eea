#include <fmt/format.h>
#include <fmt/ranges.h>

#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>

#include "base/error_codes.hpp"
#include "cli/commands/commands.hpp"
#include "cli/line/suggestion.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

struct Layers_Arguments {
    std::string layer;
};

std::vector<std::string> row_of(const std::string& name, const Json& version) {
    const auto runtimes = version.value("CompatibleRuntimes", std::vector<std::string>{});
    return {name, std::to_string(version.value("Version", 0)), fmt::format("{}", fmt::join(runtimes, " ")),
            version.value("CreatedDate", ""), version.value("LayerVersionArn", "")};
}

int list(const Options& options, const Session& session) {
    const Json layers = Lambda_Layer("", {.session = session}).layers();
    std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "RUNTIMES", "CREATED", "ARN"}};
    for (const Json& layer : layers)
        rows.push_back(row_of(layer.value("LayerName", ""), layer.value("LatestMatchingVersion", Json::object())));
    print(options, layers, layers.empty() ? "no layers" : table(rows, width_of(1)));
    return exit_ok;
}

int report_no_layer(const Session& session, const std::string& name) {
    std::vector<std::string> names;
    for (const Json& layer : Lambda_Layer("", {.session = session}).layers())
        names.push_back(layer.value("LayerName", ""));
    return report({codes::resource_not_found, unknown_name("layer", name, names), 404});
}

int run_layers(const Options& options, const Layers_Arguments& arguments) {
    const Session session = make_session(options);
    if (arguments.layer.empty()) return list(options, session);
    const Json versions = Lambda_Layer(arguments.layer, {.session = session}).versions();
    if (versions.empty()) return report_no_layer(session, arguments.layer);
    std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "RUNTIMES", "CREATED", "ARN"}};
    for (const Json& version : versions) rows.push_back(row_of(arguments.layer, version));
    print(options, versions, table(rows, width_of(1)));
    return exit_ok;
}

}  // namespace

void add_layers(Command_Line& line) {
    auto [command, arguments] =
        line.add_command(line.root(), "layers", "List the layers, or the versions of a layer", &run_layers,
                         "Examples:\n"
                         "  osbot layers\n"
                         "  osbot layers pandas                                all versions\n"
                         "  osbot layers --json | jq -r '.[].LayerName'");
    command.add_option("layer LAYER", arguments.layer, "Name of the layer (default: list all layers)");
}

}  // namespace osbot_aws::cli
