#include "wire/lambda_names.hpp"
#include "base/characters.hpp"
#include "wire/account_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osbot_aws::wire {
namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: pattern and length of FunctionName. The pattern is
// that of recorded responses: LocalStack, tests/aws/services/lambda_/test_lambda.snapshot.json, test_invalid_invoke
constexpr std::string_view pattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)";
constexpr std::size_t reference_length_max = 256;

bool is_name(std::string_view text) { return !text.empty() && base::all_name_characters(text); }

bool is_function_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return base::is_name_character(c) || c == '.'; });
}

bool is_qualifier(std::string_view text) { return text == "$LATEST" || text == "$LATEST.PUBLISHED" || is_name(text); }

bool is_region(std::string_view text) {  // us-east-1, us-gov-west-1
    return text.size() > 5 && text[2] == '-' && text.back() >= '0' && text.back() <= '9' && is_name(text);
}

Error refused(std::string_view text) {
    return {"ValidationException",
            fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: "
                        "Member must satisfy regular expression pattern: {}",
                        text, pattern)};
}

Error too_long(std::string_view text) {
    return {"ValidationException",
            fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: "
                        "Member must have length less than or equal to {}",
                        text, reference_length_max)};
}

}  // namespace

Result<Function_Name> parse_function_name(std::string_view text) {
    if (text.size() > reference_length_max) return too_long(text);

    std::array<std::string_view, 8> parts;  // arn aws lambda region account function name qualifier
    std::size_t count = 0;
    for (std::string_view remaining = text;;) {
        if (count == parts.size()) return refused(text);
        const auto colon = remaining.find(':');
        parts[count++] = remaining.substr(0, colon);
        if (colon == std::string_view::npos) break;
        remaining.remove_prefix(colon + 1);
    }

    Function_Name found;
    std::size_t at = 0;
    if (count >= 4 && parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "lambda") at = 3;
    if (at + 1 < count && is_region(parts[at]) && is_account_id(parts[at + 1])) found.region = parts[at++];
    if (at + 1 < count && is_account_id(parts[at])) found.account_id = parts[at++];
    if (at + 1 < count && parts[at] == "function") ++at;
    found.name = parts[at++];
    if (at < count) {
        found.qualifier = parts[at++];
        if (!is_qualifier(found.qualifier)) return refused(text);
    }
    if (at != count || !is_function_name(found.name)) return refused(text);
    return found;
}

}  // namespace osbot_aws::wire
