#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/local_engine.hpp"

namespace osbot_aws {

/// Creates the source of the packages of AWS's runtimes for an engine: the cache of this user (packing/
/// runtime_support.hpp). `mode` is `auto` (install missing ones), `installed` (never install) or `off`;
/// empty: $OSBOT_AWS_RUNTIME_SUPPORT, else auto. Returns nullptr for `off`. Errors: ConfigurationError for another
/// mode.
Result<std::shared_ptr<services::Runtime_Support>> user_runtime_support(std::string mode = "");

/// Returns the runtime whose packages a local engine of this user installs for the first function of `runtime`:
/// that of the nearest interpreter. nullopt if they are installed, if the runtime has none, or if
/// $OSBOT_AWS_RUNTIME_SUPPORT is not auto.
std::optional<std::string> runtime_without_support(const std::string& runtime);

/// Returns what a local engine of this user checks of requests: $OSBOT_AWS_CHECK_SIGNATURES and $OSBOT_AWS_ENFORCE_IAM,
/// each `true` or `false` (the default). Errors: ConfigurationError for another value.
Result<services::Access_Settings> user_access_settings();

}  // namespace osbot_aws
