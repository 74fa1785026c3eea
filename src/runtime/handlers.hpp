#pragma once

#include <map>
#include <string>
#include <string_view>

#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws::runtime {

/// The handlers of this program, by name.
std::map<std::string, Handler_Ref>& handlers();

/// "... [with auto f = shop::{anonymous}::price]" -> "shop::{anonymous}::price", as the compiler says it
std::string_view qualified_name_of(std::string_view pretty_function);

/// "... [with auto f = shop::(anonymous namespace)::price]" -> "shop_price"
std::string name_of(std::string_view pretty_function);

}  // namespace osbot_aws::runtime
