#include "events/members.hpp"

#include <fmt/format.h>

#include <cmath>

#include <osbot_aws/core/Error.hpp>

#include "base/json.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::events {
namespace {

bool has_type(const Json& json, const std::string& /*field*/) { return json.is_string(); }
bool has_type(const Json& json, bool /*field*/) { return json.is_boolean(); }
bool has_type(const Json& json, std::int64_t /*field*/) { return json.is_number_integer(); }
bool has_type(const Json& json, double /*field*/) { return json.is_number(); }

template <class Field>
bool has_type(const Json& json, const std::vector<Field>& /*field*/) {
    return json.is_array() &&
           std::all_of(json.begin(), json.end(), [](const Json& item) { return has_type(item, Field()); });
}

template <class Field>
void put(Json& object, const char* name, const Field& field) {
    if (field != Field()) object[name] = field;
}

template <class Field>
void put_all(Json& object, const char* name, const std::map<std::string, Field>& fields) {
    for (const auto& [key, value] : fields) object[name][key] = value;
}

}  // namespace

void fail_invalid_event(const std::string& message) { throw Aws_Exception({"InvalidEvent", message, 0}); }

Json parse_body(const std::string& text, std::string_view what) {
    Json parsed = base::parse_json(text);
    if (parsed.is_discarded())
        throw Aws_Exception(local_error("InvalidBody", "{} is not JSON, or nested over {} levels: {:.60}", what,
                                        base::json_depth_max, text));
    return parsed;
}

void check_source(const Json& event, const char* source_member, std::string_view source) {
    const auto records = event.find("Records");
    if (records == event.end() && event.is_object() && !event.empty())
        fail_invalid_event(fmt::format("expected an event of {}, but it has no Records", source));
    if (records == event.end() || !records->is_array() || records->empty()) return;
    const Json& first = records->front();
    if (!first.is_object()) fail_invalid_event("a record is not an object");
    for (const char* name : {"eventSource", "EventSource"}) {
        if (!first.contains(name)) continue;
        if (name != std::string_view(source_member) || first.at(name) != source)
            fail_invalid_event(fmt::format("expected an event of {}, but {} is {}", source, name,
                                           base::dump_json_lossy(first.at(name))));
    }
}

Member_Reader::Member_Reader(Json& object) : object_(object) {
    if (!object.is_object()) fail_invalid_event(fmt::format("expected an object, got {}", object.type_name()));
}

Json* Member_Reader::find(const char* name) {
    const auto member = object_.find(name);
    return member == object_.end() || member->is_null() ? nullptr : &*member;
}

Json* Member_Reader::find_list(const char* name) {
    Json* member = find(name);
    if (member != nullptr && !member->is_array()) fail_invalid_event(fmt::format("{} is not a list", name));
    return member;
}

template <class Field>
void Member_Reader::take(const char* name, Field& field, const char* type) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!has_type(*member, field)) fail_invalid_event(fmt::format("{} is not {}", name, type));
    Field value = member->template get<Field>();
    if (value == Field()) return;
    field = std::move(value);
    object_.erase(name);
}

/// Moves the values that have the type of the field. Others, such as null, remain in the object.
template <class Field>
void Member_Reader::take_all(const char* name, std::map<std::string, Field>& fields) {
    Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_object()) fail_invalid_event(fmt::format("{} is not an object", name));
    Json rest = Json::object();
    for (auto& [key, value] : member->items()) {
        if (has_type(value, Field()))
            fields[key] = value.template get<Field>();
        else
            rest[key] = std::move(value);
    }
    if (!fields.empty()) *member = std::move(rest);
    if (!fields.empty() && member->empty()) object_.erase(name);
}

void Member_Reader::operator()(const char* name, std::string& field) { take(name, field, "a text"); }
void Member_Reader::operator()(const char* name, bool& field) { take(name, field, "true or false"); }
void Member_Reader::operator()(const char* name, std::int64_t& field) { take(name, field, "an integer"); }
void Member_Reader::operator()(const char* name, double& field) { take(name, field, "a number"); }
void Member_Reader::operator()(const char* name, std::vector<std::string>& field) {
    take(name, field, "a list of texts");
}
void Member_Reader::operator()(const char* name, std::map<std::string, std::string>& field) { take_all(name, field); }
void Member_Reader::operator()(const char* name, std::map<std::string, std::vector<std::string>>& field) {
    take_all(name, field);
}
void Member_Reader::operator()(const char* name, Json& field) {
    Json* member = find(name);
    if (member == nullptr || *member == Json::object()) return;
    field = std::move(*member);
    object_.erase(name);
}

void Member_Writer::operator()(const char* name, const std::string& field) { put(object_, name, field); }
void Member_Writer::operator()(const char* name, bool field) { put(object_, name, field); }
void Member_Writer::operator()(const char* name, std::int64_t field) { put(object_, name, field); }
/// Writes a whole number without ".0", as AWS does.
void Member_Writer::operator()(const char* name, double field) {
    constexpr double exact_max = 9007199254740992;  // 2^53
    if (std::abs(field) <= exact_max && static_cast<double>(static_cast<std::int64_t>(field)) == field)
        return (*this)(name, static_cast<std::int64_t>(field));
    put(object_, name, field);
}
void Member_Writer::operator()(const char* name, const std::vector<std::string>& field) { put(object_, name, field); }
void Member_Writer::operator()(const char* name, const std::map<std::string, std::string>& field) {
    put_all(object_, name, field);
}
void Member_Writer::operator()(const char* name, const std::map<std::string, std::vector<std::string>>& field) {
    put_all(object_, name, field);
}
void Member_Writer::operator()(const char* name, const Json& field) {
    if (!field.is_null() && field != Json::object()) object_[name] = field;
}

}  // namespace osbot_aws::events
