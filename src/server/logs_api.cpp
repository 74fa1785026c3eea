#include "server/logs_api.hpp"

#include <fmt/format.h>

#include <map>
#include <osbot_aws/core/Json.hpp>

#include "base/random.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Logs;

/// The body's members as the types the operation wants. A wrong type throws Json::exception, which handle() answers.
class Members {
public:
    explicit Members(const Json& json) : json_(json) {}

    std::string text(const char* name) const { return has(name) ? json_.at(name).get<std::string>() : std::string{}; }
    std::optional<std::int64_t> number(const char* name) const {
        if (!has(name)) return std::nullopt;
        return json_.at(name).get<std::int64_t>();
    }
    int number(const char* name, int otherwise) const { return has(name) ? json_.at(name).get<int>() : otherwise; }
    bool flag(const char* name) const { return has(name) && json_.at(name).get<bool>(); }
    std::vector<std::string> texts(const char* name) const {
        return has(name) ? json_.at(name).get<std::vector<std::string>>() : std::vector<std::string>{};
    }
    /// logGroupName, or the name in logGroupIdentifier (a name or an ARN).
    std::string group() const {
        if (has("logGroupName") || !has("logGroupIdentifier")) return text("logGroupName");
        auto identifier = text("logGroupIdentifier");
        if (!identifier.starts_with("arn:")) return identifier;
        const std::string before_name = ":log-group:";
        const auto at = identifier.find(before_name);
        if (at == std::string::npos) return identifier;
        auto name = identifier.substr(at + before_name.size());
        return name.substr(0, name.find(':'));
    }

private:
    bool has(const char* name) const { return json_.contains(name) && !json_.at(name).is_null(); }
    const Json& json_;
};

Error missing(std::string_view member) {
    return {"InvalidParameterException",
            fmt::format(
                "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
                member)};
}

Result<Json> nothing(const Result<void>& done) {
    if (!done) return done.error();
    return Json::object();
}

void set_if(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    if (value) json[name] = *value;
}
void set_if(Json& json, const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
}

Json shown(const engine::Log_Group& group) {
    Json json{{"logGroupName", group.name},       {"arn", group.arn + ":*"}, {"logGroupArn", group.arn},
              {"creationTime", group.created_ms}, {"metricFilterCount", 0},  {"storedBytes", 0},
              {"logGroupClass", "STANDARD"}};
    if (group.retention_days) json["retentionInDays"] = *group.retention_days;
    return json;
}

Json shown(const engine::Log_Stream& stream) {
    Json json{
        {"logStreamName", stream.name}, {"arn", stream.arn}, {"creationTime", stream.created_ms}, {"storedBytes", 0}};
    set_if(json, "firstEventTimestamp", stream.first_event_ms);
    set_if(json, "lastEventTimestamp", stream.last_event_ms);
    set_if(json, "lastIngestionTime", stream.last_ingestion_ms);
    return json;
}

Json shown(const store::Found_Log_Event& event) {
    return {{"timestamp", event.timestamp_ms}, {"message", event.message}, {"ingestionTime", event.ingestion_ms}};
}

template <class T>
Json shown(const std::vector<T>& items) {
    Json list = Json::array();
    for (const auto& item : items) list.push_back(shown(item));
    return list;
}

Result<Json> describe_log_groups(Logs& logs, const Account& account, const Members& asked) {
    const int limit = asked.number("limit", 50);
    if (limit < 1 || limit > 50) {
        return Error{"InvalidParameterException",
                     fmt::format("1 validation error detected: Value '{}' at 'limit' failed to satisfy constraint: "
                                 "Member must have value {} than or equal to {}",
                                 limit, limit < 1 ? "greater" : "less", limit < 1 ? 1 : 50)};
    }
    const auto page = logs.describe_groups(account, {.prefix = asked.text("logGroupNamePrefix"),
                                                     .pattern = asked.text("logGroupNamePattern"),
                                                     .after = asked.text("nextToken"),
                                                     .limit = limit});
    Json answer{{"logGroups", shown(page.items)}};
    set_if(answer, "nextToken", page.next_token);
    return answer;
}

Result<Json> describe_log_streams(Logs& logs, const Account& account, const Members& asked) {
    const auto page = logs.describe_streams(account, {.group = asked.group(),
                                                      .prefix = asked.text("logStreamNamePrefix"),
                                                      .by_last_event = asked.text("orderBy") == "LastEventTime",
                                                      .descending = asked.flag("descending"),
                                                      .after = asked.text("nextToken"),
                                                      .limit = asked.number("limit", 50)});
    if (!page) return page.error();
    Json answer{{"logStreams", shown(page->items)}};
    set_if(answer, "nextToken", page->next_token);
    return answer;
}

