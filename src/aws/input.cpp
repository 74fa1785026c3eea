#include "aws/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "aws/exceptions.hpp"
#include "aws/json_text.hpp"
#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::aws {
namespace {

using Fields = std::multimap<std::string, std::string, std::less<>>;

// Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
Error malformed(const Service& service, const Member& member, std::string_view kind) {
    if (service.protocol == Protocol::rest_xml)
        return {"InvalidArgument", malformed_text(member, service.shape(member).type)};
    if (service.protocol == Protocol::query)
        return {"MalformedInput", fmt::format("{} is not a {}", member.name, kind)};
    return {"SerializationException", fmt::format("STRING_VALUE can not be converted to {}", kind)};
}

/// Converts the text of a label, a header, a query or form parameter, or an element.
Result<Json> read_text(const Service& service, const Member& member, std::string_view text) {
    switch (service.shape(member).type) {
        case Type::integer:
            if (const auto number = base::parse_number<std::int64_t>(text)) return Json(*number);
            return malformed(service, member, service.protocol == Protocol::query ? "number" : "an Integer");
        case Type::floating:
            if (const auto number = base::parse_double(text)) return Json(*number);
            return malformed(service, member, service.protocol == Protocol::query ? "number" : "a Double");
        case Type::boolean:
            if (base::equal_ignoring_case(text, "true")) return Json(true);
            if (base::equal_ignoring_case(text, "false")) return Json(false);
            return malformed(service, member, service.protocol == Protocol::query ? "boolean" : "a Boolean");
        default:
            return Json(text);
    }
}

// ---- Query: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#query-key-resolution ----

class Form_Reader {
public:
    Form_Reader(const Service& service, const Fields& fields) : service_(service), fields_(fields) {}

    /// Reads the members of a structure below `prefix`, "" or "Tags.member.1.".
    Result<Json> structure(const Shape& shape, const std::string& prefix) {
        Json object = Json::object();
        for (const Member& member : service_.members_of(shape)) {
            OSBOT_TRY(auto value, read(member, prefix + std::string(member.on_wire())));
            if (!value.is_null()) object[member.name] = std::move(value);
        }
        return object;
    }

private:
    /// Returns null for a member that the form does not have.
    Result<Json> read(const Member& member, const std::string& key) {
        const Shape& shape = service_.shape(member);
        switch (shape.type) {
            case Type::structure:
                return has_below(key) ? structure(shape, key + ".") : Json();
            case Type::list:
                return list(shape, member.has(flattened) ? key : key + ".member", key);
            case Type::map:
                return map(shape, member.has(flattened) ? key : key + ".entry");
            default:
                break;
        }
        const auto field = fields_.find(key);
        return field == fields_.end() ? Json() : read_text(service_, member, field->second);
    }

    Result<Json> list(const Shape& shape, const std::string& prefix, const std::string& key) {
        Json items = Json::array();
        const Member& item = service_.item_of(shape);
        for (std::size_t number = 1;; ++number) {
            OSBOT_TRY(auto value, read(item, fmt::format("{}.{}", prefix, number)));
            if (value.is_null()) break;
            items.push_back(std::move(value));
        }
        if (items.empty() && !fields_.contains(key)) return Json();  // "Tags=" is an empty list
        return items;
    }

    Result<Json> map(const Shape& shape, const std::string& prefix) {
        Json entries = Json::object();
        const Member &key_member = service_.members_of(shape).front(), &value_member = service_.item_of(shape);
        for (std::size_t number = 1;; ++number) {
            const auto key = fields_.find(fmt::format("{}.{}.{}", prefix, number, key_member.on_wire()));
            if (key == fields_.end()) break;
            const std::string value_key = fmt::format("{}.{}.{}", prefix, number, value_member.on_wire());
            OSBOT_TRY(auto value, read(value_member, value_key));
            if (value.is_null()) return missing(value_key);
            entries[key->second] = std::move(value);
        }
        return entries.empty() ? Json() : entries;
    }

    /// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
    static Error missing(std::string_view key) {
        return {"MissingParameter", fmt::format("The request must contain the parameter {}.", key), 400};
    }

    bool has_below(const std::string& key) const {
        const auto next = fields_.lower_bound(key + ".");
        return next != fields_.end() && next->first.starts_with(key + ".");
    }

    const Service& service_;
    const Fields& fields_;
};

// ---- XML: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html ----

class Xml_Reader {
public:
    explicit Xml_Reader(const Service& service) : service_(service) {}

