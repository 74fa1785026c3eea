#pragma once

#include "python/conversions.hpp"

namespace osbot_aws::python {

void add_lambda(nb::module_& core);
void add_layer(nb::module_& core);
void add_deploy(nb::module_& core);
void add_services(nb::module_& core);

}  // namespace osbot_aws::python
