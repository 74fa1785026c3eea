#include "services/iam/iam_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t role_tags_max = 50;

Error malformed(std::string message) { return {"MalformedPolicyDocument", std::move(message), 400}; }

bool is_name_character(char c) {
    return base::is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

/// The checks that differ between trust policies and identity policies.
using Statement_Rule = std::optional<Error> (*)(const Json& statement);

bool has_either(const Json& statement, const char* name, const char* negated) {
    return statement.contains(name) || statement.contains(negated);
}

std::optional<Error> bad_trust_statement(const Json& statement) {
    if (!has_either(statement, "Principal", "NotPrincipal")) return malformed("Missing required field Principal");
    if (has_either(statement, "Resource", "NotResource")) return malformed("Has prohibited field Resource");
    if (!has_either(statement, "Action", "NotAction")) return malformed("Missing required field Action");
    return std::nullopt;
}

std::optional<Error> bad_identity_statement(const Json& statement) {
    if (has_either(statement, "Principal", "NotPrincipal"))
        return malformed("Policy document should not specify a principal.");
    if (!has_either(statement, "Action", "NotAction")) return malformed("Policy statement must contain actions.");
    if (!has_either(statement, "Resource", "NotResource")) return malformed("Policy statement must contain resources.");
    return std::nullopt;
}

std::optional<Error> bad_statement(const Json& statement, Statement_Rule rule) {
    if (!statement.is_object()) return malformed("Syntax errors in policy.");
    const auto effect = statement.find("Effect");
    if (effect == statement.end()) return malformed("Missing required field Effect");
    if (*effect != "Allow" && *effect != "Deny") return malformed("Syntax errors in policy.");
    return rule(statement);
}

std::optional<Error> bad_policy(const std::string& document, Statement_Rule rule) {
    const auto json = base::parse_json(document);
    if (!json.is_object()) return malformed("This policy contains invalid Json");
    const auto version = json.find("Version");
    if (version != json.end() && *version != "2012-10-17" && *version != "2008-10-17")
        return malformed("Syntax errors in policy.");
    const auto statements = json.find("Statement");
    if (statements == json.end() || (statements->is_array() && statements->empty()))
        return malformed("Syntax errors in policy.");
    if (!statements->is_array()) return bad_statement(*statements, rule);
    for (const Json& statement : *statements) {
        if (auto error = bad_statement(statement, rule)) return error;
    }
    return std::nullopt;
}

std::optional<Error> bad_tag(const std::string& key) {
    if (!key.starts_with("aws:")) return std::nullopt;
    return Error{"InvalidInput", "Duplicate or reserved tag key: keys that start with aws: are reserved.", 400};
}

}  // namespace

Error unsatisfied_iam(std::string_view value, std::string_view member, std::string_view constraint) {
    return {"ValidationError",
            fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}", value,
                        member, constraint)};
}

Error iam_limit(std::string_view quota, std::size_t max) {
    return {"LimitExceeded", fmt::format("Cannot exceed quota for {}: {}", quota, max), 409};
}

std::optional<Error> bad_iam_name(const std::string& name, std::string_view member) {
    if (std::ranges::all_of(name, is_name_character)) return std::nullopt;
    return Error{"ValidationError",
                 fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters "
                             "and/or the following: +=,.@_-",
                             member)};
}

std::optional<Error> bad_iam_path(const std::string& path) {
    const auto is_visible = [](char c) { return c >= '!' && c <= '~'; };
    if (path.starts_with('/') && path.ends_with('/') && std::ranges::all_of(path, is_visible)) return std::nullopt;
    return Error{"ValidationError",
                 "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
                 "characters and/or / characters."};
}

std::optional<Error> bad_trust_policy(const std::string& document) { return bad_policy(document, bad_trust_statement); }
std::optional<Error> bad_identity_policy(const std::string& document) {
    return bad_policy(document, bad_identity_statement);
}

std::size_t policy_size(std::string_view document) {
    return static_cast<std::size_t>(std::ranges::count_if(
        document, [](char c) { return std::string_view(" \t\r\n").find(c) == std::string_view::npos; }));
}

Result<void> add_iam_tags(Tags& tags, const Tags& added) {
    Tags all = tags;
    for (std::size_t i = 0; i < added.size(); ++i) {
        // Not structured bindings: clang 14 cannot capture them.
        const std::string &key = added[i].first, &value = added[i].second;
        if (auto error = bad_tag(key)) return *error;
        const auto has_key = [&](const auto& tag) { return base::equal_ignoring_case(tag.first, key); };
        if (std::any_of(added.begin(), added.begin() + static_cast<std::ptrdiff_t>(i), has_key)) {
            return Error{"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                         400};
        }
        const auto existing = std::ranges::find_if(all, has_key);
        if (existing == all.end())
            all.emplace_back(key, value);
        else
            *existing = {key, value};
    }
    if (all.size() > role_tags_max) return iam_limit("TagsPerResource", role_tags_max);
    tags = std::move(all);
    return {};
}

void remove_iam_tags(Tags& tags, const std::vector<std::string>& keys) {
    std::erase_if(tags, [&](const auto& tag) {
        return std::ranges::any_of(keys, [&](const auto& key) { return base::equal_ignoring_case(key, tag.first); });
    });
}

}  // namespace osbot_aws::services
