#include "services/lambda/running/telemetry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html#telemetry-api-buffering
constexpr std::int64_t buffer_items_min = 1000, buffer_items_max = 10'000, buffer_items_default = 10'000;
constexpr std::int64_t buffer_bytes_min = 262'144, buffer_bytes_max = 1'048'576, buffer_bytes_default = 262'144;
constexpr std::int64_t buffer_time_ms_min = 25, buffer_time_ms_max = 30'000, buffer_time_ms_default = 1000;
constexpr std::size_t subscription_bytes_max = 65'536;
// Limit of the buffer for a subscriber that is slow or does not respond. AWS does not publish its limit.
constexpr std::size_t unsent_telemetry_bytes_max = 4 << 20;
constexpr std::size_t telemetry_attempts_max = 3;
constexpr std::size_t early_telemetry_bytes_max = 1 << 20;

Error invalid_subscription(std::string message) { return {"ValidationError", std::move(message), 400}; }

Result<std::int64_t> buffer_number(const Json& buffering, const char* name, std::int64_t standard, std::int64_t min,
                                   std::int64_t max) {
    if (!buffering.contains(name)) return standard;
    const Json& value = buffering.at(name);
    if (!value.is_number_integer() || value < min || value > max)
        return invalid_subscription(fmt::format("{} must be a number from {} to {}", name, min, max));
    return value.get<std::int64_t>();
}

Result<void> read_buffering(const Json& json, Telemetry::Subscription& to) {
    const Json buffering = json.value("buffering", Json::object());
    if (!buffering.is_object()) return invalid_subscription("buffering must be an object");
    OSBOT_TRY(const auto items,
              buffer_number(buffering, "maxItems", buffer_items_default, buffer_items_min, buffer_items_max));
    OSBOT_TRY(const auto bytes,
              buffer_number(buffering, "maxBytes", buffer_bytes_default, buffer_bytes_min, buffer_bytes_max));
    OSBOT_TRY(const auto time_ms,
              buffer_number(buffering, "timeoutMs", buffer_time_ms_default, buffer_time_ms_min, buffer_time_ms_max));
    to.items_max = static_cast<std::size_t>(items);
    to.bytes_max = static_cast<std::size_t>(bytes);
    to.time_max = std::chrono::milliseconds(time_ms);
    return {};
}

/// Reads http://sandbox.localdomain:PORT/PATH.
Result<void> read_destination(const Json& json, Telemetry::Subscription& to) {
    const Json destination = json.value("destination", Json::object());
    if (!destination.is_object() || !destination.contains("protocol"))
        return invalid_subscription("destination is missing");
    if (destination["protocol"] != "HTTP")
        return invalid_subscription("this engine sends telemetry over HTTP only, not over " +
                                    base::dump_json_lossy(destination["protocol"]));
    const Json text = destination.value("URI", destination.value("uri", Json()));
    std::string_view uri = text.is_string() ? std::string_view(text.get_ref<const std::string&>()) : "";
    if (!base::take_prefix(uri, "http://")) return invalid_subscription("destination.URI must begin with http://");
    std::string_view address = uri.substr(0, uri.find('/'));
    const std::string_view path = uri.substr(address.size());
    const std::string_view host = base::take_until(address, ':');
    if (host != "sandbox.localdomain" && host != "sandbox" && host != "localhost" && host != "127.0.0.1")
        return invalid_subscription("the host of destination.URI must be sandbox.localdomain");
    const auto port = base::parse_number<std::uint16_t>(address.empty() ? "80" : address);
    const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
    if (!port || *port == 0 || !printable) return invalid_subscription("destination.URI is not a valid URI");
    to.port = *port;
    to.path = path.empty() ? "/" : path;
    return {};
}

Result<void> read_types(const Json& json, Telemetry::Subscription& to) {
    const Json types = json.value("types", Json());
    if (!types.is_array() || types.empty())
        return invalid_subscription("types must be a list of platform, function, extension");
    for (const Json& type : types) {
        bool* const type_flag = type == "platform"    ? &to.platform
                                : type == "function"  ? &to.function
                                : type == "extension" ? &to.extensions
                                                      : nullptr;
        if (type_flag == nullptr)
            return invalid_subscription(fmt::format("invalid type {}", base::dump_json_lossy(type)));
        *type_flag = true;
    }
    return {};
}

