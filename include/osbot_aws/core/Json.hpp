#pragma once

#include <nlohmann/json.hpp>

namespace osbot_aws {

/// Events and results, as C++ programs already hold them: https://json.nlohmann.me
using Json = nlohmann::json;

}  // namespace osbot_aws
