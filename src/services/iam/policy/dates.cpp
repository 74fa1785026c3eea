#include "services/iam/policy/dates.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

bool is_within(std::string_view digits, std::int64_t min, std::int64_t max) {
    const auto number = base::parse_number<std::int64_t>(digits);
    return number && min <= *number && *number <= max;
}

bool is_day(std::string_view date) {
    const bool is_negative = base::take_prefix(date, "-");
    const std::string year = (is_negative ? "-" : "") + std::string(base::take_until(date, '-'));
    if (!is_within(year, -292'275'054, 292'278'993)) return false;
    if (date.empty()) return true;
    if (!is_within(base::take_until(date, '-'), 1, 12)) return false;
    return date.empty() || is_within(date, 1, 31);
}

bool is_offset(std::string_view offset) {
    const std::string_view hours = base::take_until(offset, ':');
    if (hours.size() != 2 || !is_within(hours, 0, 23)) return false;
    return offset.empty() || (offset.size() == 2 && is_within(offset, 0, 59));
}

bool is_second(std::string_view text) {
    if (const auto zone = text.find('z'); zone != std::string_view::npos) {
        if (zone + 1 != text.size()) return false;
        text.remove_suffix(1);
    } else if (const auto sign = text.find('+'); sign != std::string_view::npos) {
        if (!is_offset(text.substr(sign + 1))) return false;
        text = text.substr(0, sign);
    }
    const bool has_fraction = text.find('.') != std::string_view::npos;
    if (!is_within(base::take_until(text, '.'), 0, 59)) return false;
    return !has_fraction || is_within(text, 0, 999'999'999);
}

bool is_time(std::string_view time) {
    if (time.empty()) return true;
    if (!is_within(base::take_until(time, ':'), 0, 23)) return false;
    if (time.empty()) return true;
    if (!is_within(base::take_until(time, ':'), 0, 59)) return false;
    return time.empty() || is_second(time);
}

/// Adds the parts that a date may lack: 2026-11, 2026-11-30, 2026-11-30T12, 2026-11-30T12:00Z
std::string completed(std::string_view text) {
    const std::string upper = base::upper_case(text);
    std::string_view time = upper;
    std::string day(base::take_until(time, 'T'));
    if (day.size() == std::string_view("2026-11").size()) day += "-01";
    const auto zone_at = time.find_first_of("Z+-");
    std::string clock(time.substr(0, zone_at));
    const std::string zone(zone_at == std::string_view::npos ? "Z" : time.substr(zone_at));
    constexpr std::string_view midnight = "00:00:00";
    if (clock.size() < midnight.size()) clock += midnight.substr(clock.size());
    return day + "T" + clock + zone;
}

}  // namespace

bool is_policy_date(std::string_view text) {
    const std::string lower = base::lower_case(text);
    if (lower.find_first_of("t-") == std::string::npos) return is_within(lower, 0, INT64_MAX);
    std::string_view time = lower;
    const std::string_view day = base::take_until(time, 't');
    return is_day(day) && is_time(time);
}

std::optional<double> policy_date_s(std::string_view text) {
    if (const auto seconds = base::parse_double(text)) return seconds;
    const auto time = base::parse_iso8601(completed(text));
    if (!time) return std::nullopt;
    return static_cast<double>(base::unix_ms(*time)) / 1000;
}

}  // namespace osbot_aws::services
