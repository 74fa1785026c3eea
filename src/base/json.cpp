#include "base/json.hpp"

#include <fmt/format.h>

#include "base/json_object.hpp"

namespace osbot_aws::base {
namespace {

/// Returns true if arrays and objects are nested more than json_depth_max levels deep. In malformed text, the scan
/// and the parser find the same strings up to the first error, and the parser reads nothing after it.
bool is_too_deep(std::string_view text) {
    if (text.size() <= json_depth_max) return false;  // fewer brackets than levels
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > json_depth_max) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

/// Returns true if the text contains a NUL byte. JSON does not allow any, and nlohmann's parser would ignore the text
/// after it.
bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Json::parse_error syntax_error(std::size_t byte, const std::string& message) {
    constexpr int number = 101;  // nlohmann's number of a syntax error
    return Json::parse_error::create(number, byte, message, nullptr);
}

}  // namespace

Json parse_json(std::string_view text) {
    if (has_nul(text) || is_too_deep(text)) return Json(Json::value_t::discarded);
    return Json::parse(text, nullptr, false);
}

Json parse_json_or_throw(std::string_view text) {
    if (has_nul(text)) throw syntax_error(text.find('\0') + 1, "a NUL byte, which JSON does not allow");
    if (is_too_deep(text)) throw syntax_error(0, fmt::format("more than {} nested levels", json_depth_max));
    return Json::parse(text);
}

std::string dump_json(const Json& value) { return value.dump(); }

std::string dump_json_lossy(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json json_object(std::initializer_list<Json_Member> members) {
    Json object = Json::object();
    auto& entries = object.get_ref<Json::object_t&>();
    for (const auto& member : members) entries.emplace(member.name, std::move(member.value));
    return object;
}

}  // namespace osbot_aws::base
