#include "services/s3/notifications/notifications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <set>
#include <vector>

#include "base/characters.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/lambda/destinations.hpp"
#include "services/s3/archives/archives.hpp"
#include "services/s3/s3_object_headers.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view event_prefix = "s3:";

// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
constexpr std::array<std::string_view, 33> event_names{"ObjectCreated:*",
                                                       "ObjectCreated:Put",
                                                       "ObjectCreated:Post",
                                                       "ObjectCreated:Copy",
                                                       "ObjectCreated:CompleteMultipartUpload",
                                                       "ObjectRemoved:*",
                                                       "ObjectRemoved:Delete",
                                                       "ObjectRemoved:DeleteMarkerCreated",
                                                       "ObjectRestore:*",
                                                       "ObjectRestore:Post",
                                                       "ObjectRestore:Completed",
                                                       "ObjectRestore:Delete",
                                                       "ReducedRedundancyLostObject",
                                                       "Replication:*",
                                                       "Replication:OperationFailedReplication",
                                                       "Replication:OperationMissedThreshold",
                                                       "Replication:OperationReplicatedAfterThreshold",
                                                       "Replication:OperationNotTracked",
                                                       "LifecycleExpiration:*",
                                                       "LifecycleExpiration:Delete",
                                                       "LifecycleExpiration:DeleteMarkerCreated",
                                                       "LifecycleTransition",
                                                       "IntelligentTiering",
                                                       "ObjectTagging:*",
                                                       "ObjectTagging:Put",
                                                       "ObjectTagging:Delete",
                                                       "ObjectAcl:Put",
                                                       "ObjectAnnotation:*",
                                                       "ObjectAnnotation:Put",
                                                       "ObjectAnnotation:Delete",
                                                       "ObjectEventHold:*",
                                                       "ObjectEventHold:Put",
                                                       "ObjectEventHold:Delete"};

/// A kind of destinations: the list in the configuration, and the member with the ARN.
struct Kind {
    const char *list, *arn_member;
    std::string_view service;
    const char* element;  ///< with the ARN, in the document
};
constexpr Kind kinds[] = {{"QueueConfigurations", "QueueArn", "sqs", "Queue"},
                          {"LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda", "CloudFunction"},
                          {"TopicConfigurations", "TopicArn", "sns", "Topic"}};

// ---- which keys and events a configuration is for ----

struct Filter {
    std::string prefix, suffix;
};

Filter filter_of(const aws::Fields& configuration) {
    Filter filter;
    const aws::Fields key(aws::Fields(configuration.object("Filter")).object("Key"));
    for (const Json& each : key.list("FilterRules")) {
        const aws::Fields rule(each);
        (rule.text_or("Name") == "Prefix" ? filter.prefix : filter.suffix) = rule.text_or("Value");
    }
    return filter;
}

/// Returns true if an event, or a class of events such as "ObjectCreated:*", includes the other.
bool includes(std::string_view all, std::string_view event) {
    if (all.starts_with(event_prefix)) all.remove_prefix(event_prefix.size());
    if (all == event) return true;
    return all.ends_with('*') && event.starts_with(all.substr(0, all.size() - 1));
}

bool is_for(const aws::Fields& configuration, std::string_view event, const std::string& key) {
    const auto events = configuration.texts("Events");
    if (std::ranges::none_of(events, [&](const std::string& each) { return includes(each, event); })) return false;
    const Filter filter = filter_of(configuration);
    const auto matches = [&](const std::string& name) {
        return name.starts_with(filter.prefix) && name.ends_with(filter.suffix);
    };
    return matches(key) || matches(wire::percent_encode(key, true));
}

// ---- checks of a configuration ----

constexpr std::size_t configurations_max = 100;

Result<void> check_events(const aws::Fields& configuration) {
    const auto events = configuration.texts("Events");
    if (std::set<std::string>(events.begin(), events.end()).size() != events.size())
        return Error{"InvalidArgument", "An event type cannot be specified twice in a configuration.", 400};
    for (std::string_view event : events) {
        const bool has_prefix = event.starts_with(event_prefix);
        if (has_prefix) event.remove_prefix(event_prefix.size());
        if (!has_prefix || std::ranges::find(event_names, event) == event_names.end())
            return Error{"InvalidArgument", "A specified event is not supported for notifications", 400};
    }
    return {};
}

