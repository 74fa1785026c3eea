#include "services/s3/version_id.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t sequence_digits = 14, random_digits = 10, check_digits = 8;
constexpr std::size_t checked_digits = sequence_digits + random_digits;

std::string check_value(std::string_view digits) {
    return base::sha256_hex(std::string("version ").append(digits)).substr(0, check_digits);
}

}  // namespace

std::string new_version_id(std::uint64_t sequence) {
    const std::string digits = fmt::format("{:0{}x}{}", sequence, sequence_digits, base::random_hex(random_digits));
    return digits + check_value(digits);
}

bool is_version_id(std::string_view text) {
    if (text == "null") return true;
    return text.size() == checked_digits + check_digits &&
           text.substr(checked_digits) == check_value(text.substr(0, checked_digits));
}

std::uint64_t sequence_of_id(std::string_view id) {
    constexpr int hexadecimal = 16;
    std::uint64_t sequence = 0;
    if (is_version_id(id) && id != "null")
        std::from_chars(id.data(), id.data() + sequence_digits, sequence, hexadecimal);
    return sequence;
}

}  // namespace osbot_aws::services
