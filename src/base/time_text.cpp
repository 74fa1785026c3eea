#include "base/time_text.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/numbers.hpp"

namespace osbot_aws::base {
namespace {

std::tm utc(Time time) {
    const std::time_t seconds =
        static_cast<std::time_t>(unix_ms(time) >= 0 ? unix_ms(time) / 1000 : (unix_ms(time) - 999) / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

constexpr unsigned last_year = 2262;      // the year in which 63 bits of nanoseconds overflow
constexpr unsigned http_year_min = 1700;  // they reach back to 1677

// Not strftime() and strptime(): their names depend on the locale.
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Returns the number at a position.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits) {
    return at + digits <= text.size() ? parse_number<unsigned>(text.substr(at, digits)) : std::nullopt;
}

/// Returns the time of a day and "18:00:00", or nullopt if one does not exist.
std::optional<Time> time_of(const std::chrono::year_month_day& day, std::string_view clock) {
    const auto hour = number_at(clock, 0, 2), minute = number_at(clock, 3, 2), second = number_at(clock, 6, 2);
    if (!hour || !minute || !second || clock[2] != ':' || clock[5] != ':') return std::nullopt;
    if (!day.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    if (day.year() >= std::chrono::year(last_year)) return Time::max();
    return std::chrono::sys_days(day) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::chrono::year_month_day day_of(unsigned year, unsigned month, unsigned day) {
    return {std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day)};
}

int milliseconds(Time time) { return static_cast<int>((unix_ms(time) % 1000 + 1000) % 1000); }

std::string date_and_time(const std::tm& t) {
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}"), t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                       t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace

std::string iso8601(Time time) { return fmt::format("{}.{:03}+0000", date_and_time(utc(time)), milliseconds(time)); }
std::string iso8601_z(Time time) { return date_and_time(utc(time)) + "Z"; }
std::string iso8601_ms_z(Time time) {
    return fmt::format(FMT_COMPILE("{}.{:03}Z"), date_and_time(utc(time)), milliseconds(time));
}

std::string http_date(Time time) {
    const std::tm t = utc(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(static_cast<std::size_t>(t.tm_wday)),
                       t.tm_mday, months.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour, t.tm_min,
                       t.tm_sec);
}

std::optional<Time> parse_http_date(std::string_view text) {
    if (text.size() != http_date({}).size()) return std::nullopt;
    const auto* const month = std::ranges::find(months, text.substr(8, 3));
    const auto day = number_at(text, 5, 2), year = number_at(text, 12, 4);
    const bool has_form = text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' ';
    if (!has_form || !text.ends_with(" GMT") || !day || !year || *year < http_year_min) return std::nullopt;
    return time_of(day_of(*year, static_cast<unsigned>(month - months.begin()) + 1, *day), text.substr(17, 8));
}

std::string sigv4_date(Time time) {
    const std::tm t = utc(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                       t.tm_min, t.tm_sec);
}

std::optional<Time> parse_iso8601(std::string_view text) {
    const auto year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
    if (!year || !month || !day || text.size() < 19 || *year < 1970) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
    auto time = time_of(day_of(*year, *month, *day), text.substr(11));
    if (!time || *time == Time::max()) return time;

    std::string_view rest = text.substr(19);
    if (rest.starts_with('.')) {
        const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
        const std::string thousandths = (std::string(rest.substr(1, end - 1)) + "000").substr(0, 3);
        *time += std::chrono::milliseconds(parse_number<int>(thousandths).value_or(0));
        rest.remove_prefix(end);
    }
    if (rest == "Z" || rest == "UTC") return time;
    if (rest.size() < 5 || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
    const auto hours = parse_number<unsigned>(rest.substr(1, 2));
    const auto minutes = parse_number<unsigned>(rest.substr(rest.size() - 2));
    if (!hours || !minutes || (rest.size() != 5 && (rest.size() != 6 || rest[3] != ':'))) return std::nullopt;
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return rest[0] == '+' ? *time - offset : *time + offset;
}

std::int64_t unix_ms(Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
Time from_unix_ms(std::int64_t ms) { return Time{} + std::chrono::milliseconds{ms}; }

}  // namespace osbot_aws::base
