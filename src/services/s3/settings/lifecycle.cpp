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

// ---- the expiration of objects ----

/// Evaluates one condition of a filter, or of its And.
bool is_met(const std::string& condition, const Json& value, const S3_Object& object) {
    const auto has_tag = [&](const Json& tag) {
        const aws::Fields fields(tag);
        return std::ranges::find(object.tags, std::pair(fields.text_or("Key"), fields.text_or("Value"))) !=
               object.tags.end();
    };
    if (condition == "Prefix") return object.key.starts_with(value.get_ref<const std::string&>());
    if (condition == "Tag") return has_tag(value);
    if (condition == "Tags") return std::all_of(value.begin(), value.end(), has_tag);
    const auto size = static_cast<std::int64_t>(object.size);
    if (condition == "ObjectSizeGreaterThan") return size > value.get<std::int64_t>();
    if (condition == "ObjectSizeLessThan") return size < value.get<std::int64_t>();
    if (condition != "And") return true;
    const auto& all = value.items();
    return std::all_of(all.begin(), all.end(),
                       [&](const auto& each) { return is_met(each.key(), each.value(), object); });
}

bool expires(const aws::Fields& rule, const S3_Object& object) {
    const aws::Fields expiration(rule.object("Expiration"));
    if (rule.text_or("Status") != "Enabled" || (!expiration.has("Days") && !expiration.has("Date"))) return false;
    if (!object.key.starts_with(rule.text_or("Prefix"))) return false;
    const auto& conditions = rule.object("Filter").items();
    return std::all_of(conditions.begin(), conditions.end(),
                       [&](const auto& each) { return is_met(each.key(), each.value(), object); });
}

/// Returns the time at which a rule expires an object: with days, midnight after them.
base::Time expiry_of(const aws::Fields& rule, const S3_Object& object) {
    const aws::Fields expiration(rule.object("Expiration"));
    if (const auto days = expiration.number("Days")) {
        const base::Time day = std::chrono::floor<Days>(base::from_unix_ms(object.modified_ms));
        const auto days_left = std::chrono::floor<Days>(base::Time::max() - day).count();
        return *days + 1 < days_left ? day + Days(*days + 1) : base::Time::max();
    }
    return base::parse_iso8601(expiration.text_or("Date")).value_or(base::Time::max());
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

std::optional<std::string> expiration_of(const S3_Bucket& bucket, const S3_Object& object) {
    const Json* configuration = bucket.setting(lifecycle_setting.name);
    if (configuration == nullptr) return std::nullopt;
    for (const Json& each : aws::Fields(*configuration).list("Rules")) {
        const aws::Fields rule(each);
        if (expires(rule, object))
            return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", base::http_date(expiry_of(rule, object)),
                               wire::percent_encode(rule.text_or("ID")));
    }
    return std::nullopt;
}

}  // namespace osbot_aws::services
