// The headers that most tests include and that take longest to parse; see src/precompiled.hpp.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <precompiled.hpp>
