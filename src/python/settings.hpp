#pragma once

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "python/conversions.hpp"

namespace osbot_aws::python {

/// Copies the current settings of a Python Lambda. `to` keeps its session.
void read_settings(nb::handle from, Lambda& to);
/// Copies the settings that a call may change to the Python Lambda: the role and the location of the code.
void write_back_settings(const Lambda& from, nb::handle to);

void add_settings(nb::module_& core);

}  // namespace osbot_aws::python
