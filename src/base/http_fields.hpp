#pragma once

#include <string>
#include <string_view>

namespace osbot_aws::base {

// Fields of HTTP heads. Names and values often come from outside (queries, events, functions), where a line break would
// add a field or end the head.

/// Returns true if the text is not empty and contains no space, colon, control character or byte above 126.
bool is_field_name(std::string_view text);
/// Returns true if the text contains no control character except tab.
/// Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.5
bool is_field_value(std::string_view text);

/// Returns the value with a space instead of each control character except tab, as RFC 9110 section 5.5 permits. JSON
/// keeps its meaning, because its strings contain no unescaped control characters below DEL.
std::string field_value(std::string value);

/// Appends "name: value\r\n" with field_value(value). Omits a field whose name is invalid. Every field that this
/// program writes to a socket is written by this function.
void append_field(std::string& head, std::string_view name, std::string_view value);

}  // namespace osbot_aws::base
