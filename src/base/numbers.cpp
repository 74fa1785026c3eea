#include "base/numbers.hpp"

#include <locale.h>
#include <clocale>
#include <cstdlib>
#include <string>

namespace osbot_aws::base {

std::optional<double> parse_double(std::string_view text) {
    // strtod() also accepts white space, signs and hexadecimal numbers.
    if (text.empty() || text.find_first_of(" \t\n\v\f\r+xX") == 0 || text.find_first_of("xX") != std::string_view::npos)
        return std::nullopt;
    static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", nullptr);  // the program's may have a decimal comma
    const std::string terminated(text);
    char* end = nullptr;
    const double value = ::strtod_l(terminated.c_str(), &end, c_locale);
    if (end != terminated.c_str() + terminated.size()) return std::nullopt;
    return value;
}

}  // namespace osbot_aws::base
