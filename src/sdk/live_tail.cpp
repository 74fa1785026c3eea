#include "sdk/live_tail.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/json.hpp"
#include "sdk/session_impl.hpp"
#include "wire/arn.hpp"
#include "wire/event_stream.hpp"

namespace osbot_aws {
namespace {

// AWS sends an update each second, with events or without.
constexpr std::chrono::milliseconds silence_max{30'000};

/// Returns the ARN of a log group: the operation does not accept a name.
std::string group_arn(const Session& session, const std::string& group) {
    const std::string region = session.region();
    const std::string account = impl_of(session).account_id(), resource = "log-group:" + group;
    return wire::Arn{wire::partition_of(region), "logs", region, account, resource}.text();
}

/// Passes a message of the stream to the reader. Returns the message's error, unless it is the normal end of the
/// session.
std::optional<Error> dispatch(const wire::Event_Message& message, Live_Tail_Reader& reader) {
    const Json payload = base::parse_json(message.payload);
    const std::string_view type = message.headers[":event-type"];
    if (message.headers[":message-type"] != "event") {
        const std::string code(message.headers[":exception-type"]);
        if (code == "SessionTimeoutException") return std::nullopt;
        return Error{code, payload.is_object() ? payload.value("message", "") : message.payload, 0};
    }
    if (type == "sessionStart") reader.started();
    if (type == "sessionUpdate" && payload.is_object()) reader.events(payload.value("sessionResults", Json::array()));
    return std::nullopt;
}

}  // namespace

Result<void> live_tail(const Session& session, const Live_Tail_Query& query, Live_Tail_Reader& reader) {
    Json body{{"logGroupIdentifiers", Json::array()}};
    for (const std::string& group : query.log_groups) body["logGroupIdentifiers"].push_back(group_arn(session, group));
    if (!query.filter_pattern.empty()) body["logEventFilterPattern"] = query.filter_pattern;
    client::Call call{.service = "logs"};
    call.headers.add("Content-Type", "application/x-amz-json-1.1");
    call.headers.add("X-Amz-Target", "Logs_20140328.StartLiveTail");
    call.body = base::dump_json(body);
    call.host_prefix = "streaming-";
    call.read_timeout = silence_max;
    call.repeatable = false;  // a second session would repeat events
    wire::Event_Stream_Decoder decoder;
    std::optional<Error> error;
    call.on_body = [&](std::string_view piece) {
        const auto decoded = decoder.feed(piece, [&](const wire::Event_Message& message) {
            error = dispatch(message, reader);
            return !error;
        });
        if (!decoded) error = decoded.error();
        return !error;
    };
    const auto response = client_of(session).send(call);
    if (error) return *error;
    OSBOT_TRY(response);
    return {};
}

}  // namespace osbot_aws
