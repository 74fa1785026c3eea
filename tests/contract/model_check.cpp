#include "contract/model_check.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

#include "aws/models/models.hpp"
#include "aws/routes.hpp"
#include "aws/sqs_query_model.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "wire/xml.hpp"

namespace osbot_aws {
namespace {

using aws::Member;
using aws::Service;
using aws::Shape;
using aws::Type;

const Service& model_of(const std::string& service) {
    if (service == "sqs_query") return aws::sqs_query_model();
    for (const Service* model : {&aws::iam_model(), &aws::lambda_model(), &aws::logs_model(), &aws::s3_model(),
                                 &aws::sqs_model(), &aws::sts_model()})
        if (service == model->name) return *model;
    throw std::invalid_argument("no model of " + service);
}

const Member* member_on_wire(const Service& service, const Shape& shape, std::string_view name) {
    const auto members = service.members_of(shape);
    const auto found = std::ranges::find_if(members, [&](const Member& each) { return each.on_wire() == name; });
    return found == members.end() ? nullptr : &*found;
}

std::string difference_in_json(const Service& service, const Shape& shape, const Json& value, const std::string& path);

std::string difference_in_structure(const Service& service, const Shape& shape, const Json& object,
                                    const std::string& path) {
    for (const auto& [name, value] : object.items()) {
        const Member* member = member_on_wire(service, shape, name);
        if (member == nullptr) return path + "." + name + " is not in the model";
        if (auto fault = difference_in_json(service, service.shape(*member), value, path + "." + name); !fault.empty())
            return fault;
    }
    return "";
}

std::string difference_in_json(const Service& service, const Shape& shape, const Json& value, const std::string& path) {
    if (value.is_null()) return "";
    const bool fits = shape.type == Type::structure || shape.type == Type::map        ? value.is_object()
                      : shape.type == Type::list                                      ? value.is_array()
                      : shape.type == Type::boolean                                   ? value.is_boolean()
                      : shape.type == Type::integer                                   ? value.is_number_integer()
                      : shape.type == Type::floating || shape.type == Type::timestamp ? value.is_number()
                                                                                      : value.is_string();
    if (!fits) return path + " has another type in the model";
    if (shape.type == Type::structure) return difference_in_structure(service, shape, value, path);
    if (shape.type != Type::list && shape.type != Type::map) return "";
    for (const auto& [key, item] : value.items()) {
        auto fault = difference_in_json(service, service.shape(service.item_of(shape)), item, path + "." + key);
        if (!fault.empty()) return fault;
    }
    return "";
}

/// Returns true if the text of an element, which has no elements, has the type of the model.
bool is_of_type(Type type, const std::string& text) {
    switch (type) {
        case Type::integer:
            return base::parse_number<std::int64_t>(text).has_value();
        case Type::floating:
            return base::parse_double(text).has_value();
        case Type::boolean:
            return text == "true" || text == "false";
        case Type::timestamp:
            return base::parse_iso8601(text).has_value();
        default:
            return true;
    }
}

std::string difference_in_xml(const Service& service, const Shape& shape, pugi::xml_node node, const std::string& path);

/// Compares an element of a member, or of an item of a list.
std::string difference_in_value(const Service& service, const Shape& shape, pugi::xml_node node,
                                const std::string& path) {
    if (shape.type == Type::structure) return difference_in_xml(service, shape, node, path);
    if (shape.type == Type::list) {
        const Member& item = service.item_of(shape);
        for (const pugi::xml_node child : node.children()) {
            if (child.name() != item.on_wire()) return path + "/" + child.name() + " is not in the model";
            auto fault = difference_in_value(service, service.shape(item), child, path + "/" + child.name());
            if (!fault.empty()) return fault;
        }
    }
    return is_of_type(shape.type, node.child_value()) ? "" : path + " has another type in the model";
}

std::string difference_in_xml(const Service& service, const Shape& shape, pugi::xml_node node,
                              const std::string& path) {
    for (const pugi::xml_node child : node.children()) {
        if (child.type() != pugi::node_element) continue;
        const std::string at = path + "/" + child.name();
        const Member* member = member_on_wire(service, shape, child.name());
        if (member == nullptr) return at + " is not in the model";
        const Shape& inner = service.shape(*member);
        const bool is_item = inner.type == Type::list && member->has(aws::flattened);
        auto fault = difference_in_value(service, is_item ? service.shape(service.item_of(inner)) : inner, child, at);
        if (!fault.empty()) return fault;
    }
    return "";
}

/// Compares an XML body: the result of the Query protocol, or a document of S3.
std::string difference_in_document(const Service& service, const aws::Operation& operation, const Shape& shape,
                                   const std::string& bytes) {
    const auto document = wire::parse_xml(bytes);
    if (!document) return "not XML: " + bytes;
    const pugi::xml_node root = document->document_element();
    if (service.protocol == aws::Protocol::query) {
        const pugi::xml_node result = root.child((std::string(operation.name) + "Result").c_str());
        return difference_in_xml(service, shape, result, root.name());
    }
    const auto members = service.members_of(shape);
    const auto payload = std::ranges::find(members, aws::Location::payload, &Member::location);
    return difference_in_xml(service, payload == members.end() ? shape : service.shape(*payload), root, root.name());
}

bool has_bytes_as_payload(const Service& service, const Shape& shape) {
    return std::ranges::any_of(service.members_of(shape), [&](const Member& member) {
        return member.location == aws::Location::payload && service.shape(member).type != Type::structure;
    });
}

/// Returns the status of AWS's responses. The model has another one than the examples, which AWS returns:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html, API_PutBucketPolicy.html
int status_of(const aws::Operation& operation) {
    const std::string_view name = operation.name;
    return name == "PutBucketTagging" || name == "PutBucketPolicy" ? 204 : operation.status;
}

/// Returns true for a form that a web page sends to S3. The model does not have this operation.
bool is_form_of_page(const std::string& service, const wire::Request& request) {
    return service == "s3" && request.headers["Content-Type"].starts_with("multipart/form-data");
}

}  // namespace

std::string difference_from_model(const std::string& name, const wire::Request& request,
                                  const wire::Response& response) {
    const Service& service = model_of(name);
    const aws::Operation* operation = aws::find_route(service, request).operation;
    const std::string& bytes = response.body.bytes();
    if (operation == nullptr) return is_form_of_page(name, request) ? "" : "no operation of the model has this request";
    static const Shape no_output{"no output", Type::structure};
    const Shape& shape = operation->output == aws::no_index ? no_output : service.shape(operation->output);
    const bool has_status = std::ranges::any_of(
        service.members_of(shape), [](const Member& member) { return member.location == aws::Location::status; });
    const bool is_partial = response.status == 206;   // ranges of GetObject
    const bool is_accepted = response.status == 202;  // the first RestoreObject of an object
    const int status = status_of(*operation);
    if (!has_status && !is_partial && !is_accepted && response.status != status)
        return "the status in the model is " + std::to_string(status);
    if (bytes.empty() || has_bytes_as_payload(service, shape) || response.body.stream()) return "";
    const std::string fault = bytes.starts_with('<')
                                  ? difference_in_document(service, *operation, shape, bytes)
                                  : difference_in_structure(service, shape, Json::parse(bytes, nullptr, false), "");
    return fault.empty() ? "" : std::string(operation->name) + ": " + fault;
}

}  // namespace osbot_aws
