#include "services/s3/s3_conditions.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the date of a header, or nullopt if it is missing or invalid (RFC 9110: invalid dates are ignored).
std::optional<base::Time> date_of(const std::optional<std::string>& text) {
    return text ? base::parse_http_date(*text) : std::nullopt;
}

/// Returns 501 for conditions that S3 does not evaluate.
Error refuse_condition(const Call& call, const char* header, const char* reason) {
    return refuse(call, {"NotImplemented", "A header you provided implies functionality that is not implemented", 501},
                  {{"Header", header}, {"additionalMessage", reason}});
}

}  // namespace

bool names_etag(std::string_view etags, std::string_view etag) {
    for (std::size_t at = 0; at <= etags.size();) {
        const auto end = std::min(etags.find(',', at), etags.size());
        const auto candidate = base::trimmed(etags.substr(at, end - at), " ");
        if (candidate == "*" || unquoted_etag(candidate) == etag) return true;
        at = end + 1;
    }
    return false;
}

std::optional<Failed_Condition> failed_read_condition(const aws::Fields& fields, std::string_view prefix,
                                                      const S3_Object& object, base::Time now) {
    const auto field = [&](std::string_view name) { return fields.text(std::string(prefix).append(name)); };
    const auto changed_since = [&](base::Time date) { return object.modified_ms / 1000 > base::unix_ms(date) / 1000; };
    if (const auto etags = field("IfMatch")) {
        if (!names_etag(*etags, object.etag)) return Failed_Condition{true, "If-Match"};
    } else if (const auto date = date_of(field("IfUnmodifiedSince")); date && changed_since(*date)) {
        return Failed_Condition{true, "If-Unmodified-Since"};
    }
    if (const auto etags = field("IfNoneMatch")) {
        if (names_etag(*etags, object.etag)) return Failed_Condition{false, "If-None-Match"};
    } else if (const auto date = date_of(field("IfModifiedSince")); date && *date <= now && !changed_since(*date)) {
        return Failed_Condition{false, "If-Modified-Since"};
    }
    return std::nullopt;
}

Result<void> check_write_conditions(const Call& call, const S3_Object* existing) {
    if (const auto none = call.fields().text("IfNoneMatch")) {
        if (call.fields().has("IfMatch"))
            return refuse_condition(call, "If-Match,If-None-Match",
                                    "Multiple conditional request headers present in the request");
        if (*none != "*")
            return refuse_condition(call, "If-None-Match",
                                    "We don't accept the provided value of If-None-Match header for this API");
        if (existing != nullptr) return precondition_failed(call, "If-None-Match");
    }
    if (const auto etags = call.fields().text("IfMatch")) {
        if (*etags == "*")
            return refuse_condition(call, "If-Match",
                                    "We don't accept the provided value of If-Match header for this API");
        if (existing == nullptr) return Error{"NoSuchKey", "The specified key does not exist.", 404};
        if (!names_etag(*etags, existing->etag)) return precondition_failed(call, "If-Match");
    }
    return {};
}

Error precondition_failed(const Call& call, std::string_view condition) {
    return refuse(call, {"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412},
                  {{"Condition", std::string(condition)}});
}

}  // namespace osbot_aws::services
