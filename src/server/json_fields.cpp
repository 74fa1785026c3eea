#include "server/json_fields.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::server {
namespace {

std::string_view kind_of(const Json& value) {
    if (value.is_string()) return "STRING_VALUE";
    if (value.is_number()) return "NUMBER_VALUE";
    if (value.is_boolean()) return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
    if (value.is_array()) return "START_ARRAY";
    return "START_OBJECT";
}

const Json empty_object = Json::object(), empty_list = Json::array();

}  // namespace

const Json* Fields::find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::mismatch(const Json& found, std::string_view expected) {
    fail({"SerializationException", fmt::format("{} can not be converted to {}", kind_of(found), expected)});
}

std::optional<std::string> Fields::text(const char* name) {
    const Json* found = find(name);
    if (!found) return std::nullopt;
    if (!found->is_string()) return mismatch(*found, "a String"), std::nullopt;
    return found->get<std::string>();
}

std::optional<std::int64_t> Fields::number(const char* name) {
    const Json* found = find(name);
    if (!found) return std::nullopt;
    if (!found->is_number_integer()) return mismatch(*found, "an Integer"), std::nullopt;
    return found->get<std::int64_t>();
}

bool Fields::flag(const char* name) {
    const Json* found = find(name);
    if (!found) return false;
    if (!found->is_boolean()) return mismatch(*found, "a Boolean"), false;
    return found->get<bool>();
}

std::optional<std::vector<std::string>> Fields::texts(const char* name) {
    const Json* found = find(name);
    if (!found) return std::nullopt;
    std::vector<std::string> values;
    if (!found->is_array()) return mismatch(*found, "a List"), std::nullopt;
    for (const Json& item : *found) {
        if (!item.is_string()) return mismatch(item, "a String"), std::nullopt;
        values.push_back(item.get<std::string>());
    }
    return values;
}

std::optional<std::map<std::string, std::string>> Fields::map(const char* name) {
    const Json* found = find(name);
    if (!found) return std::nullopt;
    std::map<std::string, std::string> values;
    if (!found->is_object()) return mismatch(*found, "a Map"), std::nullopt;
    for (const auto& [key, value] : found->items()) {
        if (!value.is_string()) return mismatch(value, "a String"), std::nullopt;
        values.emplace(key, value.get<std::string>());
    }
    return values;
}

std::optional<std::map<std::string, double>> Fields::numbers(const char* name) {
    const Json* found = find(name);
    if (!found) return std::nullopt;
    std::map<std::string, double> values;
    if (!found->is_object()) return mismatch(*found, "a Map"), std::nullopt;
    for (const auto& [key, value] : found->items()) {
        if (!value.is_number()) return mismatch(value, "a Double"), std::nullopt;
        values.emplace(key, value.get<double>());
    }
    return values;
}

const Json& Fields::object(const char* name) {
    const Json* found = find(name);
    if (!found) return empty_object;
    if (!found->is_object()) return mismatch(*found, "a Structure"), empty_object;
    return *found;
}

const Json& Fields::list(const char* name) {
    const Json* found = find(name);
    if (!found) return empty_list;
    if (!found->is_array()) return mismatch(*found, "a List"), empty_list;
    return *found;
}

Result<Json> parse_json_object(std::string_view text) {
    if (text.empty()) return Json::object();
    Json body = base::parse_json(text);
    if (body.is_discarded()) {
        return Error{"SerializationException", "Could not parse request body into json: " +
                                                   wire::json_fault(text).value_or("Invalid UTF-8 in a String value")};
    }
    if (!body.is_object())
        return Error{"SerializationException", fmt::format("Unexpected value type in payload: {}", kind_of(body))};
    return body;
}

void parse_json_object(base::Loop& loop, std::string text, std::function<void(Result<Json>)> done) {
    if (text.size() <= parsed_on_loop_bytes_max) return done(parse_json_object(text));
    struct Job {
        std::string text;
        Result<Json> json = Json();
    };
    const auto job = std::make_shared<Job>(Job{std::move(text)});
    loop.run_blocking([job] { job->json = parse_json_object(job->text); },
                      [job, done = std::move(done)] { done(std::move(job->json)); });
}

Result<Json> nothing(const Result<void>& done) {
    if (!done) return done.error();
    return Json(nullptr);
}

}  // namespace osbot_aws::server
