#include "services/s3/lifecycle/lifecycle_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/fields.hpp"
#include "base/time_text.hpp"
#include "services/s3/settings/settings.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {
namespace {

/// Adds the conditions of a filter, or of its And.
void add_conditions(S3_Lifecycle_Rule& rule, const aws::Fields& filter) {
    if (auto prefix = filter.text("Prefix")) rule.prefix = std::move(*prefix);
    for (auto& tag : filter.pairs("Tags")) rule.tags.push_back(std::move(tag));
    if (filter.has("Tag")) {
        const aws::Fields tag(filter.object("Tag"));
        rule.tags.emplace_back(tag.text_or("Key"), tag.text_or("Value"));
    }
    rule.size_above = filter.number("ObjectSizeGreaterThan").value_or(rule.size_above);
    rule.size_below = filter.number("ObjectSizeLessThan").value_or(rule.size_below);
}

S3_Lifecycle_Rule rule_of(const aws::Fields& fields) {
    S3_Lifecycle_Rule rule;
    rule.id = fields.text_or("ID");
    rule.prefix = fields.text_or("Prefix");  // of a rule without a filter
    const aws::Fields filter(fields.object("Filter"));
    add_conditions(rule, filter);
    add_conditions(rule, aws::Fields(filter.object("And")));
    const aws::Fields expiration(fields.object("Expiration"));
    rule.days = expiration.number("Days");
    rule.date = base::parse_iso8601(expiration.text_or("Date"));
    rule.removes_expired_markers = expiration.flag("ExpiredObjectDeleteMarker");
    const aws::Fields noncurrent(fields.object("NoncurrentVersionExpiration"));
    rule.noncurrent_days = noncurrent.number("NoncurrentDays");
    rule.noncurrent_retained = noncurrent.number("NewerNoncurrentVersions").value_or(0);
    if (noncurrent.has("NewerNoncurrentVersions")) rule.noncurrent_days = rule.noncurrent_days.value_or(0);
    const aws::Fields uploads(fields.object("AbortIncompleteMultipartUpload"));
    rule.upload_days = uploads.number("DaysAfterInitiation");
    return rule;
}

}  // namespace

bool S3_Lifecycle_Rule::is_for(const S3_Object& object) const {
    const auto has_tag = [&](const auto& tag) { return std::ranges::find(object.tags, tag) != object.tags.end(); };
    const auto size = static_cast<std::int64_t>(object.size);
    return object.key.starts_with(prefix) && size_above < size && size < size_below &&
           std::ranges::all_of(tags, has_tag);
}

S3_Lifecycle_Rules lifecycle_rules(const S3_Bucket& bucket) {
    if (bucket.parsed_lifecycle) return bucket.parsed_lifecycle;
    auto rules = std::make_shared<std::vector<S3_Lifecycle_Rule>>();
    if (const Json* configuration = bucket.setting(lifecycle_setting.name))
        for (const Json& each : aws::Fields(*configuration).list("Rules"))
            if (const aws::Fields fields(each); fields.text_or("Status") == "Enabled")
                rules->push_back(rule_of(fields));
    return bucket.parsed_lifecycle = std::move(rules);
}

base::Time time_after_days(std::int64_t unix_ms, std::int64_t days, base::Time::duration day) {
    const base::Time begin = base::from_unix_ms(unix_ms);
    const base::Time start_of_day = begin - begin.time_since_epoch() % day;
    const std::int64_t days_left = (base::Time::max() - start_of_day) / day;
    return days < days_left ? start_of_day + day * (days + 1) : base::Time::max();
}

base::Time expiry_of(const S3_Lifecycle_Rule& rule, const S3_Object& object, base::Time::duration day) {
    if (rule.days) return time_after_days(object.modified_ms, *rule.days, day);
    return rule.date.value_or(base::Time::max());
}

std::optional<std::string> expiration_of(const S3_Bucket& bucket, const S3_Object& object, base::Time::duration day) {
    const S3_Lifecycle_Rules rules = lifecycle_rules(bucket);
    const S3_Lifecycle_Rule* first = nullptr;
    for (const S3_Lifecycle_Rule& rule : *rules) {
        if (!rule.expires_current() || !rule.is_for(object)) continue;
        if (first == nullptr || expiry_of(rule, object, day) < expiry_of(*first, object, day)) first = &rule;
    }
    if (first == nullptr) return std::nullopt;
    return fmt::format("expiry-date=\"{}\", rule-id=\"{}\"", base::http_date(expiry_of(*first, object, day)),
                       wire::percent_encode(first->id));
}

}  // namespace osbot_aws::services
