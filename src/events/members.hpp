// Reads and writes the members of events. Everything that does not depend on an event's type is in members.cpp, so that
// a program contains it once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// Throws Aws_Exception(InvalidEvent).
[[noreturn]] void fail_invalid_event(const std::string& message);
/// Parses a text that an event contains. Throws Aws_Exception(InvalidBody), naming the text as `what`.
Json parse_body(const std::string& text, std::string_view what);
/// Throws InvalidEvent if the event comes from another service: it has members, but no records, or `source_member` of
/// the first record is not `source`.
void check_source(const Json& event, const char* source_member, std::string_view source);

/// Moves members of an object into fields. Members that are null, or whose field keeps its default value, remain in the
/// object, so that Member_Writer restores them as they were.
class Member_Reader {
public:
    explicit Member_Reader(Json& object);

    void operator()(const char* name, std::string& field);
    void operator()(const char* name, bool& field);
    void operator()(const char* name, std::int64_t& field);
    void operator()(const char* name, double& field);
    void operator()(const char* name, Json& field);
    void operator()(const char* name, std::vector<std::string>& field);
    void operator()(const char* name, std::map<std::string, std::string>& field);
    void operator()(const char* name, std::map<std::string, std::vector<std::string>>& field);
    template <class Event>
    void operator()(const char* name, Event& field) {
        if (Json* member = find(name)) {
            from_json(*member, field);
            if (!(field == Event())) object_.erase(name);
        }
    }
    template <class Event>
    void operator()(const char* name, std::vector<Event>& field) {
        if (Json* member = find_list(name)) {
            for (const Json& item : *member) from_json(item, field.emplace_back());
            if (!field.empty()) object_.erase(name);
        }
    }

private:
    Json* find(const char* name);       ///< null if the member is missing or null
    Json* find_list(const char* name);  ///< throws InvalidEvent if the member is not a list
    template <class Field>
    void take(const char* name, Field& field, const char* type);
    template <class Field>
    void take_all(const char* name, std::map<std::string, Field>& fields);

    Json& object_;
};

/// Adds the fields to an object, except those with their default value.
class Member_Writer {
public:
    explicit Member_Writer(Json& object) : object_(object) {}

    void operator()(const char* name, const std::string& field);
    void operator()(const char* name, bool field);
    void operator()(const char* name, std::int64_t field);
    void operator()(const char* name, double field);
    void operator()(const char* name, const Json& field);
    void operator()(const char* name, const std::vector<std::string>& field);
    void operator()(const char* name, const std::map<std::string, std::string>& field);
    void operator()(const char* name, const std::map<std::string, std::vector<std::string>>& field);
    template <class Event>
    void operator()(const char* name, const Event& field) {
        if (!(field == Event())) to_json(object_[name], field);
    }
    template <class Event>
    void operator()(const char* name, const std::vector<Event>& field) {
        if (field.empty()) return;
        Json& list = object_[name] = Json::array();
        for (const Event& item : field) to_json(list.emplace_back(), item);
    }

private:
    Json& object_;
};

/// Implements from_json() of an event. `members(visit, event)` calls visit(name, field) for each member.
template <class Event, class Members>
void read_members(const Json& json, Event& event, Members members) {
    event = Event();
    event.other = json;
    Member_Reader reader(event.other);
    members(reader, event);
}

/// Implements to_json() of an event.
template <class Event, class Members>
void write_members(Json& json, const Event& event, Members members) {
    json = event.other;
    Member_Writer writer(json);
    members(writer, event);
}

}  // namespace osbot_aws::events
