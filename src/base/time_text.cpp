#include "base/time_text.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

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

constexpr unsigned last_year = 2262;  // the year in which 63 bits of nanoseconds overflow

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

std::string http_date(Time time) {  // not strftime: its names depend on the locale
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

std::optional<Time> parse_iso8601(std::string_view text) {
    const auto digits = [&](std::size_t at, std::size_t count) {
        return at + count <= text.size() ? parse_number<unsigned>(text.substr(at, count)) : std::nullopt;
    };
    const auto year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
    const auto hour = digits(11, 2), minute = digits(14, 2), second = digits(17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    if (*year < 1970 || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    if (*year >= last_year) return Time::max();
    Time time = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                std::chrono::seconds(*second);

    std::string_view rest = text.substr(19);
    if (rest.starts_with('.')) {
        const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
        const std::string thousandths = (std::string(rest.substr(1, end - 1)) + "000").substr(0, 3);
        time += std::chrono::milliseconds(parse_number<int>(thousandths).value_or(0));
        rest.remove_prefix(end);
    }
    if (rest == "Z" || rest == "UTC") return time;
    if (rest.size() < 5 || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
    const auto hours = parse_number<unsigned>(rest.substr(1, 2));
    const auto minutes = parse_number<unsigned>(rest.substr(rest.size() - 2));
    if (!hours || !minutes || (rest.size() != 5 && (rest.size() != 6 || rest[3] != ':'))) return std::nullopt;
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return rest[0] == '+' ? time - offset : time + offset;
}

std::int64_t unix_ms(Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
Time from_unix_ms(std::int64_t ms) { return Time{} + std::chrono::milliseconds{ms}; }

}  // namespace osbot_aws::base
