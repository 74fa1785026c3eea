#include "aws/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <span>

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::aws {
namespace {

/// Returns the text of a scalar in a header or an XML element.
std::string scalar_text(const Shape& shape, const Json& value, bool in_header) {
    if (value.is_string()) return value.get<std::string>();
    if (shape.type != Type::timestamp) return base::dump_json(value);
    const auto time = base::from_unix_ms(static_cast<std::int64_t>(value.get<double>() * 1000));
    return in_header ? base::http_date(time) : base::iso8601_z(time);
}

// ---- XML: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html ----

std::string escaped(char special) {
    if (special == '&') return "&amp;";
    if (special == '<') return "&lt;";
    return special == '>' ? "&gt;" : fmt::format("&#{};", static_cast<int>(special));
}

/// Appends the text of an element.
void append_escaped(std::string& document, std::string_view text) {
    const auto is_special = [](char c) {
        return c == '&' || c == '<' || c == '>' || (c >= 0 && c < ' ' && c != '\t' && c != '\n');
    };
    for (;;) {
        const auto special = std::ranges::find_if(text, is_special);
        document.append(text.begin(), special);
        if (special == text.end()) return;
        document += escaped(*special);
        text = {special + 1, text.end()};
    }
}

/// Writes documents as text. A tree of pugixml for each would take most of the time of long lists.
class Xml_Writer {
public:
    Xml_Writer(const Service& service, std::string& document, std::span<const Long_List> lists = {})
        : service_(service), document_(document), lists_(lists) {}

    /// Writes an element; `attributes` are " name=value", `content` writes the elements or the text in it.
    template <class Content>
    void element(std::string_view name, std::string_view attributes, Content content) {
        document_.append("<").append(name).append(attributes).append(">");
        const std::size_t begin = document_.size();
        content();
        if (document_.size() > begin) return document_.append("</").append(name).append(">"), void();
        document_.back() = '/';
        document_ += '>';
    }

    /// Writes the members of an output.
    void output(const Shape& shape, const Json& object) {
        for (const Member& member : service_.members_of(shape)) {
            const auto list = std::ranges::find(lists_, std::string_view(member.name), &Long_List::member);
            if (list != lists_.end())
                long_list(shape, *list);
            else if (const auto value = object.find(member.name); value != object.end())
                write_in_body(member, *value);
        }
    }

    void structure(const Shape& shape, const Json& object) {
        std::size_t remaining = object.size();
        for (const Member& member : service_.members_of(shape)) {
            if (remaining == 0) return;  // most members of a shape are optional and missing
            const auto value = object.find(member.name);
            if (value == object.end()) continue;
            --remaining;
            write_in_body(member, *value);
        }
    }

    void text_element(std::string_view name, std::string_view text) {
        element(name, {}, [&] { append_escaped(document_, text); });
    }

private:
    void long_list(const Shape& output, const Long_List& list) {
        std::string_view name = list.member;
        for (Json item = Json::object(); list.next(item, name);) {
            const Member& member = *service_.find_member(output, name);
            assert(member.has(flattened));  // as all lists of S3 that are long
            write(service_.shape(service_.item_of(service_.shape(member))), item, member.on_wire());
        }
    }

    void write_in_body(const Member& member, const Json& value) {
        if (member.location != Location::body || member.has(attribute) || value.is_null()) return;
        const Shape& shape = service_.shape(member);
        if (shape.type == Type::list && member.has(flattened)) return items(shape, value, member.on_wire());
        if (shape.type == Type::map && member.has(flattened)) return entries(shape, value, member.on_wire());
        write(shape, value, member.on_wire());
    }

    void write(const Shape& shape, const Json& value, std::string_view name) {
        switch (shape.type) {
            case Type::structure:
                return element(name, attributes_of(shape, value), [&] { structure(shape, value); });
            case Type::list:
                return element(name, {}, [&] { items(shape, value, service_.item_of(shape).on_wire()); });
            case Type::map:
                return element(name, {}, [&] { entries(shape, value, "entry"); });
            default:
                if (value.is_string()) return text_element(name, value.get_ref<const std::string&>());
                text_element(name, scalar_text(shape, value, false));
        }
    }

    std::string attributes_of(const Shape& shape, const Json& object) const {
        std::string attributes;
        for (const Member& member : service_.members_of(shape)) {
            if (!member.has(attribute) || !object.contains(member.name)) continue;
            if (member.on_wire().starts_with("xsi:"))
                attributes += " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
            attributes.append(" ").append(member.on_wire()).append("=\"");
            append_escaped(attributes, object[member.name].get<std::string>());
            attributes += '"';
        }
        return attributes;
    }

    void items(const Shape& shape, const Json& list, std::string_view name) {
        for (const Json& item : list) write(service_.shape(service_.item_of(shape)), item, name);
    }

    void entries(const Shape& shape, const Json& map, std::string_view name) {
        const Member &key_member = service_.members_of(shape).front(), &value_member = service_.item_of(shape);
        for (const auto& [key, value] : map.items()) {
            element(name, {}, [&, &key_ = key, &value_ = value] {
                text_element(key_member.on_wire(), key_);
                write(service_.shape(value_member), value_, value_member.on_wire());
            });
        }
    }

    const Service& service_;
    std::string& document_;
    std::span<const Long_List> lists_;
};

constexpr std::string_view xml_declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string xmlns_of(const Service& service) { return fmt::format(" xmlns=\"{}\"", service.xml_namespace); }

// ---- JSON ----

class Json_Writer {
public:
    explicit Json_Writer(const Service& service) : service_(service) {}

    /// Returns the text of an output. Most outputs are their document, which needs no copy.
    std::string text(const Shape& shape, const Json& object) const {
        if (is_document(shape, object)) return base::dump_json_lossy(object);
        return base::dump_json_lossy(structure(shape, object));
    }

private:
    /// Returns true if all members are in the shape, in the body, with their names.
    bool is_document(const Shape& shape, const Json& object) const {
        std::size_t known = 0;
        for (const Member& member : service_.members_of(shape)) {
            const auto value = object.find(std::string_view(member.name));
            if (value == object.end()) continue;
            const bool same = member.location == Location::body && member.wire_name == nullptr;
            if (!same || !is_same(service_.shape(member), *value)) return false;
            ++known;
        }
        return known == object.size();
    }

    bool is_same(const Shape& shape, const Json& value) const {
        if (shape.type == Type::structure && value.is_object()) return is_document(shape, value);
        if (shape.type != Type::list && shape.type != Type::map) return true;
        const Shape& item = service_.shape(service_.item_of(shape));
        return std::all_of(value.begin(), value.end(), [&](const Json& each) { return is_same(item, each); });
    }

    Json structure(const Shape& shape, const Json& object) const {
        Json document = Json::object();
        for (const Member& member : service_.members_of(shape)) {
            const auto value = object.find(member.name);
            if (member.location == Location::body && value != object.end())
                document[std::string(member.on_wire())] = write(service_.shape(member), *value);
        }
        return document;
    }

    Json write(const Shape& shape, const Json& value) const {
        if (value.is_null()) return value;
        if (shape.type == Type::structure) return structure(shape, value);
        if (shape.type != Type::list && shape.type != Type::map) return value;
        const Shape& item = service_.shape(service_.item_of(shape));
        if (item.type != Type::structure && item.type != Type::list && item.type != Type::map) return value;
        Json copy = shape.type == Type::list ? Json::array() : Json::object();
        for (const auto& [key, each] : value.items()) {
            if (shape.type == Type::list)
                copy.push_back(write(item, each));
            else
                copy[key] = write(item, each);
        }
        return copy;
    }

    const Service& service_;
};

const char* content_type(Protocol protocol) {
    switch (protocol) {
        case Protocol::json10:
            return "application/x-amz-json-1.0";
        case Protocol::json11:
            return "application/x-amz-json-1.1";
        case Protocol::query:
            return "text/xml";
        case Protocol::rest_xml:
            return "application/xml";
        case Protocol::rest_json:
            break;
    }
    return "application/json";
}

std::string query_body(const Service& service, const Operation& operation, const Json& output, std::string_view id) {
    std::string document(xml_declaration);
    Xml_Writer writer(service, document);
    const std::string name = operation.name;
    writer.element(name + "Response", xmlns_of(service), [&] {
        if (operation.output != no_index)
            writer.element(name + "Result", {}, [&] { writer.structure(service.shape(operation.output), output); });
        writer.element("ResponseMetadata", {}, [&] { writer.text_element("RequestId", id); });
    });
    return document;
}

/// Returns the text of an XML body: the payload member, or the members of the output in an element of its name.
std::string xml_body(const Service& service, const Shape& shape, const Json& output,
                     const std::vector<Long_List>& lists) {
    const auto members = service.members_of(shape);
    const auto payload = std::ranges::find(members, Location::payload, &Member::location);
    const bool has_payload = payload != members.end();
    if (has_payload && !output.contains(payload->name)) return {};
    const auto is_in_body = [](const Member& member) { return member.location == Location::body; };
    if (!has_payload && std::ranges::none_of(members, is_in_body)) return {};
    const std::string_view of_shape = shape.element != nullptr ? shape.element : shape.name;
    const std::string_view name = has_payload ? payload->on_wire() : of_shape;
    // GetBucketLocation: the root is the member. Source:
    // https://smithy.io/2.0/aws/customizations/s3-customizations.html
    const bool is_member = !has_payload && service.find_member(shape, name) != nullptr;
    std::string document(xml_declaration);
    Xml_Writer writer(service, document, lists);
    writer.element(name, xmlns_of(service), [&] {
        if (is_member)
            append_escaped(document, output.value(std::string(name), ""));
        else if (has_payload)
            writer.structure(service.shape(*payload), output[payload->name]);
        else
            writer.output(shape, output);
    });
    return document;
}

std::string body_text(const Service& service, const Operation& operation, const Json& output, std::string_view id,
                      const std::vector<Long_List>& lists) {
    if (service.protocol == Protocol::query) return query_body(service, operation, output, id);
    if (operation.output == no_index) return {};
    const Shape& shape = service.shape(operation.output);
    if (service.protocol == Protocol::rest_xml) return xml_body(service, shape, output, lists);
    return Json_Writer(service).text(shape, output);
}

void add_headers(const Service& service, const Operation& operation, const Json& output, wire::Response& response) {
    if (operation.output == no_index) return;
    for (const Member& member : service.members_of(service.shape(operation.output))) {
        if (member.location == Location::body) continue;
        const auto value = output.find(member.name);
        if (value == output.end() || value->is_null()) continue;
        if (member.location == Location::status) response.status = value->get<int>();
        if (member.location == Location::header)
            response.headers.set(member.on_wire(), scalar_text(service.shape(member), *value, true));
        if (member.location != Location::headers) continue;
        for (const auto& [name, text] : value->items())
            response.headers.add(std::string(member.on_wire()) + name, text.get<std::string>());
    }
}

/// Errors of SQS that have several names: that of the engine, of JSON and of the Query protocol, which SQS had until
/// 2023. Source: botocore's model of SQS before and after that year
struct Code_Names {
    std::string_view code, json, query;
};
constexpr Code_Names renamed_sqs_codes[] = {
    {"QueueDoesNotExist", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
    {"QueueNameExists", "QueueNameExists", "QueueAlreadyExists"},
    {"InvalidParameterValue", "InvalidParameterValueException", "InvalidParameterValue"},
    {"MissingParameter", "MissingRequiredParameterException", "MissingParameter"},
};
/// Codes that begin with "AWS.SimpleQueueService." in the Query protocol.
constexpr std::string_view prefixed_sqs_codes[] = {
    "PurgeQueueInProgress",     "MessageNotInflight",  "EmptyBatchRequest",   "TooManyEntriesInBatchRequest",
    "BatchEntryIdsNotDistinct", "InvalidBatchEntryId", "BatchRequestTooLong", "UnsupportedOperation"};

const Code_Names* renamed(std::string_view code) {
    const auto* const found = std::ranges::find(renamed_sqs_codes, code, &Code_Names::code);
    return found == std::end(renamed_sqs_codes) ? nullptr : found;
}

/// Writes an error of SQS in the Query protocol. Source of the message: localstack,
/// tests/aws/services/sqs/test_sqs.snapshot.json, test_non_existent_queue
wire::Response sqs_query_error(const Service& service, Error error, std::string_view request_id) {
    if (error.code == "QueueDoesNotExist") error.message = "The specified queue does not exist for this wsdl version.";
    error.code = query_code(error.code);
    return wire::query_error(error, request_id, service.xml_namespace, wire::Has_Detail::yes);
}

/// Writes an error of SQS, with the code of the Query protocol in a header, which SDKs show to their users.
/// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible
wire::Response query_compatible_error(const Service& service, const Error& cause, std::string_view request_id) {
    Error error = wire::with_http_status(cause);
    const Code_Names* names = renamed(cause.code);
    error.code = fmt::format("com.amazonaws.{}#{}", service.name, names == nullptr ? cause.code : names->json);
    wire::Response response = wire::json10_error(error, request_id);
    response.headers.set("x-amzn-query-error", fmt::format("{};{}", query_code(cause.code),
                                                           error.http_status >= 500 ? "Receiver" : "Sender"));
    return response;
}

}  // namespace

std::string query_code(std::string_view code) {
    if (const Code_Names* names = renamed(code)) return std::string(names->query);
    const bool is_prefixed = std::ranges::find(prefixed_sqs_codes, code) != std::end(prefixed_sqs_codes);
    return fmt::format("{}{}", is_prefixed ? "AWS.SimpleQueueService." : "", code);
}

wire::Response write_output(const Service& service, const Operation& operation, const Json& output,
                            std::string_view request_id, const std::vector<Long_List>& lists) {
    wire::Response response{.status = operation.status, .headers = {}, .body = {}};
    response.body = body_text(service, operation, output, request_id, lists);
    if (service.protocol == Protocol::rest_xml) {
        // S3's responses without a body have no type, except those to HEAD
        if (!response.body.bytes().empty() || std::string_view(operation.method) == "HEAD")
            response.headers.add("Content-Type", content_type(service.protocol));
        response.headers.add("x-amz-request-id", std::string(request_id));
        response.headers.add("x-amz-id-2", std::string(request_id));
    } else {
        response.headers.add("Content-Type", content_type(service.protocol));
        response.headers.add("x-amzn-RequestId", std::string(request_id));
    }
    add_headers(service, operation, output, response);
    if (constexpr int no_content = 204; response.status == no_content) response.body = {};
    return response;
}

wire::Response write_error(const Service& service, const Error& cause, std::string_view request_id,
                           const Error_Details& details) {
    Error error = cause;
    const auto known =
        std::ranges::find_if(service.errors, [&](const Error_Model& each) { return each.code == cause.code; });
    if (known != service.errors.end() && known->status != 0) error.http_status = known->status;
    switch (service.protocol) {
        case Protocol::rest_xml:
            return wire::rest_xml_error(error, request_id, details);
        case Protocol::query:
            if (std::string_view(service.name) == "sqs") return sqs_query_error(service, std::move(error), request_id);
            return wire::query_error(error, request_id, service.xml_namespace);
        case Protocol::json11:
            return wire::json11_error(error, request_id);
        case Protocol::json10:
            return query_compatible_error(service, error, request_id);
        case Protocol::rest_json:
            break;
    }
    return wire::rest_json_error(error, request_id);
}

Error not_implemented(const Service& service, std::string_view operation) {
    return wire::not_implemented(service.title, operation);
}

}  // namespace osbot_aws::aws
