#include "services/s3/s3_locks.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/time_text.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"
#include "services/s3/settings/settings.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

const std::string mode_header = "x-amz-object-lock-mode", until_header = "x-amz-object-lock-retain-until-date",
                  hold_header = "x-amz-object-lock-legal-hold";
constexpr const char* past_date = "The retain until date must be in the future!";
constexpr int days_of_a_year = 365;

std::string header_of(const S3_Object& object, const std::string& name) {
    const auto found = object.headers.find(name);
    return found == object.headers.end() ? "" : found->second;
}

Error locked() { return {"AccessDenied", "Access Denied because object protected by object lock.", 403}; }

/// Returns true if the version is retained at this time.
bool is_retained(const S3_Object& object, base::Time now) {
    const auto until = base::parse_iso8601(header_of(object, until_header));
    return until && *until > now;
}

/// Returns true if the request lifts a retention in the mode GOVERNANCE.
bool bypasses(const Call& call, const S3_Object& object) {
    return call.fields().flag("BypassGovernanceRetention") && header_of(object, mode_header) == "GOVERNANCE";
}

// ---- new objects ----

Result<void> check_mode(const Call& call, S3_Object& object, base::Time now) {
    const std::string mode = header_of(object, mode_header), until = header_of(object, until_header);
    if (mode.empty() && until.empty()) return {};
    if (mode.empty() || until.empty())
        return refuse_argument(call,
                               "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                               mode.empty() ? mode_header : until_header, "");
    if (mode != "GOVERNANCE" && mode != "COMPLIANCE")
        return refuse_argument(call, "Unknown wormMode directive.", mode_header, mode);
    const auto date = base::parse_iso8601(until);
    if (!date)
        return refuse_argument(call, "The retain until date must be provided in ISO 8601 format", until_header, until);
    if (*date <= now) return refuse_argument(call, past_date, until_header, until);
    object.headers[until_header] = base::iso8601_ms_z(*date);
    return {};
}

Result<void> check_hold(const Call& call, const S3_Object& object) {
    const std::string hold = header_of(object, hold_header);
    if (hold.empty() || hold == "ON" || hold == "OFF") return {};
    return refuse_argument(call, "Legal hold must be either of 'ON' or 'OFF'", hold_header, hold);
}

/// Adds the default retention of the bucket to an object without a retention of its own.
void add_default(const Json& configuration, S3_Object& object, base::Time now) {
    const aws::Fields rule(aws::Fields(configuration).object("Rule"));
    const aws::Fields retention(rule.object("DefaultRetention"));
    if (!retention.has("Mode") || object.headers.contains(mode_header)) return;
    const auto days = retention.number("Days").value_or(0) + days_of_a_year * retention.number("Years").value_or(0);
    object.headers[mode_header] = retention.text_or("Mode");
    object.headers[until_header] = base::iso8601_ms_z(now + std::chrono::days(days));  // check_object_lock() limits it
}

Error no_lock_configuration() { return {"InvalidRequest", "Bucket is missing Object Lock Configuration", 400}; }

// ---- operations ----

/// Returns the version whose lock a request reads or changes. Errors: InvalidRequest (the bucket has no object lock).
Result<S3_Object_Ptr> lockable(const S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    if (document_of(*bucket, lock_setting).is_null()) return no_lock_configuration();
    return requested_object(s3, call);
}

Error no_lock(const Call& call) {
    return refuse(
        call, {"NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404},
        {{"Key", key_of(call)}});
}

Result<Json> get_legal_hold(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, lockable(s3, call));
    const std::string hold = header_of(*object, hold_header);
    if (hold.empty()) return no_lock(call);
    return Json{{"LegalHold", {{"Status", hold}}}};
}

Result<Json> put_legal_hold(S3& s3, const Call& call) {
    OSBOT_TRY(const auto document, document_of_request(call, "PutObjectLegalHold", "LegalHold"));
    const std::string status = aws::Fields(document).text_or("Status");
    if (status.empty()) return wire::malformed_xml();
    OSBOT_TRY(const auto object, lockable(s3, call));
    S3_Object changed = *object;
    changed.headers[hold_header] = status;
    return no_output(s3.update_object(call.account, bucket_of(call), changed));
}

Result<Json> get_retention(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, lockable(s3, call));
    if (!object->headers.contains(mode_header)) return no_lock(call);
    return Json{{"Retention",
                 {{"Mode", header_of(*object, mode_header)}, {"RetainUntilDate", header_of(*object, until_header)}}}};
}

