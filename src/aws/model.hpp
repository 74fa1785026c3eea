#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace osbot_aws::aws {

// The models that AWS publishes of its services: operations, members, where the members travel, and their constraints.
// `make models` generates the tables in src/aws/models. They refer to each other by indexes, which need no relocation
// when the program starts.

enum class Type : std::uint8_t {
    structure,
    list,
    map,
    string,
    integer,
    floating,
    boolean,
    timestamp,
    blob,
};

/// The part of a request or response in which a member travels.
enum class Location : std::uint8_t {
    body,     ///< a member of the body's document
    payload,  ///< the whole body
    uri,      ///< a label of the URI
    query,
    header,
    headers,  ///< a map: header names with a common prefix
    status,   ///< of the response
};

/// Properties of shapes and members.
enum Flag : std::uint8_t {
    none = 0,
    required = 1,
    flattened = 2,      ///< XML: the items of a list or map without an element around them
    attribute = 4,      ///< XML: an attribute of the element
    streaming = 8,      ///< a blob or a stream of events that is not kept in memory
    token = 16,         ///< an idempotency token
    tagged_union = 32,  ///< a structure with exactly one member
    iso8601 = 64,       ///< the format of a timestamp, if it is not that of the protocol
    unix_seconds = 128,
};

using Flags = std::uint8_t;

constexpr std::uint16_t no_index = std::numeric_limits<std::uint16_t>::max();
constexpr std::int64_t no_minimum = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t no_maximum = std::numeric_limits<std::int64_t>::max();

/// The constraints of a shape: of a number, of the length of a string or blob, or of the size of a list or map.
struct Rule {
    std::int64_t min = no_minimum, max = no_maximum;
    const char* pattern = nullptr;   ///< as AWS writes it
    const char* matched = nullptr;   ///< the same for base::Regex, if it differs
    const char* excluded = nullptr;  ///< texts that match this one do not satisfy the pattern (AWS uses lookahead)
    std::uint16_t first_value = 0, value_count = 0;  ///< of an enumeration
};

struct Shape {
    const char* name;
    Type type;
    Flags flags = none;
    std::uint16_t first_member = 0, member_count = 0;  ///< a list has one, a map has two: key and value
    std::uint16_t rule = no_index;
    const char* element = nullptr;  ///< XML: the root of a response's document, if its name is not that of the shape
};

struct Member {
    const char* name;
    const char* wire_name;  ///< in the document, header or query; nullptr if it is `name`
    std::uint16_t shape;
    Location location = Location::body;
    Flags flags = none;

    std::string_view on_wire() const { return wire_name == nullptr ? name : wire_name; }
    bool has(Flag flag) const { return (flags & flag) != 0; }
};

struct Operation {
    const char* name;
    const char* method;
    const char* uri;  ///< a template: "/2015-03-31/functions/{FunctionName}", "/{Bucket}/{Key+}?acl"
    std::uint16_t status;
    std::uint16_t input, output;  ///< shapes, or no_index
};

/// An error of a service.
struct Error_Model {
    const char* shape;
    const char* code;      ///< on the wire
    std::uint16_t status;  ///< 0 if the model has none
};

enum class Protocol : std::uint8_t { rest_json, rest_xml, query, json10, json11 };

/// The model of a service.
struct Service {
    const char* name;           ///< in a signature's scope: "lambda"
    const char* title;          ///< in messages: "Lambda"
    const char* version;        ///< of the API: "2015-03-31"
    const char* target;         ///< prefix of X-Amz-Target, of the JSON protocols: "AmazonSQS"
    const char* xml_namespace;  ///< of the XML protocols
    Protocol protocol;
    std::span<const Operation> operations;  ///< in the order of their names
    std::span<const Shape> shapes;
    std::span<const Member> members;
    std::span<const Rule> rules;
    std::span<const char* const> values;  ///< of enumerations
    std::span<const Error_Model> errors;

    const Shape& shape(std::uint16_t index) const { return shapes[index]; }
    const Shape& shape(const Member& member) const { return shapes[member.shape]; }
    std::span<const Member> members_of(const Shape& shape) const {
        return members.subspan(shape.first_member, shape.member_count);
    }
    /// Returns the shape of the items of a list or of the values of a map.
    const Member& item_of(const Shape& shape) const { return members_of(shape).back(); }
    const Rule* rule_of(const Shape& shape) const { return shape.rule == no_index ? nullptr : &rules[shape.rule]; }
    std::span<const char* const> values_of(const Rule& rule) const {
        return values.subspan(rule.first_value, rule.value_count);
    }
    /// Returns nullptr for an unknown name.
    const Operation* find_operation(std::string_view name) const;
    const Member* find_member(const Shape& shape, std::string_view name) const;
};

}  // namespace osbot_aws::aws
