#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "aws/model.hpp"
#include "wire/request_text.hpp"

namespace osbot_aws::test_support {

inline std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// Writes the request of an operation with this input, as a client of AWS sends it.
class Model_Request {
public:
    explicit Model_Request(const aws::Service& service) : service_(service) {}

    wire::Request of(const aws::Operation& operation, const Json& input) {
        request_ = {.method = operation.method, .target = operation.uri, .headers = {}, .body = {}};
        const bool is_query = service_.protocol == aws::Protocol::query;
        if (is_query) form_ = fmt::format("Action={}&Version={}", operation.name, service_.version);
        if (operation.input != aws::no_index) add_members(service_.shape(operation.input), input);
        if (is_query) request_.body = form_;
        if (*service_.target != '\0')
            request_.headers.set("X-Amz-Target", fmt::format("{}.{}", service_.target, operation.name));
        return request_;
    }

private:
    void add_members(const aws::Shape& shape, const Json& input) {
        Json body = Json::object();
        for (const aws::Member& member : service_.members_of(shape)) {
            const auto value = input.find(member.name);
            if (value == input.end()) continue;
            if (member.location == aws::Location::body)
                body[std::string(member.on_wire())] = *value;
            else
                add_outside_body(member, *value);
        }
        if (service_.protocol == aws::Protocol::query)
            add_form(shape, input, "");
        else if (service_.protocol == aws::Protocol::json10 || service_.protocol == aws::Protocol::json11)
            request_.body = input.dump();
        else if (!body.empty())
            request_.body = body.dump();
    }

    void add_outside_body(const aws::Member& member, const Json& value) {
        const std::string name(member.on_wire());
        switch (member.location) {
            case aws::Location::uri:
                replace_label(request_.target.find("{" + name), wire::percent_encode(text_of(value)));
                break;
            case aws::Location::query:
                for (const Json& item : value.is_array() ? value : Json::array({value})) add_query(name, item);
                break;
            case aws::Location::header:
                request_.headers.add(name, value.is_array() ? joined(value) : text_of(value));
                break;
            case aws::Location::headers:
                for (const auto& [key, text] : value.items()) request_.headers.add(name + key, text_of(text));
                break;
            default:
                add_payload(member, value);
        }
    }

    static std::string joined(const Json& list) {
        std::string text;
        for (const Json& item : list) text += (text.empty() ? "" : ",") + text_of(item);
        return text;
    }

    void add_payload(const aws::Member& member, const Json& value) {
        if (value.is_object() && service_.protocol == aws::Protocol::rest_xml)
            request_.body = element(std::string(member.on_wire()), service_.shape(member), value);
        else
            request_.body = value.is_string() ? text_of(value) : value.dump();
    }

    /// Returns a value as an element of XML.
    std::string element(const std::string& name, const aws::Shape& shape, const Json& value) const {
        std::string content;
        if (shape.type == aws::Type::structure) {
            for (const aws::Member& member : service_.members_of(shape))
                if (const auto found = value.find(member.name); found != value.end())
                    content += elements(member, *found);
        } else if (shape.type == aws::Type::list) {
            const aws::Member& item = service_.item_of(shape);
            for (const Json& each : value) content += element(std::string(item.on_wire()), service_.shape(item), each);
        } else {
            content = text_of(value);
        }
        return fmt::format("<{0}>{1}</{0}>", name, content);
    }

    std::string elements(const aws::Member& member, const Json& value) const {
        const aws::Shape& shape = service_.shape(member);
        const std::string name(member.on_wire());
        if (shape.type != aws::Type::list || !member.has(aws::flattened)) return element(name, shape, value);
        std::string all;
        for (const Json& item : value) all += element(name, service_.shape(service_.item_of(shape)), item);
        return all;
    }

    void replace_label(std::size_t at, const std::string& text) {
        request_.target.replace(at, request_.target.find('}', at) + 1 - at, text);
    }

    void add_query(const std::string& name, const Json& value) {
        request_.target += request_.target.find('?') == std::string::npos ? '?' : '&';
        request_.target += name + "=" + wire::percent_encode(text_of(value));
    }

    /// Adds the members of a structure to a form, below `prefix`: "" or "Tags.member.1.".
    void add_form(const aws::Shape& shape, const Json& value, const std::string& prefix) {
        for (const aws::Member& member : service_.members_of(shape)) {
            const auto found = value.find(member.name);
            if (found != value.end()) add_field(service_.shape(member), *found, prefix + std::string(member.on_wire()));
        }
    }

    void add_field(const aws::Shape& shape, const Json& value, const std::string& name) {
        if (shape.type == aws::Type::structure) return add_form(shape, value, name + ".");
        if (shape.type != aws::Type::list) {
            form_ += fmt::format("&{}={}", name, wire::percent_encode(text_of(value)));
            return;
        }
        std::size_t number = 0;
        for (const Json& item : value)
            add_field(service_.shape(service_.item_of(shape)), item, fmt::format("{}.member.{}", name, ++number));
    }

    const aws::Service& service_;
    wire::Request request_;
    std::string form_;
};

inline wire::Request model_request(const aws::Service& service, const aws::Operation& operation, const Json& input) {
    return Model_Request(service).of(operation, input);
}

}  // namespace osbot_aws::test_support
