#pragma once

#include <string_view>

#include "base/characters.hpp"

namespace osbot_aws::wire {

/// Returns true for the number of an AWS account: 12 digits.
/// Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
constexpr bool is_account_id(std::string_view text) {
    return text.size() == 12 && base::consists_of(text, base::is_digit);
}

}  // namespace osbot_aws::wire