/// Checks the rules of a filter, and writes their names as S3 returns them.
Result<void> check_filter_rules(const Call& call, Json& configuration) {
    if (!aws::Fields(aws::Fields(configuration).object("Filter")).has("Key")) return {};
    Json& key = configuration["Filter"]["Key"];
    if (!key.contains("FilterRules")) return {};
    for (Json& rule : key["FilterRules"]) {
        const std::string name = base::lower_case(aws::Fields(rule).text_or("Name"));
        const std::string value = aws::Fields(rule).text_or("Value");
        if (name != "prefix" && name != "suffix")
            return refuse_argument(call, "filter rule name must be either prefix or suffix", "FilterRule.Name",
                                   aws::Fields(rule).text_or("Name"));
        rule["Name"] = name == "prefix" ? "Prefix" : "Suffix";
        if (value.empty()) return refuse_argument(call, "filter value cannot be empty", "FilterRule.Value", value);
    }
    return {};
}

std::string_view region_of(std::string_view arn) {
    for (int before = 0; before < 3; ++before) base::take_until(arn, ':');  // "arn", the partition and the service
    return base::take_until(arn, ':');
}

/// Checks what does not depend on the destination, and gives the configuration an ID if it has none.
Result<void> check_configuration(const S3_Setting_Request& request, const Kind& kind, Json& configuration) {
    const Call& call = request.call;
    const std::string arn = aws::Fields(configuration).text_or(kind.arn_member);
    if (service_of(arn) != kind.service) return refuse_argument(call, "The ARN could not be parsed", kind.element, arn);
    if (region_of(arn) != request.bucket.owner.region)
        return Error{"InvalidArgument",
                     "The notification destination service region is not valid for the bucket location constraint",
                     400};
    if (aws::Fields(configuration).text_or("Id").empty()) configuration["Id"] = base::random_alphanumeric(48);
    OSBOT_TRY(check_events(aws::Fields(configuration)));
    return check_filter_rules(call, configuration);
}

/// Checks that all destinations exist and permit the notifications.
/// Recorded: LocalStack, tests/aws/services/s3/test_s3_notifications_sqs.snapshot.json, test_invalid_sqs_arn
Result<void> check_destinations(const S3_Setting_Request& request, const std::vector<std::string>& arns) {
    if (request.call.fields().flag("SkipDestinationValidation")) return {};
    aws::Error_Details details;
    for (const std::string& arn : arns) {
        std::string objection = request.s3.targets().objection(request.bucket, arn);
        if (objection.empty()) continue;
        const std::size_t number = details.size() / 2 + 1;
        const bool is_function = service_of(arn) == "lambda";
        details.emplace_back(fmt::format("ArgumentName{}", number), is_function ? arn + ", null" : arn);
        details.emplace_back(fmt::format("ArgumentValue{}", number), std::move(objection));
    }
    if (details.empty()) return {};
    return refuse(request.call, {"InvalidArgument", "Unable to validate the following destination configurations", 400},
                  std::move(details));
}

bool overlap(const std::string& a, const std::string& b, bool (*begins)(const std::string&, const std::string&)) {
    return begins(a, b) || begins(b, a);
}

bool share_event(const aws::Fields& a, const aws::Fields& b) {
    const auto events = a.texts("Events"), others = b.texts("Events");
    const auto strip = [](std::string_view event) { return event.substr(event_prefix.size()); };
    return std::ranges::any_of(events, [&](const std::string& event) {
        return std::ranges::any_of(others, [&](const std::string& other) {
            return includes(event, strip(other)) || includes(other, strip(event));
        });
    });
}

/// Checks that an event of a key has at most one destination.
Result<void> check_overlap(const aws::Fields& a, const aws::Fields& b) {
    const Filter first = filter_of(a), second = filter_of(b);
    const auto starts = [](const std::string& text, const std::string& part) { return text.starts_with(part); };
    const auto ends = [](const std::string& text, const std::string& part) { return text.ends_with(part); };
    if (!share_event(a, b) || !overlap(first.prefix, second.prefix, +starts) ||
        !overlap(first.suffix, second.suffix, +ends))
        return {};
    const bool has_filter = a.has("Filter") || b.has("Filter");
    return Error{"InvalidArgument",
                 has_filter ? "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if "
                              "the prefixes are overlapping for the same event type."
                            : "Configurations overlap. Configurations on the same bucket cannot share a common event "
                              "type.",
                 400};
}