    Result<Json> structure(const Shape& shape, pugi::xml_node node) {
        Json object = Json::object();
        for (const Member& member : service_.members_of(shape)) {
            if (member.location != Location::body) continue;
            OSBOT_TRY(auto value, read_member(member, node));
            if (value.is_null() && member.has(required)) return wire::malformed_xml();
            if (!value.is_null()) object[member.name] = std::move(value);
        }
        return object;
    }

private:
    Result<Json> read_member(const Member& member, pugi::xml_node parent) {
        const std::string name(member.on_wire());
        if (member.has(attribute)) {
            const auto found = parent.attribute(name.c_str());
            return found.empty() ? Json() : Json(found.value());
        }
        const Shape& shape = service_.shape(member);
        if (shape.type == Type::list && member.has(flattened)) {
            auto items = list(shape, parent, name);
            return items && items->empty() ? Json() : std::move(items);
        }
        const pugi::xml_node node = parent.child(name.c_str());
        return node.empty() ? Json() : read(member, node);
    }

    Result<Json> read(const Member& member, pugi::xml_node node) {
        const Shape& shape = service_.shape(member);
        switch (shape.type) {
            case Type::structure:
                return structure(shape, node);
            case Type::list:
                return list(shape, node, std::string(service_.item_of(shape).on_wire()));
            case Type::map:
                return malformed_map();
            default:
                break;
        }
        auto value = read_text(service_, member, node.child_value());
        if (!value) return wire::malformed_xml();
        return value;
    }

    Result<Json> list(const Shape& shape, pugi::xml_node parent, const std::string& item_name) {
        Json items = Json::array();
        for (const pugi::xml_node node : parent.children(item_name.c_str())) {
            OSBOT_TRY(auto item, read(service_.item_of(shape), node));
            items.push_back(std::move(item));
        }
        return items;
    }

    static Error malformed_map() { return wire::malformed_xml(); }  // no request of S3 has a map in its body

    const Service& service_;
};

// ---- JSON: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html ----

class Json_Reader {
public:
    explicit Json_Reader(const Service& service) : service_(service) {}

    Result<Json> structure(const Shape& shape, const Json& document) {
        Json object = Json::object();
        for (const Member& member : service_.members_of(shape)) {
            if (member.location != Location::body) continue;
            const auto found = document.find(member.on_wire());
            if (found == document.end() || found->is_null()) continue;
            OSBOT_TRY(object[member.name], read(service_.shape(member), *found));
        }
        return object;
    }

private:
    Result<Json> read(const Shape& shape, const Json& value) {
        if (!fits(shape.type, value)) {
            return Error{"SerializationException",
                         fmt::format("{} can not be converted to {}", json_kind(value), words(shape.type))};
        }
        switch (shape.type) {
            case Type::structure:
                return structure(shape, value);
            case Type::list:
                return list(shape, value);
            case Type::map:
                return map(shape, value);
            default:
                return value;
        }
    }

    static bool fits(Type type, const Json& value) {
        switch (type) {
            case Type::structure:
            case Type::map:
                return value.is_object();
            case Type::list:
                return value.is_array();
            case Type::integer:
                return value.is_number_integer();
            case Type::floating:
            case Type::timestamp:
                return value.is_number();
            case Type::boolean:
                return value.is_boolean();
            case Type::blob:
            case Type::string:
                return value.is_string();
        }
        return false;
    }

    static std::string_view words(Type type) {
        switch (type) {
            case Type::structure:
                return "a Structure";
            case Type::map:
                return "a Map";
            case Type::list:
                return "a List";
            case Type::integer:
                return "an Integer";
            case Type::floating:
                return "a Double";
            case Type::timestamp:
                return "a Timestamp";
            case Type::boolean:
                return "a Boolean";
            case Type::blob:
                return "a Blob";
            case Type::string:
                break;
        }
        return "a String";
    }

    Result<Json> list(const Shape& shape, const Json& items) {
        Json list = Json::array();
        for (const Json& item : items) {
            OSBOT_TRY(auto value,
                      item.is_null() ? Result<Json>(item) : read(service_.shape(service_.item_of(shape)), item));
            list.push_back(std::move(value));
        }
        return list;
    }

    Result<Json> map(const Shape& shape, const Json& entries) {
        Json map = Json::object();
        for (const auto& [key, entry] : entries.items()) {
            if (entry.is_null()) continue;
            OSBOT_TRY(map[key], read(service_.shape(service_.item_of(shape)), entry));
        }
        return map;
    }

    const Service& service_;
};

/// Reads the members that a REST request has outside of its body.
class Head_Reader {
public:
    Head_Reader(const Service& service, const Route& route, const wire::Request& request, Error_Details* details)
        : service_(service), route_(route), request_(request), details_(details) {}

    std::optional<Error> read(const Shape& shape, Json& input) {
        for (const Member& member : service_.members_of(shape)) {
            OSBOT_TRY(auto value, read(member));
            if (!value.is_null()) input[member.name] = std::move(value);
        }
        return std::nullopt;
    }

private:
    Result<Json> read(const Member& member) {
        const std::string_view name = member.on_wire();
        switch (member.location) {
            case Location::uri:
                return read_text(service_, member, route_.label(name));
            case Location::query:
                return read_query(member);
            case Location::headers:
                return read_headers(name);
            case Location::header:
                return read_header(member);
            default:
                return Json();
        }
    }

