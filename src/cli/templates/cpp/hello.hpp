#pragma once

#include <osbot_aws/runtime/handler.hpp>

/// {"name": "Ada"} -> {"greeting": "Hello, Ada!"}
osbot_aws::Json hello(const osbot_aws::Json& event, const osbot_aws::Context& context);