Result<Json> get_log_events(Logs& logs, const Account& account, const Members& asked) {
    const auto page = logs.get_events(account, {.group = asked.group(),
                                                .stream = asked.text("logStreamName"),
                                                .start_ms = asked.number("startTime"),
                                                .end_ms = asked.number("endTime"),
                                                .token = asked.text("nextToken"),
                                                .from_head = asked.flag("startFromHead"),
                                                .limit = asked.number("limit", 10'000)});
    if (!page) return page.error();
    return Json{{"events", shown(page->events)},
                {"nextForwardToken", page->forward_token},
                {"nextBackwardToken", page->backward_token}};
}

Result<Json> filter_log_events(Logs& logs, const Account& account, const Members& asked) {
    const auto found = logs.filter_events(account, {.group = asked.group(),
                                                    .streams = asked.texts("logStreamNames"),
                                                    .stream_prefix = asked.text("logStreamNamePrefix"),
                                                    .pattern = asked.text("filterPattern"),
                                                    .start_ms = asked.number("startTime"),
                                                    .end_ms = asked.number("endTime"),
                                                    .token = asked.text("nextToken"),
                                                    .limit = asked.number("limit", 10'000)});
    if (!found) return found.error();
    Json events = Json::array();
    for (const auto& event : found->events) {
        auto json = shown(event);
        json["logStreamName"] = event.stream;
        json["eventId"] = fmt::format("{:028}{:028}", event.timestamp_ms, event.sequence);
        events.push_back(std::move(json));
    }
    Json answer{{"events", std::move(events)}, {"searchedLogStreams", Json::array()}};
    set_if(answer, "nextToken", found->next_token);
    return answer;
}

Result<Json> put_log_events(Logs& logs, const Account& account, const Json& body) {
    if (!body.contains("logEvents")) return missing("logEvents");
    std::vector<store::Log_Event> events;
    for (const auto& event : body.at("logEvents")) {
        events.push_back({.timestamp_ms = event.at("timestamp").get<std::int64_t>(),
                          .message = event.at("message").get<std::string>()});
    }
    const Members asked{body};
    if (auto done = logs.put_events(account, asked.group(), asked.text("logStreamName"), std::move(events)); !done) {
        return done.error();
    }
    // Not looked at since 2023, and still answered.
    return Json{{"nextSequenceToken", base::random_hex(56)}};
}

using Operation = Result<Json> (*)(Logs&, const Account&, const Json&);

const std::map<std::string_view, Operation>& operations() {
    static const std::map<std::string_view, Operation> all{
        {"CreateLogGroup",
         [](Logs& l, const Account& a, const Json& b) { return nothing(l.create_group(a, Members{b}.group())); }},
        {"DeleteLogGroup",
         [](Logs& l, const Account& a, const Json& b) { return nothing(l.delete_group(a, Members{b}.group())); }},
        {"CreateLogStream",
         [](Logs& l, const Account& a, const Json& b) {
             return nothing(l.create_stream(a, Members{b}.group(), Members{b}.text("logStreamName")));
         }},
        {"DeleteLogStream",
         [](Logs& l, const Account& a, const Json& b) {
             return nothing(l.delete_stream(a, Members{b}.group(), Members{b}.text("logStreamName")));
         }},
        {"PutRetentionPolicy",
         [](Logs& l, const Account& a, const Json& b) -> Result<Json> {
             if (!b.contains("retentionInDays")) return missing("retentionInDays");
             return nothing(l.put_retention(a, Members{b}.group(), Members{b}.number("retentionInDays", 0)));
         }},
        {"DeleteRetentionPolicy",
         [](Logs& l, const Account& a, const Json& b) {
             return nothing(l.put_retention(a, Members{b}.group(), std::nullopt));
         }},
        {"PutLogEvents", put_log_events},
        {"DescribeLogGroups",
         [](Logs& l, const Account& a, const Json& b) { return describe_log_groups(l, a, Members{b}); }},
        {"DescribeLogStreams",
         [](Logs& l, const Account& a, const Json& b) { return describe_log_streams(l, a, Members{b}); }},
        {"GetLogEvents", [](Logs& l, const Account& a, const Json& b) { return get_log_events(l, a, Members{b}); }},
        {"FilterLogEvents",
         [](Logs& l, const Account& a, const Json& b) { return filter_log_events(l, a, Members{b}); }},
    };
    return all;
}

// Every operation but these is about one group.
bool needs_group(std::string_view operation) { return operation != "DescribeLogGroups"; }

Result<Json> run(Logs& logs, const Account& account, const wire::Request& request) {
    const auto target = request.headers["X-Amz-Target"];
    const auto name = target.substr(target.rfind('.') == std::string_view::npos ? 0 : target.rfind('.') + 1);
    const auto operation = operations().find(name);
    if (operation == operations().end()) return wire::not_implemented("Logs", name);
    try {
        const Json body = request.body.bytes.empty() ? Json::object() : Json::parse(request.body.bytes);
        if (!body.is_object()) return Error{"SerializationException", "Start of structure expected."};
        if (needs_group(name) && Members{body}.group().empty()) return missing("logGroupName");
        return operation->second(logs, account, body);
    } catch (const Json::exception&) {  // not JSON, or a member of another type
        return Error{"SerializationException", "The request body could not be read as the operation's input."};
    }
}

}  // namespace

void Logs_Api::handle(const Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    const auto outcome = run(logs_, account, request);
    if (!outcome) return reply(wire::json11_error(outcome.error(), request_id));

    wire::Response response;
    response.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"x-amzn-RequestId", request_id}};
    // Operations without output have no body at all.
    if (!outcome->empty()) response.body.bytes = outcome->dump(-1, ' ', false, Json::error_handler_t::replace);
    reply(std::move(response));
}

}  // namespace osbot_aws::server
