#include "runtime/type_name.hpp"

#include <gmock/gmock.h>

#include <ios>
#include <stdexcept>
#include <string>

#include <osbot_aws/core/Json.hpp>

namespace {

using namespace osbot_aws;

struct Name_Case {
    const char* description;
    const char* demangled;
    const char* readable;
};
void PrintTo(const Name_Case& c, std::ostream* out) { *out << c.description; }

struct Readable_Name_Test : testing::TestWithParam<Name_Case> {};

TEST_P(Readable_Name_Test, name_is_as_programs_write_it) {
    EXPECT_EQ(runtime::readable_type_name(GetParam().demangled), GetParam().readable);
}

constexpr Name_Case names[] = {
    {"plain", "std::out_of_range", "std::out_of_range"},
    {"nlohmann_of_debian_12", "nlohmann::json_abi_v3_11_2::detail::parse_error", "nlohmann::json::parse_error"},
    {"nlohmann_with_diagnostics", "nlohmann::json_abi_diag_v3_11_3::detail::type_error", "nlohmann::json::type_error"},
    {"nlohmann_without_abi", "nlohmann::detail::out_of_range", "nlohmann::json::out_of_range"},
    {"json_of_libstdcpp",
     "nlohmann::json_abi_v3_11_2::basic_json<std::map, std::vector, std::__cxx11::basic_string<char, "
     "std::char_traits<char>, std::allocator<char> >, bool, long, unsigned long, double, std::allocator, "
     "nlohmann::json_abi_v3_11_2::adl_serializer, std::vector<unsigned char, std::allocator<unsigned char> > >",
     "nlohmann::json"},
    {"string_of_libstdcpp", "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
     "std::string"},
    {"string_of_libcpp", "std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>",
     "std::string"},
    {"argument_of_libstdcpp",
     "shop::Missing<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >, int>",
     "shop::Missing<std::string, int>"},
    {"argument_of_libcpp",
     "shop::Missing<std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>, int>",
     "shop::Missing<std::string, int>"},
    {"abi_tag", "std::ios_base::failure[abi:cxx11]", "std::ios_base::failure"},
    {"nested_namespace", "std::filesystem::__cxx11::filesystem_error", "std::filesystem::filesystem_error"},
    {"reserved_name_with_a_capital", "std::_V2::error_category", "std::error_category"},
    {"fmt", "fmt::v9::format_error", "fmt::format_error"},
    {"absl", "absl::lts_20220623::BadStatusOrAccess", "absl::BadStatusOrAccess"},
    {"version_of_the_program_is_part_of_its_names", "shop::v2::Sold_Out", "shop::v2::Sold_Out"},
    {"reserved_root_is_not_inline", "__gnu_cxx::recursive_init_error", "__gnu_cxx::recursive_init_error"},
    {"reserved_type_is_not_a_namespace", "std::_Nested_exception<std::out_of_range>",
     "std::_Nested_exception<std::out_of_range>"},
    {"anonymous_namespace", "shop::(anonymous namespace)::Sold_Out", "shop::(anonymous namespace)::Sold_Out"},
    {"not_demangled", "N4shop8Sold_OutE", "N4shop8Sold_OutE"},
    {"unbalanced", "std::basic_string<char, x", "std::string"},
    {"open_tag", "x[abi:y", "x"},
    {"empty", "", ""},
};

INSTANTIATE_TEST_SUITE_P(all, Readable_Name_Test, testing::ValuesIn(names),
                         [](const auto& c) { return std::string(c.param.description); });

// Compiled with each compiler and its standard library.
TEST(Type_Name_Test, types_of_this_compiler_are_readable) {
    EXPECT_EQ(runtime::type_name(typeid(std::string)), "std::string");
    EXPECT_EQ(runtime::type_name(typeid(std::ios_base::failure)), "std::ios_base::failure");
    EXPECT_EQ(runtime::type_name(typeid(Json)), "nlohmann::json");
    EXPECT_EQ(runtime::type_name(typeid(Json::parse_error)), "nlohmann::json::parse_error");
    EXPECT_EQ(runtime::type_name(typeid(int)), "int");
}

}  // namespace