Result<void> check_all_overlaps(const std::vector<const Json*>& configurations) {
    for (std::size_t first = 0; first < configurations.size(); ++first)
        for (std::size_t second = first + 1; second < configurations.size(); ++second)
            OSBOT_TRY(check_overlap(aws::Fields(*configurations[first]), aws::Fields(*configurations[second])));
    return {};
}

// ---- events ----

std::string test_event(const S3_Setting_Request& request) {
    return base::dump_json_lossy({{"Service", "Amazon S3"},
                                  {"Event", "s3:TestEvent"},
                                  {"Time", base::iso8601_ms_z(request.s3.context().now())},
                                  {"Bucket", request.bucket.name},
                                  {"RequestId", request.call.request_id},
                                  {"HostId", request.call.request_id}});
}

/// Returns the order of an event: a later one for the same key has a greater text, also after a restart.
std::string next_sequencer(const S3& s3) {
    constexpr int bits_of_count = 20;  // of the events of a millisecond
    static std::atomic<std::uint64_t> last{0};
    const auto first = static_cast<std::uint64_t>(base::unix_ms(s3.context().now())) << bits_of_count;
    std::uint64_t before = last.load(), next = 0;
    do next = std::max(before + 1, first);
    while (!last.compare_exchange_weak(before, next));
    return fmt::format("{:018X}", next);
}

/// Keys are encoded as in forms, with `+` for a space.
std::string encoded_key(const std::string& key) {
    std::string encoded = wire::percent_encode(key, true);
    for (auto at = encoded.find("%20"); at != std::string::npos; at = encoded.find("%20", at))
        encoded.replace(at, 3, "+");
    return encoded;
}

/// Returns true for an event of a deleted object or a new delete marker.
bool is_removal(std::string_view event) {
    return event.starts_with("ObjectRemoved:") || event.starts_with("LifecycleExpiration:");
}

Json object_json(const S3& s3, const S3_Bucket& bucket, std::string_view event, const S3_Object& object) {
    Json json{{"key", encoded_key(object.key)}};
    const bool is_created = event.starts_with("ObjectCreated:"), is_restored = event.starts_with("ObjectRestore:");
    if (is_created || is_restored) json["size"] = object.size;
    if (object.is_delete_marker && event.ends_with("Created"))
        json["eTag"] = base::md5_hex("");
    else if (!is_removal(event))
        json["eTag"] = object.etag;
    if (!bucket.versioning.empty() && !object.version.empty()) json["versionId"] = object.version;
    if (is_created || is_restored || is_removal(event)) json["sequencer"] = next_sequencer(s3);
    return json;
}

/// Returns what the event of a restored object has in addition.
Json restoration_json(const S3& s3, const S3_Object& object) {
    const auto until = restored_until(object, s3.context().now());
    return {{"restoreEventData",
             {{"lifecycleRestorationExpiryTime", document_time(until ? base::unix_ms(*until) : 0)},
              {"lifecycleRestoreStorageClass", std::string(storage_class(object))}}}};
}

/// The source of an event: a request, or S3 itself.
struct Actor {
    std::string principal, address, request_id;
    std::string trace = {};  ///< as in S3_Event
};

Actor actor_of(const Call& call) {
    return {"AWS:" + call.account.id, "127.0.0.1", call.request_id,
            std::string(call.request.headers["X-Amzn-Trace-Id"])};
}

