#include "base/time_text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace osbot_aws::base {
namespace {

std::tm utc(Time time) {
    const std::time_t seconds =
        static_cast<std::time_t>(unix_ms(time) >= 0 ? unix_ms(time) / 1000 : (unix_ms(time) - 999) / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

int milliseconds(Time time) { return static_cast<int>((unix_ms(time) % 1000 + 1000) % 1000); }

std::string date_and_time(const std::tm& t) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                       t.tm_min, t.tm_sec);
}

}  // namespace

std::string iso8601(Time time) { return fmt::format("{}.{:03}+0000", date_and_time(utc(time)), milliseconds(time)); }
std::string iso8601_z(Time time) { return date_and_time(utc(time)) + "Z"; }
std::string iso8601_ms_z(Time time) { return fmt::format("{}.{:03}Z", date_and_time(utc(time)), milliseconds(time)); }

std::string http_date(Time time) {  // not strftime: its names follow the locale
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::tm t = utc(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
                       t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

std::string sigv4_date(Time time) {
    const std::tm t = utc(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                       t.tm_min, t.tm_sec);
}

std::int64_t unix_ms(Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
Time from_unix_ms(std::int64_t ms) { return Time{} + std::chrono::milliseconds{ms}; }

}  // namespace osbot_aws::base
