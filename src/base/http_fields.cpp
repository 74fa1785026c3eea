#include "base/http_fields.hpp"

#include <algorithm>

namespace osbot_aws::base {
namespace {

constexpr bool is_control(char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; }

}  // namespace

bool is_field_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

bool is_field_value(std::string_view text) { return std::ranges::none_of(text, is_control); }

std::string field_value(std::string value) {
    std::ranges::replace_if(value, is_control, ' ');
    return value;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
    if (!is_field_name(name)) return;
    head.append(name).append(": ");
    const std::size_t begin = head.size();
    head.append(value);
    std::replace_if(head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(), is_control, ' ');
    head.append("\r\n");
}

}  // namespace osbot_aws::base