/// Returns the text of an event. Source, also of the versions of its structure:
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
std::string event_text(const S3& s3, const S3_Bucket& bucket, const Actor& actor, std::string_view event,
                       const S3_Object& object, const std::string& configuration_id) {
    constexpr std::string_view later_events[] = {"ObjectTagging:", "ObjectAcl:", "LifecycleExpiration:"};
    const bool is_later = std::ranges::any_of(later_events, [&](auto prefix) { return event.starts_with(prefix); });
    const std::string owner = aws::Fields(owner_json(bucket.owner)).text_or("ID");
    Json record{{"eventVersion", is_later ? "2.3" : "2.1"},
                {"eventSource", "aws:s3"},
                {"awsRegion", bucket.owner.region},
                {"eventTime", base::iso8601_ms_z(s3.context().now())},
                {"eventName", std::string(event)},
                {"userIdentity", {{"principalId", actor.principal}}},
                {"requestParameters", {{"sourceIPAddress", actor.address}}},
                {"responseElements", {{"x-amz-request-id", actor.request_id}, {"x-amz-id-2", actor.request_id}}},
                {"s3",
                 {{"s3SchemaVersion", "1.0"},
                  {"configurationId", configuration_id},
                  {"bucket",
                   {{"name", bucket.name},
                    {"ownerIdentity", {{"principalId", owner.substr(0, 14)}}},
                    {"arn", bucket_arn(bucket.owner, bucket.name)}}},
                  {"object", object_json(s3, bucket, event, object)}}}};
    if (event == "ObjectRestore:Completed") {  // by S3 itself, not by the caller
        record["glacierEventData"] = restoration_json(s3, object);
        record["userIdentity"]["principalId"] = "AmazonCustomer:" + owner.substr(0, 14);
    }
    return base::dump_json_lossy({{"Records", Json::array({std::move(record)})}});
}

void send_event(const S3& s3, const S3_Bucket& bucket, const Actor& actor, std::string_view event,
                const S3_Object& object) {
    const Json* document = bucket.setting(notification_setting.name);
    if (document == nullptr) return;
    for (const Kind& kind : kinds)
        for (const Json& each : aws::Fields(*document).list(kind.list)) {
            const aws::Fields configuration(each);
            if (!is_for(configuration, event, object.key)) continue;
            s3.targets().send(bucket, configuration.text_or(kind.arn_member),
                              {event_text(s3, bucket, actor, event, object, configuration.text_or("Id")), actor.trace});
        }
}

}  // namespace

Result<void> check_notification(const S3_Setting_Request& request, Json& document) {
    std::vector<const Json*> configurations;
    std::vector<std::string> arns;
    for (const Kind& kind : kinds) {
        if (!document.contains(kind.list)) continue;
        for (Json& configuration : document[kind.list]) {
            OSBOT_TRY(check_configuration(request, kind, configuration));
            configurations.push_back(&configuration);
            arns.push_back(aws::Fields(configuration).text_or(kind.arn_member));
        }
    }
    if (configurations.size() > configurations_max)
        return Error{
            "TooManyConfigurations",
            "You are attempting to create a new configuration but have already reached the 100-configuration limit.",
            400};
    OSBOT_TRY(check_all_overlaps(configurations));
    OSBOT_TRY(check_destinations(request, arns));
    const bool is_validated = !request.call.fields().flag("SkipDestinationValidation");
    for (const std::string& arn : arns)
        if (is_validated && service_of(arn) == "sqs")
            request.s3.targets().send(request.bucket, arn, {test_event(request)});
    return {};
}

void notify(const S3& s3, const Call& call, std::string_view event, const S3_Object& object) {
    if (const auto bucket = s3.bucket(call.account, bucket_of(call)))
        send_event(s3, **bucket, actor_of(call), event, object);
}

void notify_deleted(const S3& s3, const Call& call, const std::string& key, const S3_Deletion& deletion) {
    if (deletion.marker) return notify(s3, call, "ObjectRemoved:DeleteMarkerCreated", *deletion.marker);
    const S3_Object nothing{.key = key};  // S3 sends the event also for a key without an object
    notify(s3, call, "ObjectRemoved:Delete", deletion.removed ? *deletion.removed : nothing);
}

void notify_expired(const S3& s3, const S3_Bucket& bucket, const S3_Deletion& deletion) {
    const Actor lifecycle{"s3.amazonaws.com", "s3.amazonaws.com", base::random_hex(16)};
    if (deletion.marker)
        send_event(s3, bucket, lifecycle, "LifecycleExpiration:DeleteMarkerCreated", *deletion.marker);
    else if (deletion.removed)
        send_event(s3, bucket, lifecycle, "LifecycleExpiration:Delete", *deletion.removed);
}

}  // namespace osbot_aws::services
