#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "engine/local_engine.hpp"

namespace osbot_aws {

/// Creates the source of the packages of AWS's runtimes for an engine: the cache of this user (packing/
/// runtime_support.hpp). `mode` is `auto` (install missing ones), `installed` (never install) or `off`;
/// empty: $OSBOT_AWS_RUNTIME_SUPPORT, else auto. Returns nullptr for `off`. Errors: ConfigurationError for another
/// mode.
Result<std::shared_ptr<services::Runtime_Support>> user_runtime_support(std::string mode = "");

}  // namespace osbot_aws
