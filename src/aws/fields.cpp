#include "aws/fields.hpp"

#include <algorithm>
#include <limits>

namespace osbot_aws::aws {

const Json* Fields::find(std::string_view name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> Fields::text(std::string_view name) const {
    const Json* found = find(name);
    return found == nullptr ? std::nullopt : std::optional(found->get<std::string>());
}

std::string Fields::text_or(std::string_view name, std::string_view default_value) const {
    return text(name).value_or(std::string(default_value));
}

std::optional<std::int64_t> Fields::number(std::string_view name) const {
    const Json* found = find(name);
    return found == nullptr ? std::nullopt : std::optional(found->get<std::int64_t>());
}

std::optional<int> Fields::integer(std::string_view name) const {
    using Limits = std::numeric_limits<int>;
    const auto value = number(name);
    if (!value) return std::nullopt;
    return static_cast<int>(std::clamp<std::int64_t>(*value, Limits::min(), Limits::max()));
}

bool Fields::flag(std::string_view name) const {
    const Json* found = find(name);
    return found != nullptr && found->get<bool>();
}

std::vector<std::string> Fields::texts(std::string_view name) const {
    return list(name).get<std::vector<std::string>>();
}

std::map<std::string, std::string> Fields::map(std::string_view name) const {
    return object(name).get<std::map<std::string, std::string>>();
}

std::vector<std::pair<std::string, std::string>> Fields::pairs(std::string_view name) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const Json& item : list(name)) {
        const Fields fields(item);
        found.emplace_back(fields.text_or("Key"), fields.text_or("Value"));
    }
    return found;
}

const Json& Fields::object(std::string_view name) const {
    static const Json none = Json::object();
    const Json* found = find(name);
    return found == nullptr ? none : *found;
}

const Json& Fields::list(std::string_view name) const {
    static const Json none = Json::array();
    const Json* found = find(name);
    return found == nullptr ? none : *found;
}

}  // namespace osbot_aws::aws
