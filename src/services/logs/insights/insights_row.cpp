#include "services/logs/insights/insights_row.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/logs/insights/math_library.hpp"

namespace osbot_aws::services {
namespace {

// The engine's own limit: a message may have any number of members.
constexpr std::size_t listed_fields_max = 200;
constexpr std::int64_t time_ms_min = -62'167'219'200'000, time_ms_max = 253'402'300'799'999;  // the years 0 to 9999

Insights_Value value_of(const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    if (json.is_boolean()) return json.get<bool>() ? 1.0 : 0.0;
    if (json.is_number()) return number_value(json.get<double>());
    if (json.is_null()) return {};
    return base::dump_json_lossy(json);
}

const Json* member(const Json& json, std::string_view name) {
    if (json.is_object()) {
        const auto found = json.find(name);
        return found == json.end() ? nullptr : &*found;
    }
    const auto index = base::parse_number<std::size_t>(name);
    return json.is_array() && index && *index < json.size() ? &json[*index] : nullptr;
}

/// Follows a path of names and indexes that are separated by dots.
const Json* at_path(const Json& json, std::string_view path) {
    if (const Json* whole = member(json, path)) return whole;  // a name that contains dots
    const Json* at = &json;
    while (at != nullptr && !path.empty()) at = member(*at, base::take_until(path, '.'));
    return at;
}

/// A field of the lines that Lambda writes, with the text before it and after it.
struct Lambda_Field {
    std::string_view name, before, after;
    double factor = 1;
};
constexpr double bytes_per_megabyte = 1'000'000;
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
constexpr std::array lambda_fields{Lambda_Field{"@duration", "\tDuration: ", " ms"},
                                   Lambda_Field{"@billedDuration", "\tBilled Duration: ", " ms"},
                                   Lambda_Field{"@initDuration", "\tInit Duration: ", " ms"},
                                   Lambda_Field{"@memorySize", "\tMemory Size: ", " MB", bytes_per_megabyte},
                                   Lambda_Field{"@maxMemoryUsed", "\tMax Memory Used: ", " MB", bytes_per_megabyte}};

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const auto at = text.find(before);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + before.size());
    return text.substr(0, text.find(after));
}

}  // namespace

Insights_Value number_value(double number) { return std::isfinite(number) ? Insights_Value(number) : Insights_Value(); }

Insights_Time time_of_ms(double ms) {
    return {
        static_cast<std::int64_t>(std::clamp(ms, static_cast<double>(time_ms_min), static_cast<double>(time_ms_max)))};
}

bool has_value(const Insights_Value& value) { return !std::holds_alternative<std::monostate>(value); }

std::string text_of(const Insights_Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* time = std::get_if<Insights_Time>(&value)) {
        const std::int64_t all = std::clamp(time->ms, time_ms_min, time_ms_max), ms = ((all % 1000) + 1000) % 1000;
        return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", fmt::gmtime(static_cast<std::time_t>((all - ms) / 1000)), ms);
    }
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr) return "";
    constexpr double whole_max = 1e15;
    if (truncated(*number) == *number && std::abs(*number) < whole_max) return fmt::format("{:.0f}", *number);
    std::string text = fmt::format("{:.4f}", *number);
    while (text.ends_with('0')) text.pop_back();
    return text;
}

std::optional<double> number_of(const Insights_Value& value) {
    std::optional<double> number;
    if (const auto* own = std::get_if<double>(&value)) number = *own;
    if (const auto* time = std::get_if<Insights_Time>(&value)) number = static_cast<double>(time->ms);
    if (const auto* text = std::get_if<std::string>(&value)) number = base::parse_double(base::trimmed(*text));
    return number && std::isfinite(*number) ? number : std::nullopt;
}

bool is_true(const Insights_Value& value) {
    if (const auto number = number_of(value)) return *number != 0;
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && !text->empty();
}

std::size_t memory_bytes(const Insights_Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return sizeof(value) + (text == nullptr ? 0 : text->size());
}