/// Returns the date of a retention. Errors: MalformedXML, InvalidArgument (a date in the past).
Result<base::Time> retention_date(const Call& call, const aws::Fields& retention, base::Time now) {
    for (const char* member : {"EventHold", "EventHoldDuration"})
        if (retention.has(member))
            return wire::not_implemented("S3", fmt::format("PutObjectRetention with {}", member));
    const auto date = base::parse_iso8601(retention.text_or("RetainUntilDate"));
    if (!retention.has("Mode") || !date) return wire::malformed_xml();
    if (*date > now) return *date;
    return refuse_argument(call, past_date, "RetainUntilDate", retention.text_or("RetainUntilDate"));
}

/// A retention can be extended, but only a request that bypasses it can shorten it, remove it or change its mode.
bool is_weaker(const S3_Object& object, const std::string& mode, base::Time until) {
    const auto current = base::parse_iso8601(header_of(object, until_header));
    return !current || mode != header_of(object, mode_header) || until < *current;
}

/// Removes the retention of a version: a request with an empty document.
Result<Json> remove_retention(S3& s3, const Call& call, S3_Object object, base::Time now) {
    if (is_retained(object, now) && !bypasses(call, object)) return locked();
    object.headers.erase(mode_header);
    object.headers.erase(until_header);
    return no_output(s3.update_object(call.account, bucket_of(call), object));
}

Result<Json> put_retention(S3& s3, const Call& call) {
    OSBOT_TRY(const auto document, document_of_request(call, "PutObjectRetention", "Retention"));
    OSBOT_TRY(const auto object, lockable(s3, call));
    const base::Time now = s3.context().now();
    if (document.empty()) return remove_retention(s3, call, *object, now);
    const aws::Fields retention(document);
    OSBOT_TRY(const auto until, retention_date(call, retention, now));
    const std::string mode = retention.text_or("Mode");
    if (is_retained(*object, now) && is_weaker(*object, mode, until) && !bypasses(call, *object)) return locked();
    S3_Object changed = *object;
    changed.headers[mode_header] = mode;
    changed.headers[until_header] = base::iso8601_ms_z(until);
    return no_output(s3.update_object(call.account, bucket_of(call), changed));
}

}  // namespace

bool is_locked(const S3_Object& object, base::Time now) {
    return header_of(object, hold_header) == "ON" || is_retained(object, now);
}

Result<void> check_unlocked(const Call& call, const S3_Object& object, base::Time now) {
    if (header_of(object, hold_header) == "ON") return locked();
    if (is_retained(object, now) && !bypasses(call, object)) return locked();
    return {};
}

Result<void> set_lock(const S3_Bucket& bucket, const Call& call, S3_Object& object, base::Time now) {
    const Json configuration = document_of(bucket, lock_setting);
    const bool has_lock = object.headers.contains(mode_header) || object.headers.contains(until_header) ||
                          object.headers.contains(hold_header);
    if (configuration.is_null() && !has_lock) return {};
    if (configuration.is_null()) return no_lock_configuration();
    OSBOT_TRY(check_mode(call, object, now));
    OSBOT_TRY(check_hold(call, object));
    add_default(configuration, object, now);
    return {};
}

Operations s3_lock_operations(S3& s3) {
    return {s3,
            {{"GetObjectLegalHold", &get_legal_hold},
             {"GetObjectRetention", &get_retention},
             {"PutObjectLegalHold", &put_legal_hold},
             {"PutObjectRetention", &put_retention}}};
}

}  // namespace osbot_aws::services
