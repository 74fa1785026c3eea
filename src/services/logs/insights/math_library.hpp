#pragma once

#include <cmath>
#include <cstdint>

// As a dependency, libm would be in the zip of each program that is deployed, a tenth of it.

namespace osbot_aws::services {

// std::trunc(), std::floor() and std::ceil() are calls of libm where the compiler optimizes for size.
inline double truncated(double x) {
    constexpr double whole_min = 1LL << 53;  // larger numbers have no fraction
    return std::abs(x) < whole_min ? static_cast<double>(static_cast<std::int64_t>(x)) : x;
}
inline double rounded_down(double x) { return truncated(x) > x ? truncated(x) - 1 : truncated(x); }
inline double rounded_up(double x) { return -rounded_down(-x); }

/// These are loaded from libm with the first query that calls one. They return NaN, the value of an expression without
/// a result, if this system has no libm (dlopen's error is logged).
double power(double base, double exponent);
double logarithm(double x);
/// The rest of a division; NaN if the divisor is 0.
double remainder_of(double dividend, double divisor);

}  // namespace osbot_aws::services
