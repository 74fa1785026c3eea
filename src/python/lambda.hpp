#pragma once

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "python/conversions.hpp"

namespace osbot_aws::python {

/// The settings of a Python Lambda as they are now.
void take_settings(nb::handle from, Lambda& to);
/// What a call found out or made: role, where the code is.
void give_settings(const Lambda& from, nb::handle to);

void add_lambda(nb::module_& core);
void add_layer(nb::module_& core);
void add_deploy(nb::module_& core);
void add_services(nb::module_& core);

}  // namespace osbot_aws::python
