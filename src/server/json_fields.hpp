#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/loop.hpp"
#include "base/result.hpp"

namespace osbot_aws::server {

/// Reads the JSON fields of a request by type. error() is set for the first field with another type.
class Fields {
public:
    explicit Fields(const Json& object) : object_(object) {}

    std::optional<std::string> text(const char* name);
    std::optional<std::int64_t> number(const char* name);
    bool flag(const char* name);
    std::optional<std::vector<std::string>> texts(const char* name);
    std::optional<std::map<std::string, std::string>> map(const char* name);
    std::optional<std::map<std::string, double>> numbers(const char* name);
    /// Returns a nested object, or an empty object if it is missing.
    const Json& object(const char* name);
    /// Returns a list with elements of any type, or an empty list if it is missing.
    const Json& list(const char* name);
    bool has(const char* name) const { return find(name) != nullptr; }

    /// SerializationException.
    const std::optional<Error>& error() const { return error_; }
    void fail(Error error) {
        if (!error_) error_ = std::move(error);
    }

private:
    const Json* find(const char* name) const;
    void mismatch(const Json& found, std::string_view expected);

    const Json& object_;
    std::optional<Error> error_;
};

/// Parses a JSON object. An empty text counts as {}. Errors: SerializationException.
Result<Json> parse_json_object(std::string_view text);
/// The same for a request of any size: above parsed_on_loop_bytes_max it is parsed on a worker. Calls `done` on the
/// loop.
void parse_json_object(base::Loop& loop, std::string text, std::function<void(Result<Json>)> done);
constexpr std::size_t parsed_on_loop_bytes_max = 256 * 1024;

/// Returns the result of operations with an empty response body: null.
Result<Json> nothing(const Result<void>& done);

}  // namespace osbot_aws::server
