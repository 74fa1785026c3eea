#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::server {

/// A request's JSON fields, read by type; the first that has another one is the error.
class Fields {
public:
    explicit Fields(const Json& object) : object_(object) {}

    std::optional<std::string> text(const char* name);
    std::optional<std::int64_t> number(const char* name);
    bool flag(const char* name);
    std::optional<std::vector<std::string>> texts(const char* name);
    std::optional<std::map<std::string, std::string>> map(const char* name);
    std::optional<std::map<std::string, double>> numbers(const char* name);
    /// The fields of an object inside; an empty object when it isn't there.
    const Json& object(const char* name);
    /// The elements of a list of anything; none when it isn't there.
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

/// Errors: SerializationException when it isn't a JSON object. Nothing counts as {}.
Result<Json> parse_json_object(std::string_view text);

/// The answer of operations with an empty body: null.
Result<Json> nothing(const Result<void>& done);

}  // namespace osbot_aws::server
