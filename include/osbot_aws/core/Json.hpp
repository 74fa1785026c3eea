#pragma once

#include <nlohmann/json.hpp>

namespace osbot_aws {

/// The JSON type of events and results. Documentation: https://json.nlohmann.me
using Json = nlohmann::json;

}  // namespace osbot_aws
