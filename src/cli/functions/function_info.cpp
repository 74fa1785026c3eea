#include "cli/functions/function_info.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "base/json.hpp"
#include "cli/output/sizes.hpp"

namespace osbot_aws::cli {
namespace {

/// Returns what `read` returns, or {"error": ...} if that part of the function cannot be read.
template <class Read>
Json part(const Read& read) {
    try {
        return read();
    } catch (const Aws_Exception& exception) {
        return {{"error", fmt::format("{}: {}", exception.error().code, exception.error().message)}};
    }
}

std::string row(std::string_view name, const std::string& text) {
    return text.empty() ? "" : fmt::format("{:<18} {}\n", name, text);
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : base::dump_json(value); }

/// Formats the list, one item on each line, or the error of part().
template <class Format>
std::string rows(std::string_view name, const Json& list, const Format& format) {
    if (list.is_object()) return row(name, list.value("error", ""));
    std::string text;
    for (const Json& item : list) text += row(text.empty() ? name : "", format(item));
    return text;
}

std::string environment_names(const Json& configuration) {
    const Json environment = configuration.value("Environment", Json::object());
    const Json variables = environment.value("Variables", Json::object());
    std::vector<std::string> names;
    for (const auto& [name, value] : variables.items()) names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string trigger_text(const Json& source) {
    return fmt::format("{} ({}, batches of {})", source.value("EventSourceArn", ""), source.value("State", ""),
                       source.value("BatchSize", 0));
}

std::string url_text(const Json& url) {
    if (url.contains("error")) return url.value("error", "");
    return url.empty() ? "" : fmt::format("{} ({})", url.value("FunctionUrl", ""), url.value("AuthType", ""));
}

std::string concurrency_text(const Json& info) {
    const Json concurrency = info.value("Concurrency", Json::object());
    const auto reserved = concurrency.find("ReservedConcurrentExecutions");
    return reserved == concurrency.end() ? "not reserved" : fmt::format("{} reserved", reserved->get<int>());
}

std::string configuration_text(const Json& configuration) {
    std::string text;
    for (const char* member : {"FunctionName", "FunctionArn", "State", "StateReason", "Runtime", "Handler"})
        if (configuration.contains(member)) text += row(member, text_of(configuration[member]));
    text += row("MemorySize", fmt::format("{} MB", configuration.value("MemorySize", 0))) +
            row("Timeout", fmt::format("{} s", configuration.value("Timeout", 0))) +
            row("CodeSize", size_text(configuration.value("CodeSize", 0.0)));
    for (const char* member : {"CodeSha256", "LastModified", "LastUpdateStatus", "Role"})
        if (configuration.contains(member)) text += row(member, text_of(configuration[member]));
    return text;
}

}  // namespace

Json function_info(const Lambda& function) {
    Json info = function.info();
    info["Url"] = part([&] { return function.function_url_info(); });
    info["Aliases"] = part([&] { return function.aliases(); });
    info["EventSources"] = part([&] { return function.event_sources(); });
    return info;
}

std::string info_text(const Json& info) {
    const Json& configuration = info.at("Configuration");
    return configuration_text(configuration) + row("Environment", environment_names(configuration)) +
           rows("Layers", configuration.value("Layers", Json::array()),
                [](const Json& layer) { return layer.value("Arn", ""); }) +
           row("Url", url_text(info.at("Url"))) +
           rows("Aliases", info.at("Aliases"),
                [](const Json& alias) {
                    return fmt::format("{} -> {}", alias.value("Name", ""), alias.value("FunctionVersion", ""));
                }) +
           rows("Triggers", info.at("EventSources"), trigger_text) + row("Concurrency", concurrency_text(info));
}

}  // namespace osbot_aws::cli
