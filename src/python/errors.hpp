#pragma once

#include <nanobind/nanobind.h>

namespace osbot_aws::python {

/// Registers the translation of Aws_Exception into the Python exception that osbot_aws.core.Error.error_of() creates.
void translate_errors();

}  // namespace osbot_aws::python
