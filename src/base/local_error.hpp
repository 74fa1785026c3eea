#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include <osbot_aws/core/Error.hpp>

namespace osbot_aws {

/// Returns an error of this library or of the machine. It has no HTTP status, because no service responded with it.
///
///     return local_error("InvalidArgument", "invalid {} '{}': expected NAME=VALUE", option, text);
template <class... Arguments>
Error local_error(std::string code, fmt::format_string<Arguments...> message, Arguments&&... arguments) {
    return {std::move(code), fmt::format(message, std::forward<Arguments>(arguments)...), 0};
}

}  // namespace osbot_aws
