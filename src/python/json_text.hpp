// Converts events and results between Python values and JSON text. Unlike Json, this preserves integers of any size and
// the order of members.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace osbot_aws::python {

namespace nb = nanobind;

/// Returns an event as JSON text without spaces; None becomes {}. Raises the errors of json.dumps().
std::string event_text(nb::handle value);
/// Parses JSON like json.loads(). Returns an invalid object if the text is not JSON.
nb::object parse_json_text(std::string_view json);

}  // namespace osbot_aws::python