Result<void> read_schema(const Json& json, Telemetry::Subscription& to) {
    const Json version = json.value("schemaVersion", Json(to.logs_api ? "2020-08-15" : "2022-07-01"));
    const auto is_one_of = [&](auto... names) { return ((version == names) || ...); };
    const bool known =
        to.logs_api ? is_one_of("2020-08-15", "2021-03-18") : is_one_of("2022-07-01", "2022-12-13", "2025-01-29");
    if (!known) return invalid_subscription(fmt::format("invalid schemaVersion {}", base::dump_json_lossy(version)));
    to.json_lines = is_one_of("2022-12-13", "2025-01-29");
    return {};
}

Result<Telemetry::Subscription> read_subscription(const wire::Request& request) {
    Telemetry::Subscription made;
    made.logs_api = request.path().starts_with("/2020-08-15/");
    const std::string& body = request.body.bytes();
    const Json json = body.size() > subscription_bytes_max ? Json() : base::parse_json(body);
    if (!json.is_object()) return invalid_subscription("the body is not a JSON object");
    OSBOT_TRY(read_schema(json, made));
    OSBOT_TRY(read_types(json, made));
    OSBOT_TRY(read_buffering(json, made));
    OSBOT_TRY(read_destination(json, made));
    return made;
}

/// Returns the record for the Logs API, which has fewer types and members; null if it does not have this type.
Json record_of_logs_api(std::string_view type, const Json& record) {
    if (type == "platform.report" || type == "platform.start" || type == "platform.extension" ||
        type == "platform.runtimeDone" || type == "platform.logsDropped" || type == "platform.logsSubscription")
        return record;
    return {};
}

}  // namespace

std::vector<std::string> Telemetry::Subscription::types() const {
    std::vector<std::string> names;
    if (platform) names.emplace_back("Platform");
    if (function) names.emplace_back("Function");
    if (extensions) names.emplace_back("Extension");
    return names;
}

Result<const Telemetry::Subscription*> Telemetry::subscribe(const wire::Request& request, const Extension& extension,
                                                            bool json_logs) {
    const bool logs_api = request.path().starts_with("/2020-08-15/");
    const std::string not_supported = logs_api ? "Logs.NotSupported" : "Telemetry.NotSupported";
    if (!is_early_) return Error{not_supported, "Subscriptions are possible only during the initialization", 403};
    if (!reachable_)
        return Error{not_supported,
                     "this engine does not reach the network of the sandbox (--sandbox=strict); telemetry needs "
                     "--sandbox=auto",
                     403};
    OSBOT_TRY(auto made, read_subscription(request));
    made.extension = extension.name;
    made.json_lines = made.json_lines && json_logs;
    const auto earlier =
        std::ranges::find_if(subscriptions_, [&](const auto& each) { return each->extension == extension.name; });
    if (earlier != subscriptions_.end()) {
        if ((*earlier)->logs_api != logs_api)
            return Error{not_supported, "the extension has subscribed with the other API", 403};
        subscriptions_.erase(earlier);
    }
    Subscription& to = *subscriptions_.emplace_back(std::make_shared<Subscription>(std::move(made)));
    for (const Event& event : early_) add_to(to, event);
    return &to;
}

void Telemetry::platform(std::string_view type, Json record) {
    if (wants()) add({Kind::platform, std::string(type), base::unix_ms(context_.now()), std::move(record)});
}

void Telemetry::line(Kind kind, std::string_view text, std::int64_t ms) {
    if (wants()) add({kind, kind == Kind::function ? "function" : "extension", ms, text});
}

void Telemetry::add(Event event) {
    for (const auto& to : subscriptions_) add_to(*to, event);
    if (!is_early_) return;
    early_bytes_ += sizeof(Event);
    early_bytes_ += event.record.is_string() ? event.record.get_ref<const std::string&>().size() : event.type.size();
    if (early_bytes_ <= early_telemetry_bytes_max) early_.push_back(std::move(event));
}