std::weak_ordering compare(const Insights_Value& a, const Insights_Value& b) {
    if (!has_value(a) || !has_value(b)) return has_value(a) <=> has_value(b);
    const auto x = number_of(a), y = number_of(b);
    if (x && y)
        return *x < *y   ? std::weak_ordering::less
               : *x > *y ? std::weak_ordering::greater
                         : std::weak_ordering::equivalent;
    return text_of(a) <=> text_of(b);
}

const Json& Insights_Event::json() const {
    if (!json_) {
        const auto start = message.find('{');  // a message may begin with a prefix
        json_ = start == std::string::npos ? Json() : base::parse_json(std::string_view(message).substr(start));
        if (!json_->is_object()) json_ = Json();
    }
    return *json_;
}

Insights_Value Insights_Event::of_lambda(std::string_view name) const {
    if (name == "@type") {
        for (const char* type : {"START", "END", "REPORT"})
            if (message.starts_with(std::string(type) + " RequestId: ")) return std::string(type);
        return {};
    }
    if (name == "@requestId") {
        const auto id = between(message, "RequestId: ", "\t");
        const auto end = id.find_first_of(" \n");
        return id.empty() ? Insights_Value() : std::string(id.substr(0, end));
    }
    const auto* const field = std::ranges::find(lambda_fields, name, &Lambda_Field::name);
    if (field == lambda_fields.end() || !message.starts_with("REPORT ")) return {};
    const auto number = base::parse_double(between(message, field->before, field->after));
    return number ? number_value(*number * field->factor) : Insights_Value();
}

Insights_Value Insights_Event::field(std::string_view name) const {
    if (name == "@message") return message;
    if (name == "@timestamp") return Insights_Time{timestamp_ms};
    if (name == "@ingestionTime") return Insights_Time{ingestion_ms};
    if (name == "@logStream") return stream;
    if (name == "@log") return log;
    if (name == "@ptr") return pointer;
    if (name.starts_with('@')) return of_lambda(name);
    const Json* found = json().is_object() ? at_path(json(), name) : nullptr;
    return found == nullptr ? Insights_Value() : value_of(*found);
}

void Insights_Event::for_each_field(const std::function<void(const std::string&, const Insights_Value&)>& visit) const {
    for (const char* name : {"@ingestionTime", "@log", "@logStream", "@message", "@timestamp", "@type", "@requestId",
                             "@duration", "@billedDuration", "@initDuration", "@memorySize", "@maxMemoryUsed"})
        if (const auto value = field(name); has_value(value)) visit(name, value);
    std::vector<std::pair<std::string, const Json*>> pending{{"", &json()}};
    for (std::size_t i = 0; i < pending.size() && i < listed_fields_max; ++i) {
        const auto [path, value] = pending[i];
        if (!value->is_structured()) {
            if (!path.empty()) visit(path, value_of(*value));
            continue;
        }
        for (const auto& [name, inner] : value->items())
            pending.emplace_back(path.empty() ? name : fmt::format("{}.{}", path, name), &inner);
    }
}

Insights_Value Insights_Row::get(std::string_view name) const {
    const auto own = std::ranges::find(own_, name, &std::pair<std::string, Insights_Value>::first);
    if (own != own_.end()) return own->second;
    return event_ ? event_->field(name) : Insights_Value();
}

void Insights_Row::set(std::string_view name, Insights_Value value) {
    const auto own = std::ranges::find(own_, name, &std::pair<std::string, Insights_Value>::first);
    if (own != own_.end())
        own->second = std::move(value);
    else
        own_.emplace_back(name, std::move(value));
}

std::size_t Insights_Row::memory_bytes() const {
    std::size_t bytes = sizeof(*this) + (event_ ? event_->memory_bytes() : 0);
    for (const auto& [name, value] : own_) bytes += sizeof(name) + name.size() + services::memory_bytes(value);
    return bytes;
}

}  // namespace osbot_aws::services
