#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::services {

/// A time, which is displayed as a date and compares as its milliseconds.
struct Insights_Time {
    std::int64_t ms = 0;
    auto operator<=>(const Insights_Time&) const = default;
};

/// A value of a query of CloudWatch Logs Insights. Booleans are 1 and 0.
using Insights_Value = std::variant<std::monostate, double, Insights_Time, std::string>;

bool has_value(const Insights_Value& value);
/// Returns a number; no value for one that is not finite, such as a division by zero or an overflow.
Insights_Value number_value(double number);
/// Returns a time, limited to the years 0 to 9999.
Insights_Time time_of_ms(double ms);
/// Returns the value as results have it: 12.5, 2026-11-30 16:00:00.000.
std::string text_of(const Insights_Value& value);
/// Returns a finite number, a time's milliseconds, or the finite number in a text.
std::optional<double> number_of(const Insights_Value& value);
/// Returns false for 0, for "" and without a value.
bool is_true(const Insights_Value& value);
/// Returns the memory of a value: its own and that of its text.
std::size_t memory_bytes(const Insights_Value& value);
/// Compares numbers by value and others by their text. Values without a value are the least.
std::weak_ordering compare(const Insights_Value& a, const Insights_Value& b);

/// A log event with its fields, which are found when a query uses one.
class Insights_Event {
public:
    std::string log, stream, message, pointer;
    std::int64_t timestamp_ms = 0, ingestion_ms = 0;

    /// Returns @message, a member of a JSON message (`a.b`, `a.0`), or a field of a Lambda function's log (@requestId).
    Insights_Value field(std::string_view name) const;
    /// Calls `visit` with the names of the fields and their values, without @ptr.
    void for_each_field(const std::function<void(const std::string&, const Insights_Value&)>& visit) const;
    /// Deletes the parsed message, which needs several times the memory of the text. It is parsed again on the next
    /// use.
    void forget_json() const { json_.reset(); }
    bool is_parsed() const { return json_.has_value(); }
    /// Returns the memory of the event, without the parsed message.
    std::size_t memory_bytes() const {
        return sizeof(*this) + log.size() + stream.size() + message.size() + pointer.size();
    }

private:
    const Json& json() const;
    Insights_Value of_lambda(std::string_view name) const;

    mutable std::optional<Json> json_;
};

/// A row on its way through the commands of a query: an event and the fields that the commands made, or only these.
class Insights_Row {
public:
    Insights_Row() = default;
    explicit Insights_Row(std::shared_ptr<const Insights_Event> event) : event_(std::move(event)) {}

    Insights_Value get(std::string_view name) const;
    void set(std::string_view name, Insights_Value value);
    const Insights_Event* event() const { return event_.get(); }
    std::size_t memory_bytes() const;

private:
    std::shared_ptr<const Insights_Event> event_;
    std::vector<std::pair<std::string, Insights_Value>> own_;
};

using Insights_Expression = std::function<Insights_Value(const Insights_Row&)>;

}  // namespace osbot_aws::services
