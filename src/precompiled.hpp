// What most sources include and what takes longest to parse (docs/development/building.md). Sources still include what
// they use: this file only makes that cheap.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>
