#include "services/iam/iam_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
constexpr std::size_t tags_max = 50;

bool is_name_character(char c) {
    return base::is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html, "Rules for tagging in IAM"
std::optional<Error> bad_tag(const std::string& key, const std::string& value) {
    if (!key.starts_with("aws:") && !value.starts_with("aws:")) return std::nullopt;
    return Error{"InvalidInput", "Tag keys and values that start with aws: are reserved.", 400};
}

bool is_same_key(std::string_view a, std::string_view b, bool is_case_sensitive) {
    return is_case_sensitive ? a == b : base::equal_ignoring_case(a, b);
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

Result<void> add_iam_tags(Tags& tags, const Tags& added, bool is_case_sensitive) {
    Tags all = tags;
    for (std::size_t i = 0; i < added.size(); ++i) {
        // Not structured bindings: clang 14 cannot capture them.
        const std::string &key = added[i].first, &value = added[i].second;
        if (auto error = bad_tag(key, value)) return *error;
        const auto has_key = [&](const auto& tag) { return is_same_key(tag.first, key, is_case_sensitive); };
        if (std::any_of(added.begin(), added.begin() + static_cast<std::ptrdiff_t>(i), has_key)) {
            return Error{"InvalidInput",
                         is_case_sensitive
                             ? "Duplicate tag keys found."
                             : "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                         400};
        }
        const auto existing = std::ranges::find_if(all, has_key);
        if (existing == all.end())
            all.emplace_back(key, value);
        else
            *existing = {key, value};
    }
    if (all.size() > tags_max) return Error{"LimitExceeded", "The number of tags has reached the maximum limit.", 409};
    tags = std::move(all);
    return {};
}

void remove_iam_tags(Tags& tags, const std::vector<std::string>& keys, bool is_case_sensitive) {
    std::erase_if(tags, [&](const auto& tag) {
        return std::ranges::any_of(keys,
                                   [&](const auto& key) { return is_same_key(key, tag.first, is_case_sensitive); });
    });
}

}  // namespace osbot_aws::services
