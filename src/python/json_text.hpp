// Events and results, Python's values as text: integers of any size and the order of members, which Json has not.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace osbot_aws::python {

namespace nb = nanobind;

/// An event as json.dumps() writes it, without spaces; None is {}. Raises what json.dumps() raises.
std::string event_text(nb::handle value);
/// What json.loads() makes of it; invalid when it is no JSON.
nb::object parsed(std::string_view json);

}  // namespace osbot_aws::python
