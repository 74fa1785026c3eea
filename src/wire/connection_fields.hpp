#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace osbot_aws::wire {

/// Returns true for a field that describes one connection, whatever the case of its name. Such fields are not passed
/// on. Source: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
inline bool is_connection_field(std::string_view name) {
    constexpr std::array<std::string_view, 7> names{"connection", "keep-alive",        "proxy-connection", "te",
                                                    "trailer",    "transfer-encoding", "upgrade"};
    return std::ranges::any_of(names, [&](std::string_view field) { return base::equal_ignoring_case(field, name); });
}

/// Returns true also for Content-Length and Expect: the next sender of the message sets them.
inline bool is_message_field(std::string_view name) {
    return is_connection_field(name) || base::equal_ignoring_case(name, "content-length") ||
           base::equal_ignoring_case(name, "expect");
}

}  // namespace osbot_aws::wire
