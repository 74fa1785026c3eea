#pragma once

#include <map>
#include <string>
#include <string_view>

#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws::runtime {

/// Returns the handlers of this program, by name.
std::map<std::string, Handler_Ref>& handlers();

/// Returns the handler's name for the compiler's name of a function: "shop_price" for g++'s "shop::{anonymous}::price"
/// and clang's "shop::(anonymous namespace)::price", "total_int_2" for "total<int, 2>".
std::string name_of(std::string_view function);

}  // namespace osbot_aws::runtime