    Result<Json> read_header(const Member& member) {
        const std::string* value = request_.headers.find(member.on_wire());
        if (value == nullptr) return Json();
        return service_.shape(member).type == Type::list ? items_of(*value) : read_value(member, *value);
    }

    /// Reads a list in a header: "ETag, Checksum".
    static Json items_of(std::string_view text) {
        Json items = Json::array();
        while (!text.empty())
            if (const auto item = base::trimmed(base::take_until(text, ',')); !item.empty()) items.push_back(item);
        return items;
    }

    /// S3 ignores empty numbers, as in "?max-keys=".
    Result<Json> read_value(const Member& member, const std::string& text) {
        const bool is_text = service_.shape(member).type == Type::string;
        if (service_.protocol == Protocol::rest_xml && text.empty() && !is_text) return Json();
        auto value = read_text(service_, member, text);
        if (!value && details_ != nullptr)
            *details_ = {{"ArgumentName", std::string(member.on_wire())}, {"ArgumentValue", text}};
        return value;
    }

    Result<Json> read_query(const Member& member) {
        Json values = Json::array();
        const bool is_list = service_.shape(member).type == Type::list;
        for (const auto& [name, text] : route_.query) {
            if (name != member.on_wire()) continue;
            if (!is_list) return read_value(member, text);
            values.push_back(text);
        }
        return values.empty() ? Json() : values;
    }

    Json read_headers(std::string_view prefix) const {
        Json values = Json::object();
        for (const auto& [name, value] : request_.headers) {
            if (name.size() > prefix.size() &&
                base::equal_ignoring_case(std::string_view(name).substr(0, prefix.size()), prefix))
                values[base::lower_case(name.substr(prefix.size()))] = value;
        }
        return values.empty() ? Json() : values;
    }

    const Service& service_;
    const Route& route_;
    const wire::Request& request_;
    Error_Details* details_;
};

bool has_body_members(const Service& service, const Shape& shape) {
    return std::ranges::any_of(service.members_of(shape),
                               [](const Member& member) { return member.location == Location::body; });
}

Result<Json> read_form(const Service& service, const Shape& shape, const wire::Request& request) {
    Fields fields;
    for (const std::string_view form : {std::string_view(request.body.bytes()), request.query()})
        for (auto& [name, value] : wire::parse_query(form))
            if (!fields.contains(name)) fields.emplace(std::move(name), std::move(value));
    return Form_Reader(service, fields).structure(shape, "");
}

/// Reads an XML body: that of the payload member, or none.
Result<Json> read_xml_body(const Service& service, const Shape& shape, const wire::Request& request) {
    Json input = Json::object();
    for (const Member& member : service.members_of(shape)) {
        const Shape& payload = service.shape(member);
        if (member.location != Location::payload || payload.type != Type::structure) continue;
        if (request.body.bytes().empty() && !member.has(required)) continue;
        OSBOT_TRY(const auto document, wire::parse_xml(request.body.bytes()));
        const pugi::xml_node root = document.document_element();
        if (root.name() != member.on_wire()) return wire::malformed_xml();
        OSBOT_TRY(input[member.name], Xml_Reader(service).structure(payload, root));
    }
    return input;
}

Result<Json> read_body(const Service& service, const Shape& shape, const wire::Request& request) {
    if (service.protocol == Protocol::query) return read_form(service, shape, request);
    if (service.protocol == Protocol::rest_xml) return read_xml_body(service, shape, request);
    if (service.protocol == Protocol::rest_json && !has_body_members(service, shape)) return Json::object();
    OSBOT_TRY(const auto document, parse_json_object(request.body.bytes()));
    return read_json(service, shape, document);
}

}  // namespace

Result<Json> read_json(const Service& service, const Shape& shape, const Json& document) {
    return Json_Reader(service).structure(shape, document);
}

Result<Json> read_input(const Service& service, const Route& route, const wire::Request& request,
                        const Json& document) {
    const Shape& shape = service.shape(route.operation->input);
    OSBOT_TRY(auto input, read_json(service, shape, document));
    if (auto error = Head_Reader(service, route, request, nullptr).read(shape, input)) return *error;
    return input;
}

Result<Json> read_input(const Service& service, const Route& route, const wire::Request& request,
                        Error_Details* details) {
    if (route.operation->input == no_index) return Json::object();
    const Shape& shape = service.shape(route.operation->input);
    auto input = read_body(service, shape, request);
    if (!input || (service.protocol != Protocol::rest_json && service.protocol != Protocol::rest_xml)) return input;
    if (auto error = Head_Reader(service, route, request, details).read(shape, *input)) return *error;
    return input;
}

}  // namespace osbot_aws::aws
