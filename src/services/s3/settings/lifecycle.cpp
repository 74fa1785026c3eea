#include "services/s3/settings/lifecycle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>

#include "base/random.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

using Days = std::chrono::days;

constexpr std::size_t rules_max = 1000, rule_id_characters_max = 255;
constexpr std::int64_t days_max = std::numeric_limits<std::int32_t>::max();  ///< as in Amazon's model
constexpr std::int64_t newer_versions_max = 100;
constexpr const char* default_transition_size = "all_storage_classes_128K";

Error invalid_argument(std::string message) { return {"InvalidArgument", std::move(message), 400}; }

/// Checks a member with a number of days of an action.
Result<void> check_days(const aws::Fields& action, const char* member, const char* action_name, std::int64_t days_min) {
    const auto days = action.number(member);
    if (days && *days > days_max) return wire::malformed_xml();
    if (!days || *days >= days_min) return {};
    return invalid_argument(fmt::format("'{}' for {} action must be {}", member, action_name,
                                        days_min == 0 ? "nonnegative" : "a positive integer"));
}

Result<void> check_date(const Call& call, const aws::Fields& action) {
    const auto text = action.text("Date");
    if (!text) return {};
    const auto date = base::parse_iso8601(*text);
    if (!date) return wire::malformed_xml();
    if (*date == std::chrono::floor<Days>(*date)) return {};
    return refuse_argument(call, "'Date' must be at midnight GMT", "Date", *text);
}

Result<void> check_expiration(const Call& call, const Json& expiration) {
    const aws::Fields fields(expiration);
    if (expiration.size() > 1) return wire::malformed_xml();
    OSBOT_TRY(check_days(fields, "Days", "Expiration", 1));
    return check_date(call, fields);
}

Result<void> check_transitions(const Call& call, const aws::Fields& rule) {
    for (const Json& transition : rule.list("Transitions")) {
        const aws::Fields fields(transition);
        if (!fields.has("StorageClass") || fields.has("Days") == fields.has("Date")) return wire::malformed_xml();
        OSBOT_TRY(check_days(fields, "Days", "Transition", 0));
        OSBOT_TRY(check_date(call, fields));
    }
    for (const Json& transition : rule.list("NoncurrentVersionTransitions"))
        if (!transition.contains("StorageClass") || !transition.contains("NoncurrentDays"))
            return wire::malformed_xml();
    return {};
}

Result<void> check_tag_keys(const aws::Fields& conditions) {
    std::set<std::string> keys;
    for (const auto& [key, value] : conditions.pairs("Tags"))
        if (!keys.insert(key).second) return Error{"InvalidRequest", "Duplicate Tag Keys are not allowed.", 400};
    return {};
}

Result<void> check_filter(const aws::Fields& rule) {
    if (!rule.has("Filter") && !rule.has("Prefix")) return wire::malformed_xml();
    if (rule.has("Filter") && rule.has("Prefix")) return wire::malformed_xml();
    const aws::Fields filter(rule.object("Filter"));
    if (filter.json().size() > 1) return wire::malformed_xml();
    const aws::Fields all(filter.object("And"));
    OSBOT_TRY(check_tag_keys(all));
    const bool has_tags = filter.has("Tag") || all.has("Tags");
    if (has_tags && rule.has("AbortIncompleteMultipartUpload"))
        return Error{"InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.", 400};
    return {};
}

Result<void> check_actions(const Call& call, const aws::Fields& rule) {
    const auto actions = {"Expiration", "Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration",
                          "AbortIncompleteMultipartUpload"};
    if (std::ranges::none_of(actions, [&](const char* action) { return rule.has(action); }))
        return Error{"InvalidRequest", "At least one action needs to be specified in a rule", 400};
    if (rule.has("Expiration")) OSBOT_TRY(check_expiration(call, rule.object("Expiration")));
    OSBOT_TRY(check_transitions(call, rule));
    if (rule.has("NoncurrentVersionExpiration")) {
        const aws::Fields expiration(rule.object("NoncurrentVersionExpiration"));
        if (expiration.json().empty()) return wire::malformed_xml();
        OSBOT_TRY(check_days(expiration, "NoncurrentDays", "NoncurrentVersionExpiration", 1));
        OSBOT_TRY(check_days(expiration, "NewerNoncurrentVersions", "NoncurrentVersionExpiration", 1));
        if (expiration.number("NewerNoncurrentVersions").value_or(0) > newer_versions_max)
            return invalid_argument(
                fmt::format("'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must not exceed {}",
                            newer_versions_max));
    }
    if (!rule.has("AbortIncompleteMultipartUpload")) return {};
    const aws::Fields abort(rule.object("AbortIncompleteMultipartUpload"));
    if (!abort.has("DaysAfterInitiation")) return wire::malformed_xml();
    return check_days(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload", 1);
}

/// Checks a rule, and gives it an ID if it has none.
Result<void> check_rule(const Call& call, Json& rule, std::set<std::string>& ids) {
    if (aws::Fields(rule).text_or("ID").empty()) rule["ID"] = base::random_alphanumeric(48);
    const aws::Fields fields(rule);
    const std::string id = fields.text_or("ID");
    if (id.size() > rule_id_characters_max)
        return invalid_argument(fmt::format("ID length should not exceed allowed limit of {}", rule_id_characters_max));
    if (!ids.insert(id).second) return invalid_argument("Rule ID must be unique. Found same ID for more than one rule");
    OSBOT_TRY(check_filter(fields));
    return check_actions(call, fields);
}

/// Adds the header of the request to the document.
Result<void> take_transition_size(const Call& call, Json& document) {
    const auto size = call.fields().text_or(transition_size_member, default_transition_size);
    if (size != default_transition_size && size != "varies_by_storage_class")
        return Error{"InvalidRequest", fmt::format("Invalid TransitionDefaultMinimumObjectSize found: {}", size), 400};
    document[transition_size_member] = size;
    return {};
}

}  // namespace

Result<void> check_lifecycle(const S3_Setting_Request& request, Json& document) {
    OSBOT_TRY(take_transition_size(request.call, document));
    Json& rules = document["Rules"];
    if (rules.empty() || rules.size() > rules_max) return wire::malformed_xml();
    std::set<std::string> ids;
    for (Json& rule : rules) OSBOT_TRY(check_rule(request.call, rule, ids));
    return {};
}

}  // namespace osbot_aws::services
