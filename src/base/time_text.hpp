#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace osbot_aws::base {

// All in UTC.

std::string iso8601(Time time);       ///< 2026-11-23T18:00:00.123+0000, Lambda's LastModified
std::string iso8601_z(Time time);     ///< 2026-11-23T18:00:00Z, IAM's dates
std::string iso8601_ms_z(Time time);  ///< 2026-11-23T18:00:00.123Z, log lines
std::string http_date(Time time);     ///< Mon, 23 Nov 2026 18:00:00 GMT
std::string sigv4_date(Time time);    ///< 20261123T180000Z

/// Parses 2026-11-23T18:00:00 with an optional fraction, then Z, UTC or an offset (+01:00, +0100). Returns nullopt for
/// other forms and for times before 1970. Times after the range of Time ("9999-12-31T23:59:59Z", used for "never")
/// return Time::max().
std::optional<Time> parse_iso8601(std::string_view text);
/// Parses the form of http_date(); the day of the week is not checked. Returns nullopt for other forms and for times
/// before 1700, and Time::max() for times after the range of Time.
std::optional<Time> parse_http_date(std::string_view text);

std::int64_t unix_ms(Time time);
Time from_unix_ms(std::int64_t ms);

}  // namespace osbot_aws::base
