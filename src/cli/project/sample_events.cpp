#include "cli/project/sample_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/encoding.hpp"
#include "base/gzip.hpp"
#include "base/hash.hpp"
#include "base/local_error.hpp"
#include "base/time_text.hpp"
#include "cli/line/suggestion.hpp"
#include "embedded/event_apigateway_json.hpp"
#include "embedded/event_apigateway_v2_json.hpp"
#include "embedded/event_dynamodb_json.hpp"
#include "embedded/event_eventbridge_json.hpp"
#include "embedded/event_kinesis_json.hpp"
#include "embedded/event_logs_json.hpp"
#include "embedded/event_s3_json.hpp"
#include "embedded/event_schedule_json.hpp"
#include "embedded/event_sns_json.hpp"
#include "embedded/event_sqs_json.hpp"
#include "embedded/event_url_json.hpp"
#include "wire/http.hpp"

namespace osbot_aws::cli {
namespace {

using Ordered = nlohmann::ordered_json;
using Values = std::map<std::string, Ordered, std::less<>>;

// Each file in events/ has "about", "source", "settings" with their defaults, and the event. In the event's strings,
// {name} is a setting and {function:name} is a value derived from it.
constexpr std::pair<std::string_view, const std::string_view*> files[] = {
    {"sqs", &embedded::event_sqs_json},
    {"s3", &embedded::event_s3_json},
    {"url", &embedded::event_url_json},
    {"schedule", &embedded::event_schedule_json},
    {"apigateway", &embedded::event_apigateway_json},
    {"apigateway-v2", &embedded::event_apigateway_v2_json},
    {"sns", &embedded::event_sns_json},
    {"dynamodb", &embedded::event_dynamodb_json},
    {"eventbridge", &embedded::event_eventbridge_json},
    {"kinesis", &embedded::event_kinesis_json},
    {"logs", &embedded::event_logs_json},
};

Ordered file_of(std::string_view kind) {
    const auto* found =
        std::find_if(std::begin(files), std::end(files), [&](const auto& file) { return file.first == kind; });
    return Ordered::parse(*found->second);
}

std::string text_of(const Ordered& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// 01/Jan/2026:12:00:00 +0000
std::string log_time(base::Time time) {
    const std::string http = base::http_date(time);  // Thu, 01 Jan 2026 12:00:00 GMT
    return fmt::format("{}/{}/{}:{} +0000", http.substr(5, 2), http.substr(8, 3), http.substr(12, 4),
                       http.substr(17, 8));
}

Ordered query_object(const std::string& query, bool lists) {
    Ordered object = Ordered::object();
    for (const auto& [name, value] : wire::parse_query(query)) {
        if (lists)
            object[name].push_back(value);
        else
            object[name] = value;
    }
    return object;
}

/// Encodes a key like S3 in its events: "red flower.jpg" is red+flower.jpg.
std::string form_encoded(const std::string& text) {
    std::string encoded = wire::percent_encode(text, true);
    for (std::size_t space = 0; (space = encoded.find("%20", space)) != std::string::npos; ++space)
        encoded.replace(space, 3, "+");
    return encoded;
}

/// Applies a function to the value of a setting. Returns nothing if the member is omitted.
std::optional<Ordered> derived(std::string_view function, const Ordered& value) {
    const std::string text = text_of(value);
    const auto time = [&] { return base::parse_iso8601(text).value_or(base::Time{}); };
    if (function == "md5") return base::md5_hex(text);
    if (function == "base64") return base::base64_encode(text);
    if (function == "url") return form_encoded(text);
    if (function == "ms") return base::unix_ms(time());
    if (function == "ms_text") return std::to_string(base::unix_ms(time()));
    if (function == "seconds") return base::unix_ms(time()) / 1000;
    if (function == "log_time") return log_time(time());
    if (function.ends_with("_absent") && text.empty()) return std::nullopt;
    if (function.ends_with("_null") && text.empty()) return nullptr;
    if (function.starts_with("text_or_")) return text;
    return query_object(text, function.starts_with("query_lists"));
}

/// Returns the setting's value, of any type, if the text consists of its placeholder only: "{size}".
std::optional<Ordered> value_of_placeholder(std::string_view text, const Values& values) {
    if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
    const auto value = values.find(text.substr(1, text.size() - 2));
    if (value == values.end()) return std::nullopt;
    return value->second;
}

/// Replaces the placeholders inside a string.
std::string filled(std::string text, const Values& values) {
    for (std::size_t open = 0; (open = text.find('{', open)) != std::string::npos;) {
        const std::size_t close = text.find('}', open);
        const auto value = values.find(std::string_view(text).substr(open + 1, close - open - 1));
        if (value == values.end()) return text;
        const std::string replacement = text_of(value->second);
        text.replace(open, close - open + 1, replacement);
        open += replacement.size();
    }
    return text;
}

/// Fills in the placeholders of a part of an event. Returns nothing if the member is omitted.
std::optional<Ordered> fill(const Ordered& part, const Values& values) {
    if (part.is_string()) {
        const std::string& text = part.get_ref<const std::string&>();
        if (const auto value = value_of_placeholder(text, values)) return value;
        const std::size_t colon = text.find(':');
        if (text.starts_with('{') && colon != std::string::npos)
            return derived(std::string_view(text).substr(1, colon - 1),
                           values.at(text.substr(colon + 1, text.size() - colon - 2)));
        return filled(text, values);
    }
    if (!part.is_structured()) return part;
    Ordered out = part.is_object() ? Ordered::object() : Ordered::array();
    for (const auto& [name, member] : part.items()) {
        auto value = fill(member, values);
        if (!value) continue;
        if (part.is_object())
            out[name] = std::move(*value);
        else
            out.push_back(std::move(*value));
    }
    return out;
}

Error unknown_setting(std::string_view kind, const std::string& name, const Ordered& settings) {
    std::vector<std::string> names;
    for (const auto& [known, value] : settings.items()) names.push_back(known);
    const std::string suggestion = did_you_mean(name, names);
    return local_error("InvalidSetting", "unknown setting '{}' of {} events: expected {}{}", name, kind,
                       fmt::join(names, ", "), suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
}

/// Parses the value of a setting: as JSON if the default value is JSON, otherwise as text.
Result<Ordered> value_of(const std::string& name, const std::string& text, const Ordered& default_value) {
    if (name == "time" && !base::parse_iso8601(text))
        return local_error("InvalidSetting", "invalid time '{}': expected a time like {}", text,
                           text_of(default_value));
    if (default_value.is_string()) return Ordered(text);
    Ordered value = Ordered::parse(text, nullptr, false);
    if (value.is_discarded() || value.is_object() != default_value.is_object() ||
        value.is_number() != default_value.is_number())
        return local_error("InvalidSetting", "invalid {} '{}': expected JSON like {}", name, text,
                           default_value.dump());
    return value;
}

}  // namespace

const std::vector<std::string>& event_kinds() {
    static const std::vector<std::string> kinds = [] {
        std::vector<std::string> names;
        for (const auto& [name, bytes] : files) names.emplace_back(name);
        return names;
    }();
    return kinds;
}

Sample_Event describe_event(std::string_view kind) {
    const Ordered file = file_of(kind);
    Sample_Event event{file.at("about").get<std::string>(), file.at("source").get<std::string>(), {}};
    for (const auto& [name, value] : file.at("settings").items()) event.settings.emplace_back(name, text_of(value));
    return event;
}

Result<Ordered> sample_event(std::string_view kind, const Settings& settings) {
    const Ordered file = file_of(kind);
    const Ordered& defaults = file.at("settings");
    Values values;
    for (const auto& [name, value] : defaults.items()) values[name] = value;
    for (const auto& [name, text] : settings) {
        if (!defaults.contains(name)) return unknown_setting(kind, name, defaults);
        OSBOT_TRY(values[name], value_of(name, text, defaults.at(name)));
    }
    Ordered event = *fill(file.at("event"), values);
    // Log events are compressed: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
    if (event.contains("awslogs")) {
        Ordered& data = event["awslogs"]["data"];
        data = base::base64_encode(base::gzip_compress(data.dump()));
    }
    return event;
}

Result<std::string> sample_event_text(std::string_view kind, const Settings& settings, int indent) {
    OSBOT_TRY(const auto event, sample_event(kind, settings));
    return event.dump(indent);
}

}  // namespace osbot_aws::cli
