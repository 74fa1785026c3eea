#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::aws {

/// Accesses the members of an input that was read by the model, so a member that is there has the type of the model.
/// Compiled once: each use of nlohmann's templates costs compile time in the file of the caller.
class Fields {
public:
    explicit Fields(const Json& object) : object_(object) {}

    bool has(std::string_view name) const { return find(name) != nullptr; }
    std::optional<std::string> text(std::string_view name) const;
    std::string text_or(std::string_view name, std::string_view default_value = "") const;
    std::optional<std::int64_t> number(std::string_view name) const;
    /// Returns a number within the range of int: larger ones are its limits.
    std::optional<int> integer(std::string_view name) const;
    bool flag(std::string_view name) const;  ///< false if it is missing
    std::vector<std::string> texts(std::string_view name) const;
    std::map<std::string, std::string> map(std::string_view name) const;
    /// Returns Key and Value of each item of a list, the form of tags.
    std::vector<std::pair<std::string, std::string>> pairs(std::string_view name) const;
    const Json& object(std::string_view name) const;  ///< {} if it is missing
    const Json& list(std::string_view name) const;    ///< [] if it is missing
    const Json& json() const { return object_; }

private:
    const Json* find(std::string_view name) const;

    const Json& object_;
};

}  // namespace osbot_aws::aws
