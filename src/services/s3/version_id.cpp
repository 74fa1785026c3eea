#include "services/s3/version_id.hpp"

#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t random_digits = 24, check_digits = 8;

std::string check_value(std::string_view digits) {
    return base::sha256_hex(std::string("version ").append(digits)).substr(0, check_digits);
}

}  // namespace

std::string new_version_id() {
    const std::string digits = base::random_hex(random_digits);
    return digits + check_value(digits);
}

bool is_version_id(std::string_view text) {
    if (text == "null") return true;
    return text.size() == random_digits + check_digits &&
           text.substr(random_digits) == check_value(text.substr(0, random_digits));
}

}  // namespace osbot_aws::services
