#include <osbot_aws/events/Logs_Event.hpp>

#include "base/encoding.hpp"
#include "base/gzip.hpp"
#include "base/json.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr std::size_t unzipped_bytes_max = 16 << 20;

constexpr auto log_event_members = [](auto& visit, auto& event) {
    visit("id", event.id);
    visit("timestamp", event.timestamp);
    visit("message", event.message);
    visit("extractedFields", event.extractedFields);
};

constexpr auto logs_data_members = [](auto& visit, auto& data) {
    visit("messageType", data.messageType);
    visit("owner", data.owner);
    visit("logGroup", data.logGroup);
    visit("logStream", data.logStream);
    visit("subscriptionFilters", data.subscriptionFilters);
    visit("logEvents", data.logEvents);
};

Logs_Data decode(const std::string& encoded) {
    const auto file = base::base64_decode(encoded);
    if (!file) fail_invalid_event("awslogs.data is not base64");
    const auto content = base::gzip_decompress(*file, unzipped_bytes_max);
    if (!content) fail_invalid_event("awslogs.data: " + content.error().message);
    Logs_Data data;
    from_json(parse_body(*content, "awslogs.data"), data);
    return data;
}

}  // namespace

void from_json(const Json& json, Log_Event& event) { read_members(json, event, log_event_members); }
void to_json(Json& json, const Log_Event& event) { write_members(json, event, log_event_members); }

void from_json(const Json& json, Logs_Data& data) { read_members(json, data, logs_data_members); }
void to_json(Json& json, const Logs_Data& data) { write_members(json, data, logs_data_members); }

void from_json(const Json& json, Logs_Event& event) {
    const auto awslogs = json.find("awslogs");
    if (awslogs == json.end() || !awslogs->is_object() || !awslogs->contains("data") ||
        !awslogs->at("data").is_string())
        fail_invalid_event("expected an event of CloudWatch Logs, but awslogs.data is not a text");
    event = {};
    event.other = json;
    event.awslogs.encoded = awslogs->at("data").get<std::string>();
    event.awslogs.data = decode(event.awslogs.encoded);
    event.other["awslogs"].erase("data");
}

void to_json(Json& json, const Logs_Event& event) {
    const auto& [data, encoded] = event.awslogs;
    json = event.other;
    const bool unchanged = !encoded.empty() && decode(encoded) == data;
    json["awslogs"]["data"] =
        unchanged ? encoded : base::base64_encode(base::gzip_compress(base::dump_json(Json(data))));
}

}  // namespace osbot_aws::events
