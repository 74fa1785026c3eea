#pragma once

#include <map>
#include <string>
#include <string_view>

#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws::runtime {

/// The handlers of this program, by name.
std::map<std::string, Handler_Ref>& handlers();

/// Returns the function's name as the compiler writes it: "... [with auto f = shop::{anonymous}::price]" of g++ and
/// "... [f = &shop::price]" of clang -> "shop::{anonymous}::price", "shop::price"
std::string_view qualified_name_of(std::string_view pretty_function);

/// "... [with auto f = shop::(anonymous namespace)::price]" -> "shop_price"
std::string name_of(std::string_view pretty_function);

}  // namespace osbot_aws::runtime
