// Attributes of DynamoDB's items.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <osbot_aws/events/Dynamodb_Event.hpp>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr int double_digits_max = 15;  // a decimal number with up to 15 digits has an exact double

[[noreturn]] void fail(const std::string& attribute, std::string_view problem) {
    fail_invalid_event(fmt::format("attribute {} {}", attribute, problem));
}

std::string checked_text(const Json& content, const std::string& name) {
    if (!content.is_string()) fail(name, fmt::format("has a value that is not a text: {}", content.type_name()));
    return content.get<std::string>();
}

std::optional<double> double_of(const std::string& text) {
    const auto value = base::parse_double(text);  // also parses "inf" and "nan"
    return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Returns the number, or its text if neither type represents it exactly.
Json exact_number(const std::string& text) {
    if (const auto whole = base::parse_number<std::int64_t>(text)) return *whole;
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto value = double_of(text);
    return value && digits <= double_digits_max ? Json(*value) : Json(text);
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

std::string Dynamodb_Value::type() const {
    const bool valid = value_.is_object() && value_.size() == 1;
    const std::string type = valid ? value_.begin().key() : "";
    if (!is_one_of(type, {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}))
        fail(name_, "is not in DynamoDB's form, {\"S\": \"text\"}");
    return type;
}

const Json& Dynamodb_Value::content(std::string_view expected) const {
    if (const std::string actual = type(); actual != expected)
        fail(name_, fmt::format("has the type {}, not {}", actual, expected));
    return value_.front();
}

std::string Dynamodb_Value::text() const { return checked_text(content("S"), name_); }
std::string Dynamodb_Value::number_text() const { return checked_text(content("N"), name_); }

double Dynamodb_Value::number() const {
    const std::string text = number_text();
    const auto value = double_of(text);
    if (!value) fail(name_, fmt::format("is not a number that a double can represent: {:.60}", text));
    return *value;
}

std::int64_t Dynamodb_Value::integer() const {
    const std::string text = number_text();
    const auto value = base::parse_number<std::int64_t>(text);
    if (!value) fail(name_, fmt::format("is not an integer of 64 bits: {:.60}", text));
    return *value;
}

std::string Dynamodb_Value::bytes() const {
    auto bytes = base::base64_decode(checked_text(content("B"), name_));
    if (!bytes) fail(name_, "is not base64");
    return std::move(*bytes);
}

bool Dynamodb_Value::boolean() const {
    const Json& value = content("BOOL");
    if (!value.is_boolean()) fail(name_, "is neither true nor false");
    return value.get<bool>();
}

bool Dynamodb_Value::is_null() const { return type() == "NULL"; }

std::vector<Dynamodb_Value> Dynamodb_Value::list() const {
    const std::string kind = type();
    if (!is_one_of(kind, {"L", "SS", "NS", "BS"})) fail(name_, fmt::format("has the type {}, not a list or set", kind));
    const Json& items = value_.front();
    if (!items.is_array()) fail(name_, "has a value that is not a list");
    std::vector<Dynamodb_Value> values;
    values.reserve(items.size());
    for (const Json& item : items)
        values.emplace_back(kind == "L" ? item : Json{{kind.substr(0, 1), item}},
                            fmt::format("{}[{}]", name_, values.size()));
    return values;
}

Dynamodb_Item Dynamodb_Value::map() const {
    Dynamodb_Item item;
    from_json(content("M"), item);
    return item;
}

Json Dynamodb_Value::plain() const {  // NOLINT(misc-no-recursion): JSON is nested up to 1,000 levels
    const std::string kind = type();
    if (kind == "M") return map().plain();
    if (kind == "N") return exact_number(number_text());
    if (kind == "NULL") return nullptr;
    if (kind == "BOOL") return boolean();
    if (kind == "S" || kind == "B") return checked_text(value_.front(), name_);
    Json values = Json::array();
    for (const Dynamodb_Value& value : list()) values.push_back(value.plain());
    return values;
}

Dynamodb_Value Dynamodb_Item::at(const std::string& name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) fail(name, "does not exist");
    return Dynamodb_Value(*found, name);
}

std::optional<Dynamodb_Value> Dynamodb_Item::find(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::nullopt : std::optional(Dynamodb_Value(*found, name));
}

Json Dynamodb_Item::plain() const {  // NOLINT(misc-no-recursion): as above
    Json values = Json::object();
    for (const auto& [name, value] : attributes.items()) values[name] = Dynamodb_Value(value, name).plain();
    return values;
}

void from_json(const Json& json, Dynamodb_Item& item) {
    if (!json.is_object())
        fail_invalid_event(fmt::format("expected the attributes of an item, got {}", json.type_name()));
    item.attributes = json;
}
void to_json(Json& json, const Dynamodb_Item& item) { json = item.attributes; }

}  // namespace osbot_aws::events
