#pragma once

#include <string>
#include <string_view>
#include <typeinfo>

namespace osbot_aws::runtime {

/// Returns the name of a type as a program writes it, e.g. `std::string` and `nlohmann::json::parse_error`.
std::string type_name(const std::type_info& type);

/// Shortens a demangled name: removes ABI tags and the namespaces that libraries add for the version of their ABI
/// (`std::__cxx11::`, `std::__1::`, `nlohmann::json_abi_v3_11_2::`), and writes the aliases of strings and
/// JSON values. Accepts the spelling of libstdc++ (`> >`) and of libc++abi (`>>`).
std::string readable_type_name(std::string_view demangled);

}  // namespace osbot_aws::runtime
