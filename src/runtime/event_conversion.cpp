// Events and results of handlers as JSON. Most of this file finds the value of an event that a handler's type rejects:
// nlohmann's errors do not name it unless JSON_DIAGNOSTICS is defined, which makes every value larger.
#include <fmt/format.h>

#include <optional>
#include <vector>

#include <osbot_aws/runtime/handler.hpp>

#include "base/json.hpp"
#include "runtime/failure.hpp"

namespace osbot_aws::internal {
namespace {

using runtime::Lambda_Error;

// Each value costs one more conversion of the event, after a failure only.
constexpr std::size_t searched_values_max = 1000;

constexpr const char* unmarshal_error = "Runtime.UnmarshalError";
constexpr const char* marshal_error = "Runtime.MarshalError";

/// Removes "[json.exception.type_error.302] ".
std::string_view without_prefix(std::string_view message) {
    const std::size_t end = message.find("] ");
    return message.starts_with('[') && end != std::string_view::npos ? message.substr(end + 2) : message;
}

/// nlohmann's at() reports a value of the wrong type by its own name: "cannot use at() with array".
std::string reason_of(const Json::exception& error) {
    constexpr std::string_view no_at = "cannot use at() with ";
    const std::string_view message = without_prefix(error.what());
    if (!message.starts_with(no_at)) return std::string(message);
    const std::string_view type = message.substr(no_at.size());
    const char* expected = type == "array" ? "object" : type == "object" ? "array" : "object or array";
    return fmt::format("type must be {}, but is {}", expected, type);
}

/// Finds the value at which a conversion fails, by changing one value after the other.
class Failing_Value {
public:
    Failing_Value(Json event, Try_Event try_event, std::string message)
        : event_(std::move(event)), try_event_(try_event), message_(std::move(message)) {}

    /// Returns the JSON pointer of the value (of the object, if the error is a missing key), or nothing.
    std::optional<std::string> find() {
        visit(event_, "");
        if (searched_ > searched_values_max || found_.size() != 1) return std::nullopt;
        return found_.front();
    }

private:
    void visit(Json& value, const std::string& path) {
        if (++searched_ > searched_values_max) return;
        if (is_wrong_type(value) || lacks_key(value)) found_.push_back(path);
        if (value.is_object())
            for (auto& [name, member] : value.items()) visit(member, path + "/" + escaped(name));
        else if (value.is_array())
            for (std::size_t i = 0; i < value.size(); ++i) visit(value[i], fmt::format("{}/{}", path, i));
    }

    /// "type must be string, but is number": the same message names the type of the changed value.
    bool is_wrong_type(Json& value) {
        const std::string_view type = value.type_name();
        if (!message_.ends_with(type)) return false;
        const std::string expected = message_.substr(0, message_.size() - type.size()) + invalid_.type_name();
        Json changed = invalid_;
        std::swap(value, changed);
        const std::string message = failure();
        std::swap(value, changed);
        return message == expected;
    }

    /// "key 'price' not found": another message, or none, if the object has this key.
    bool lacks_key(Json& value) {
        const std::size_t begin = message_.find(key_begin), end = message_.rfind(key_end);
        if (!value.is_object() || begin == std::string::npos || end == std::string::npos) return false;
        const std::string key = message_.substr(begin + key_begin.size(), end - begin - key_begin.size());
        if (!value.emplace(key, invalid_).second) return false;
        const std::string message = failure();
        value.erase(key);
        return message != message_;
    }

    std::string failure() const {
        try {
            try_event_(event_);
        } catch (const std::exception& error) { return error.what(); }
        return "";
    }

    static std::string escaped(const std::string& name) {  // RFC 6901
        std::string text;
        for (const char c : name) {
            if (c == '~')
                text += "~0";
            else if (c == '/')
                text += "~1";
            else
                text += c;
        }
        return text;
    }

    static constexpr std::string_view key_begin = "key '", key_end = "' not found";
    const Json invalid_ = Json(Json::value_t::discarded);  // converts to no type
    Json event_;
    Try_Event try_event_;
    std::string message_;
    std::size_t searched_ = 0;
    std::vector<std::string> found_;
};

}  // namespace

Json parse_event(std::string_view text) {
    try {
        return base::parse_json_or_throw(text);
    } catch (const Json::exception& error) {  // this type also covers numbers that are out of range
        throw Lambda_Error(unmarshal_error, fmt::format("the event is not JSON: {}", without_prefix(error.what())));
    }
}

void reject_event(Json event, Try_Event try_event, const Json::exception& error) {
    const auto path = Failing_Value(std::move(event), try_event, error.what()).find();
    const std::string place = !path ? "" : path->empty() ? " at its top level" : " at " + *path;
    throw Lambda_Error(unmarshal_error, fmt::format("the event does not match the parameter of the handler{}: {}",
                                                    place, reason_of(error)));
}

void write_json(const Json& result, Response_Writer& response) {
    std::string text;
    try {
        text = base::dump_json(result);
    } catch (const Json::exception& error) {
        throw Lambda_Error(marshal_error, fmt::format("the result is not JSON: {}", without_prefix(error.what())));
    }
    response.write(text);
}

void write_text(std::string_view result, Response_Writer& response) { response.write(result); }

}  // namespace osbot_aws::internal
