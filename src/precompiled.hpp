// The headers that most sources include and that take longest to parse (docs/development/building.md). Sources still
// include the headers they use: this file only makes that cheap.
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
