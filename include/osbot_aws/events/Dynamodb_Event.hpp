#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/events/Batch_Response.hpp>

namespace osbot_aws::events {

struct Dynamodb_Item;

/// An attribute of an item, in DynamoDB's form: {"S": "text"}, {"N": "1.5"}, {"M": {...}} ...
///
/// Each accessor is for one type of attributes. Errors: Aws_Exception(InvalidEvent), naming the attribute and its type,
/// if it has another type. Source:
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
class Dynamodb_Value {
public:
    /// `name` is for errors.
    explicit Dynamodb_Value(Json value, std::string name = {}) : value_(std::move(value)), name_(std::move(name)) {}

    std::string type() const;         ///< Returns S, N, B, BOOL, NULL, M, L, SS, NS or BS.
    std::string text() const;         ///< Returns the text of an S.
    double number() const;            ///< Returns the value of an N, rounded to a double.
    std::int64_t integer() const;     ///< Returns the value of an N. Also fails for a fraction and for over 64 bits.
    std::string number_text() const;  ///< Returns an N with all of its digits, up to 38.
    std::string bytes() const;        ///< Returns the bytes of a B, decoded from base64.
    bool boolean() const;             ///< Returns the value of a BOOL.
    bool is_null() const;             ///< Returns whether the type is NULL.
    std::vector<Dynamodb_Value> list() const;  ///< Returns the elements of an L, SS, NS or BS.
    Dynamodb_Item map() const;                 ///< Returns the attributes of an M.

    /// Returns the value as ordinary JSON, of any type: {"L": [{"N": "1"}, {"S": "a"}]} is [1, "a"]. Sets are lists. A
    /// number that neither 64 bits nor a double represent exactly is a text, and the bytes of a B are base64.
    Json plain() const;
    /// Returns the value in DynamoDB's form.
    const Json& json() const { return value_; }

    bool operator==(const Dynamodb_Value& other) const { return value_ == other.value_; }

private:
    const Json& content(std::string_view type) const;

    Json value_;
    std::string name_;
};

/// The attributes of an item, or of a map in an item.
///
///     const double price = record.dynamodb.NewImage.at("price").number();
///     const auto order = record.dynamodb.NewImage.plain().get<Order>();
struct Dynamodb_Item {
    Json attributes = Json::object();  ///< in DynamoDB's form: {name: {type: value}}

    bool empty() const { return attributes.empty(); }  ///< Returns true if it has no attributes.
    /// Returns an attribute. Errors: Aws_Exception(InvalidEvent), naming the attribute, if it does not exist.
    Dynamodb_Value at(const std::string& name) const;
    /// Returns an attribute, or nothing if it does not exist.
    std::optional<Dynamodb_Value> find(const std::string& name) const;
    /// Returns the item as ordinary JSON: {"price": 1.5}. See Dynamodb_Value::plain(). Errors: Aws_Exception(
    /// InvalidEvent), naming the attribute that is not in DynamoDB's form.
    Json plain() const;

    bool operator==(const Dynamodb_Item&) const = default;
};

/// dynamodb of a Dynamodb_Record. StreamViewType determines which of the items are present.
struct Dynamodb_Change {
    double ApproximateCreationDateTime = 0;  ///< seconds since 1970
    Dynamodb_Item Keys = {};                 ///< the primary key of the item
    Dynamodb_Item NewImage = {};             ///< the item after the change; empty if it was removed
    Dynamodb_Item OldImage = {};             ///< the item before the change; empty if it was inserted
    std::string SequenceNumber = {};         ///< id for Batch_Response; increases within a shard
    std::int64_t SizeBytes = 0;              ///< size of the keys and the items
    std::string StreamViewType = {};         ///< KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES
    Json other = Json::object();             ///< all other members

    bool operator==(const Dynamodb_Change&) const = default;
};

/// One change of an item.
struct Dynamodb_Record {
    std::string eventID = {};            ///< unique id
    std::string eventName = {};          ///< INSERT, MODIFY or REMOVE
    std::string eventVersion = {};       ///< 1.1
    std::string eventSource = {};        ///< aws:dynamodb
    std::string awsRegion = {};          ///< region of the table
    Dynamodb_Change dynamodb = {};       ///< the change
    std::string eventSourceARN = {};     ///< ARN of the stream
    Json userIdentity = Json::object();  ///< {type, principalId} if DynamoDB removed an expired item
    Json other = Json::object();         ///< all other members

    bool operator==(const Dynamodb_Record&) const = default;
};

/// A batch of changes from the stream of a table.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member, or the
/// service that sent the event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
struct Dynamodb_Event {
    std::vector<Dynamodb_Record> Records = {};  ///< the records, in their order
    Json other = Json::object();                ///< all other members

    bool operator==(const Dynamodb_Event&) const = default;
};

/// Calls `process` for each record, up to the first for which it throws an exception; the reason is written to the log.
/// Returns this record: Lambda delivers it and all later records again, which keeps their order.
Batch_Response process_each(const Dynamodb_Event& event, const std::function<void(const Dynamodb_Record&)>& process);

void from_json(const Json& json, Dynamodb_Item& item);
void to_json(Json& json, const Dynamodb_Item& item);
void from_json(const Json& json, Dynamodb_Change& change);
void to_json(Json& json, const Dynamodb_Change& change);
void from_json(const Json& json, Dynamodb_Record& record);
void to_json(Json& json, const Dynamodb_Record& record);
void from_json(const Json& json, Dynamodb_Event& event);
void to_json(Json& json, const Dynamodb_Event& event);

}  // namespace osbot_aws::events
