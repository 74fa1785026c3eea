// A document of the JSON protocols that contains a blob of many megabytes.
#include <fmt/format.h>

#include <cassert>
#include <vector>

#include "aws/input.hpp"
#include "aws/json_text.hpp"
#include "base/encoding.hpp"

namespace osbot_aws::aws {
namespace {

/// The members that lead to a blob: Code, ZipFile.
using Path = std::vector<const Member*>;

bool find_blob(const Service& service, const Shape& shape, Path& path) {
    for (const Member& member : service.members_of(shape)) {
        if (member.location != Location::body) continue;
        const Shape& found = service.shape(member);
        path.push_back(&member);
        if (found.type == Type::blob) return true;
        if (found.type == Type::structure && find_blob(service, found, path)) return true;
        path.pop_back();
    }
    return false;
}

/// Returns the value at the path, or nullptr.
Json* value_at(Json& document, const Path& path) {
    Json* value = &document;
    for (const Member* member : path) {
        if (!value->is_object()) return nullptr;
        const auto found = value->find(member->on_wire());
        if (found == value->end()) return nullptr;
        value = &*found;
    }
    return value;
}

constexpr std::string_view placeholder = "*placeholder*";  // not valid base64, so no request contains it as a blob

/// Returns the text of the first string member with this (quoted) name at any depth; "" if there is none or if it has
/// escapes. In valid JSON, a string cannot contain the name with its quotes, and a value with that text is not followed
/// by a colon.
std::string_view string_member(std::string_view json, std::string_view quoted_name) {
    constexpr std::string_view white_space = " \t\r\n";
    for (std::size_t at = 0; (at = json.find(quoted_name, at)) != std::string_view::npos;) {
        at = json.find_first_not_of(white_space, at + quoted_name.size());
        if (at == std::string_view::npos || json[at] != ':') continue;
        at = json.find_first_not_of(white_space, at + 1);
        if (at == std::string_view::npos || json[at] != '"') continue;
        const std::size_t end = json.find('"', ++at);
        if (end == std::string_view::npos || (end > at && json[end - 1] == '\\')) return {};
        const std::string_view text = json.substr(at, end - at);
        return text.find('\\') == std::string_view::npos ? text : std::string_view();
    }
    return {};
}

/// A document in which the placeholder may replace the base64 text of the blob.
struct Document {
    Json json;
    std::string_view base64 = {};  ///< of the request; empty if the document has it
};

Result<Document> parse(std::string_view text, const Path& path) {
    const std::string_view base64 = string_member(text, fmt::format("\"{}\"", path.back()->on_wire()));
    if (!base64.empty()) {
        const auto at = static_cast<std::size_t>(base64.data() - text.data());
        auto json =
            parse_json_object(fmt::format("{}{}{}", text.substr(0, at), placeholder, text.substr(at + base64.size())));
        const Json* blob = json ? value_at(*json, path) : nullptr;
        if (blob != nullptr && *blob == placeholder) return Document{std::move(*json), base64};
    }
    // Another member has this name, or the document is invalid and the error quotes its text.
    OSBOT_TRY(auto json, parse_json_object(text));
    return Document{std::move(json)};
}

/// Decodes the blob and removes it from the document.
Result<std::optional<std::string>> take_blob(Document& document, const Path& path) {
    Json* value = value_at(document.json, path);
    if (value == nullptr || value->is_null()) return std::optional<std::string>();
    const std::string_view name = path.back()->name;
    if (!value->is_string())
        return Error{"SerializationException", fmt::format("{} can not be converted to a Blob", name)};
    auto decoded =
        base::base64_decode(document.base64.empty() ? value->get_ref<const std::string&>() : document.base64);
    if (!decoded)
        return Error{"SerializationException",
                     fmt::format("{} can not be converted to a Blob: it is not base64", name)};
    *value = nullptr;
    return decoded;
}

}  // namespace

bool has_blob(const Service& service, const Shape& shape) {
    Path path;
    return find_blob(service, shape, path);
}

Result<Input_With_Blob> read_input_with_blob(const Service& service, const Route& route, const wire::Request& request) {
    Path path;
    const bool found = find_blob(service, service.shape(route.operation->input), path);
    assert(found);  // only operations with a blob are in the table as such
    OSBOT_TRY(auto document, parse(request.body.bytes(), path));
    OSBOT_TRY(auto blob, take_blob(document, path));
    OSBOT_TRY(auto input, read_input(service, route, request, document.json));
    return Input_With_Blob{std::move(input), std::move(blob)};
}

}  // namespace osbot_aws::aws
