#pragma once

#include <gmock/gmock.h>

#include <ostream>

#include "base/result.hpp"

namespace osbot_aws {

inline void PrintTo(const Error& error, std::ostream* out) {
    *out << error.code << " (" << error.http_status << "): " << error.message;
}

template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
    if (result)
        *out << "a value";
    else
        PrintTo(result.error(), out);
}

namespace test_support {

/// EXPECT_THAT(functions.deployment.create(...), Fails_with("ResourceConflictException"));
MATCHER_P(Fails_with, code, std::string(negation ? "does not fail with " : "fails with ") + code) {
    return !arg.has_value() && arg.error().code == code;
}
MATCHER_P2(Fails_with_message, code, message, std::string("fails with ") + code) {
    return !arg.has_value() && arg.error().code == code && arg.error().message == message;
}
MATCHER(Succeeds, "succeeds") { return arg.has_value(); }

}  // namespace test_support
}  // namespace osbot_aws
