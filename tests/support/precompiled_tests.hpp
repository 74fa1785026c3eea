// What most tests include and what takes longest to parse; see src/precompiled.hpp.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <precompiled.hpp> // of src/
