#include "services/s3/lifecycle/restore.hpp"

#include <fmt/format.h>

#include "base/time_text.hpp"
#include "services/s3/lifecycle/lifecycle_rules.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"
#include "services/s3/settings/settings.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

const std::string restored_header = "x-amz-restore-until";  // of stored objects, not of responses

/// Returns the days of a request. Errors: MalformedXML, NotImplemented (the query of an archived object).
Result<std::int64_t> days_of_restore(const Call& call) {
    OSBOT_TRY(const auto document, document_of_request(call, "RestoreObject", "RestoreRequest"));
    const aws::Fields request(document);
    for (const char* of_query : {"Type", "SelectParameters", "OutputLocation"})
        if (request.has(of_query)) return wire::not_implemented("S3", fmt::format("RestoreObject with {}", of_query));
    const auto days = request.number("Days");
    if (!days || *days < 1) return wire::malformed_xml();
    return *days;
}

/// The response has the status 202, or 200 if the object was restored before: then the request only sets the days.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
Result<Output> restore_object(S3& s3, const Call& call) {
    OSBOT_TRY(const auto days, days_of_restore(call));
    OSBOT_TRY(const auto found, requested_object(s3, call));
    if (!is_in_archive(*found))
        return Error{"InvalidObjectState", "Restore is not allowed for the object's current storage class", 403};
    const base::Time now = s3.context().now();
    const bool was_restored = restored_until(*found, now).has_value();
    S3_Object restored = *found;
    restored.headers[restored_header] = base::iso8601_ms_z(time_after_days(base::unix_ms(now), days, s3.day()));
    OSBOT_TRY(s3.update_object(call.account, bucket_of(call), restored));
    if (!was_restored) {
        notify(s3, call, "ObjectRestore:Post", restored);
        notify(s3, call, "ObjectRestore:Completed", restored);
    }
    Output output(Json::object());
    output.status = was_restored ? 200 : 202;
    return output;
}

}  // namespace

bool is_in_archive(const S3_Object& object) {
    const auto name = storage_class(object);
    return name == "GLACIER" || name == "DEEP_ARCHIVE";
}

std::optional<base::Time> restored_until(const S3_Object& object, base::Time now) {
    const auto found = object.headers.find(restored_header);
    const auto until = found == object.headers.end() ? std::nullopt : base::parse_iso8601(found->second);
    return until && *until > now ? until : std::nullopt;
}

bool is_unreadable(const S3_Object& object, base::Time now) {
    return is_in_archive(object) && !restored_until(object, now);
}

void add_restore(Json& output, const S3_Object& object, base::Time now) {
    if (const auto until = restored_until(object, now))
        output["Restore"] = fmt::format("ongoing-request=\"false\", expiry-date=\"{}\"", base::http_date(*until));
}

void set_restore_status(Json& json, const S3_Object& object, base::Time now) {
    Json& status = json["RestoreStatus"] = nullptr;
    if (!is_in_archive(object)) return;
    status = {{"IsRestoreInProgress", false}};
    if (const auto until = restored_until(object, now)) status["RestoreExpiryDate"] = base::iso8601_ms_z(*until);
}

Operations s3_restore_operations(S3& s3) { return {s3, {{"RestoreObject", &restore_object}}}; }

}  // namespace osbot_aws::services
