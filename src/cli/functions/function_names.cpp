#include "cli/functions/function_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "cli/line/options.hpp"
#include "cli/line/suggestion.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::string_view arn_mark = ":function:";

/// Returns NAME of NAME, NAME:QUALIFIER and arn:...:function:NAME[:QUALIFIER].
std::string name_of(std::string_view function) {
    if (const std::size_t mark = function.find(arn_mark); mark != std::string_view::npos)
        function.remove_prefix(mark + arn_mark.size());
    return std::string(function.substr(0, function.find(':')));
}

/// Returns nothing if the functions cannot be listed, for example because the user may not list them.
std::optional<std::vector<std::string>> existing_names(const Session& session) {
    try {
        return Lambda("", session).functions_names();
    } catch (const Aws_Exception&) { return std::nullopt; }
}

}  // namespace

int report_function_error(const Session& session, const std::string& function, const Error& error) {
    if (error.code != codes::resource_not_found) return report(error);
    const std::string name = name_of(function);
    const auto names = existing_names(session);
    if (!names || std::ranges::find(*names, name) != names->end()) return report(error);
    const std::string nearest = did_you_mean(name, *names);
    return report({error.code, fmt::format("function {} not found", name), 404},
                  nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
}

}  // namespace osbot_aws::cli
