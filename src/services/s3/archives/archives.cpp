// S3's operation that restores archived objects.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
#include "services/s3/archives/archives.hpp"

#include <fmt/format.h>

#include <limits>

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

bool is_of_archive(const S3_Object& object) {
    const auto name = storage_class(object);
    return name == "GLACIER" || name == "DEEP_ARCHIVE";
}

/// Returns the number of days in a RestoreRequest. Errors: MalformedXML, NotImplemented (a query).
Result<std::int64_t> requested_days(const Call& call) {
    OSBOT_TRY(const Json document, document_of_request(call, "RestoreObject", "RestoreRequest"));
    const aws::Fields request(document);
    for (const char* of_query : {"Type", "SelectParameters", "OutputLocation"})
        if (request.has(of_query)) return wire::not_implemented("S3", fmt::format("RestoreObject with {}", of_query));
    const auto days = request.number("Days");
    if (!days || *days < 1 || *days > std::numeric_limits<std::int32_t>::max()) return wire::malformed_xml();
    return *days;
}

/// Restores an object, or changes the time at which its restored copy expires.
Result<Output> restore_object(S3& s3, const Call& call) {
    OSBOT_TRY(const auto found, requested_object(s3, call));
    OSBOT_TRY(const auto days, requested_days(call));
    if (!is_of_archive(*found))
        return refuse(call,
                      {"InvalidObjectState", "Restore is not allowed for the object's current storage class", 403},
                      {{"StorageClass", std::string(storage_class(*found))}});
    const base::Time now = s3.context().now();
    const bool is_first = !restored_until(*found, now);
    S3_Object restored = *found;
    restored.headers[restore_header] = base::iso8601_z(time_after_days(base::unix_ms(now), days, s3.day()));
    OSBOT_TRY(s3.update_object(call.account, bucket_of(call), restored));
    Output output(Json::object());
    output.status = is_first ? 202 : 200;
    if (!is_first) return output;
    notify(s3, call, "ObjectRestore:Post", restored);
    notify(s3, call, "ObjectRestore:Completed", restored);
    return output;
}

}  // namespace

std::optional<base::Time> restored_until(const S3_Object& object, base::Time now) {
    const auto header = object.headers.find(restore_header);
    if (header == object.headers.end()) return std::nullopt;
    const auto until = base::parse_iso8601(header->second);
    return until && now < *until ? until : std::nullopt;
}

bool is_archived(const S3_Object& object, base::Time now) {
    return is_of_archive(object) && !restored_until(object, now);
}

void add_restore(Json& output, const S3_Object& object, base::Time now) {
    if (const auto until = restored_until(object, now))
        output["Restore"] = fmt::format("ongoing-request=\"false\", expiry-date=\"{}\"", base::http_date(*until));
}

Operations s3_archive_operations(S3& s3) { return {s3, {{"RestoreObject", &restore_object}}}; }

}  // namespace osbot_aws::services
