#pragma once

#include <nanobind/nanobind.h>

namespace osbot_aws::python {

/// Aws_Exception becomes what osbot_aws.core.Error makes of its code, message and status.
void translate_errors();

}  // namespace osbot_aws::python
