#pragma once

namespace osbot_aws::services {

/// Functions of libm that the compiler does not write inline. They are loaded with the first query that calls one: as a
/// dependency, libm would be in the zip of each program that is deployed, a tenth of it. They return NaN, the value of
/// an expression without a result, if this system has no libm (dlopen's error is logged).
double power(double base, double exponent);
double logarithm(double x);
/// The rest of a division; NaN if the divisor is 0.
double remainder_of(double dividend, double divisor);

}  // namespace osbot_aws::services
