#pragma once

#include <map>
#include <string>
#include <string_view>

#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws::runtime {

/// Returns the handlers of this program, by name.
std::map<std::string, Handler_Ref>& handlers();

/// Returns the function's qualified name from __PRETTY_FUNCTION__: "shop::{anonymous}::price" for g++'s
/// "... [with auto f = shop::{anonymous}::price]", "shop::price" for clang's "... [f = &shop::price]".
std::string_view qualified_name_of(std::string_view pretty_function);

/// Returns the handler's name: "shop_price" for "... [with auto f = shop::(anonymous namespace)::price]".
std::string name_of(std::string_view pretty_function);

}  // namespace osbot_aws::runtime
