#include "cli/project/project_functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "base/local_error.hpp"
#include "cli/line/options.hpp"
#include "cli/line/suggestion.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

using Functions = std::vector<Function_Settings>;

Functions::const_iterator find_name(const Functions& functions, const std::string& name) {
    return std::find_if(functions.begin(), functions.end(),
                        [&](const Function_Settings& function) { return function.name == name; });
}

Error ambiguous(const Functions& functions, std::string_view hint) {
    std::vector<std::string> names;
    for (const Function_Settings& function : functions) names.push_back(function.name);
    return local_error("InvalidSettings", "{} has several functions: {}; {}", functions.front().file.string(),
                       fmt::join(names, ", "), hint);
}

Result<Functions> select(const Functions& functions, const Function_Request& request) {
    if (request.all || functions.size() == 1) return functions;
    if (const auto named = find_name(functions, request.name); named != functions.end()) return Functions{*named};
    return ambiguous(functions, request.offers_all ? "name one of them, or use --all" : "name one of them");
}

bool is_source_of(const Function_Settings& function, const fs::path& source) {
    std::error_code error;
    return !function.source.empty() &&
           fs::weakly_canonical(function.path_of(function.source), error) == fs::weakly_canonical(source, error);
}

/// Returns the functions with this source in the first settings file that lists it.
Result<Functions> functions_with_source(const fs::path& source, const std::string& stage) {
    std::error_code error;
    const fs::path folder = fs::absolute(source, error).lexically_normal().parent_path();
    for (const fs::path& candidate : {folder, folder.parent_path(), fs::current_path(error)}) {
        // A relative path keeps messages short.
        OSBOT_TRY(auto settings, read_settings(candidate.lexically_proximate(fs::current_path(error)), stage));
        if (!settings) continue;
        Functions found;
        std::copy_if(settings->begin(), settings->end(), std::back_inserter(found),
                     [&](const Function_Settings& function) { return is_source_of(function, source); });
        if (!found.empty()) return found;
    }
    return Functions();
}

Error no_settings_file(std::string_view hint) {
    return local_error("InvalidSettings", "{} does not exist in this folder: {}", settings_file_name, hint);
}

}  // namespace

Result<Functions> find_functions(const Function_Request& request) {
    const bool is_name = request.source.find('/') == std::string::npos;
    if (is_name) {
        OSBOT_TRY(auto here, read_settings("", request.stage));
        if (request.source.empty() && !here) return no_settings_file("name a file or a folder");
        if (request.source.empty()) return select(*here, request);
        if (here && find_name(*here, request.source) != here->end())
            return Functions{*find_name(*here, request.source)};
    }
    OSBOT_TRY(auto in_source, read_settings(request.source, request.stage));
    if (in_source) return select(*in_source, request);
    auto functions = functions_with_source(request.source, request.stage);
    if (!functions || functions->empty()) return functions;
    return select(*functions, request);
}

Result<std::string> function_name_of(const std::string& name, const std::string& stage) {
    const std::string suffix = stage.empty() ? "" : "__" + stage;
    if (!name.empty()) return name + suffix;
    OSBOT_TRY(const auto functions, read_settings("", stage));
    if (!functions) return no_settings_file("name a function");
    if (functions->size() > 1) return ambiguous(*functions, "name one of them");
    return functions->front().name + suffix;
}

Result<std::vector<std::string>> function_names_of(const std::string& name, const std::string& stage) {
    using Names = std::vector<std::string>;
    const std::string suffix = stage.empty() ? "" : "__" + stage;
    if (!name.empty()) return Names{name + suffix};
    OSBOT_TRY(const auto functions, read_settings("", stage));
    if (!functions && !stage.empty()) return no_settings_file("name a function");
    Names names;
    if (functions)
        for (const Function_Settings& function : *functions) names.push_back(function.name + suffix);
    return names;
}

int report_missing_source(const std::string& source, const std::string& place, const std::string& build) {
    std::vector<std::string> names;
    if (const auto functions = read_settings("", ""); functions && *functions)
        for (const Function_Settings& function : **functions) names.push_back(function.name);
    const std::string nearest = did_you_mean(source, names);
    const std::string remedy = !build.empty()   ? "; build it first: " + build
                               : !place.empty() ? "; correct `source`, or create it"
                                                : "";
    const std::string of_place = place.empty() ? "" : place + ": the source ";
    return report(local_error("NotFound", "{}{} does not exist{}", of_place, source, remedy),
                  nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
}

}  // namespace osbot_aws::cli