void Telemetry::add_to(Subscription& to, const Event& event) {
    const bool subscribed = event.kind == Kind::platform   ? to.platform
                            : event.kind == Kind::function ? to.function
                                                           : to.extensions;
    if (!subscribed) return;
    Json record = event.record;
    if (to.logs_api && event.kind == Kind::platform) record = record_of_logs_api(event.type, record);
    if (record.is_null()) return;
    if (to.json_lines && event.kind == Kind::function)
        if (Json object = base::parse_json(record.get_ref<const std::string&>()); object.is_object())
            record = std::move(object);
    std::string text = base::dump_json_lossy(Json{{"time", base::iso8601_ms_z(base::from_unix_ms(event.ms))},
                                                  {"type", event.type},
                                                  {"record", std::move(record)}});
    if (to.bytes + text.size() > unsent_telemetry_bytes_max) return drop(to, 1, text.size());
    to.bytes += text.size();
    to.events.push_back(std::move(text));
    if (flushes_ || to.events.size() >= to.items_max || to.bytes >= to.bytes_max) return send(to);
    if (!to.timer) to.timer = context_.loop.after(to.time_max, [this, &to] { send(to); });
}

void Telemetry::drop(Subscription& from, std::size_t count, std::size_t bytes) {
    from.dropped += count;
    from.dropped_bytes += bytes;
}

void Telemetry::send(Subscription& to) {
    to.timer.reset();
    if (to.sending > 0 || to.events.empty()) return;
    if (to.dropped > 0) {
        const Json record{
            {"reason", "Consumer seems to have fallen behind as it has not acknowledged receipt of logs."},
            {"droppedRecords", std::exchange(to.dropped, 0)},
            {"droppedBytes", std::exchange(to.dropped_bytes, 0)}};
        to.events.insert(to.events.begin(), base::dump_json_lossy(Json{{"time", base::iso8601_ms_z(context_.now())},
                                                                       {"type", "platform.logsDropped"},
                                                                       {"record", record}}));
    }
    const std::size_t count = std::min(to.events.size(), to.items_max);
    std::vector<std::string> events(std::make_move_iterator(to.events.begin()),
                                    std::make_move_iterator(to.events.begin() + static_cast<std::ptrdiff_t>(count)));
    to.events.erase(to.events.begin(), to.events.begin() + static_cast<std::ptrdiff_t>(count));
    to.sending = count;
    std::string body = "[";
    for (const std::string& event : events) body += (body.size() > 1 ? "," : "") + event;
    endpoints_.post(to.port, to.path, body + "]",
                    [this, weak = to.weak_from_this(), events = std::move(events)](bool delivered) mutable {
                        if (const auto subscription = weak.lock()) sent(*subscription, std::move(events), delivered);
                    });
}

void Telemetry::sent(Subscription& to, std::vector<std::string> events, bool delivered) {
    std::size_t bytes = 0;
    for (const std::string& event : events) bytes += event.size();
    to.sending = 0;
    const bool again = !delivered && ++to.failures < telemetry_attempts_max;
    if (again) {
        to.events.insert(to.events.begin(), std::make_move_iterator(events.begin()),
                         std::make_move_iterator(events.end()));
    } else {
        to.bytes -= std::min(bytes, to.bytes);
        to.failures = 0;
        if (!delivered) drop(to, events.size(), bytes);
    }
    if (!to.events.empty() && flushes_ && !again) return send(to);
    if (!to.events.empty() && !to.timer) to.timer = context_.loop.after(to.time_max, [this, &to] { send(to); });
    if (empty()) on_sent_();
}

void Telemetry::end_init() {
    is_early_ = false;
    early_.clear();
}

void Telemetry::restart() {
    subscriptions_.clear();
    early_.clear();
    early_bytes_ = 0;
    is_early_ = true;
    flushes_ = false;
}

void Telemetry::flush() {
    flushes_ = true;
    for (const auto& to : subscriptions_) send(*to);
}

bool Telemetry::empty() const {
    return std::ranges::all_of(subscriptions_,
                               [](const auto& each) { return each->events.empty() && each->sending == 0; });
}

}  // namespace osbot_aws::services
