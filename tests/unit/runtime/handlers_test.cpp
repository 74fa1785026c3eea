#include "runtime/handlers.hpp"

#include <gmock/gmock.h>

namespace warehouse {
std::string stock(std::string_view, const osbot_aws::Context&) { return "12"; }
namespace {
std::string hidden(std::string_view, const osbot_aws::Context&) { return "0"; }
}  // namespace
namespace east::cold {
std::string stock(std::string_view, const osbot_aws::Context&) { return "3"; }
}  // namespace east::cold
}  // namespace warehouse

namespace {

using namespace osbot_aws;

std::string plain(std::string_view, const Context&) { return ""; }
static std::string alone(std::string_view, const Context&) { return ""; }

Json overloaded(const Json& event, const Context&) { return event; }
[[maybe_unused]] int overloaded(int number) { return number; }

TEST(Handlers_Test, handler_has_the_name_of_its_function) {
    EXPECT_EQ(handler<plain>.name, "plain");
    EXPECT_EQ(handler<alone>.name, "alone");
}

TEST(Handlers_Test, name_includes_namespaces_except_anonymous_ones) {
    EXPECT_EQ(handler<warehouse::stock>.name, "warehouse_stock");
    EXPECT_EQ(handler<warehouse::hidden>.name, "warehouse_hidden");
    EXPECT_EQ(handler<warehouse::east::cold::stock>.name, "warehouse_east_cold_stock");
}

TEST(Handlers_Test, overload_selected_by_a_cast_has_the_functions_name) {
    EXPECT_EQ(handler<static_cast<Json (*)(const Json&, const Context&)>(overloaded)>.name, "overloaded");
}

// Compiled with each compiler: the compiler's text about a function is cut at compile time.
static_assert(osbot_aws::internal::function_name<warehouse::east::cold::stock>() == "warehouse::east::cold::stock");
static_assert(osbot_aws::internal::function_name<plain>().ends_with("::plain"));

TEST(Handlers_Test, name_of_removes_anonymous_namespaces_and_punctuation) {
    EXPECT_EQ(runtime::name_of("shop::price"), "shop_price");
    EXPECT_EQ(runtime::name_of("shop::{anonymous}::price"), "shop_price");
    EXPECT_EQ(runtime::name_of("shop::(anonymous namespace)::price"), "shop_price");
    EXPECT_EQ(runtime::name_of("shop::_total__2"), "shop__total__2");
    EXPECT_EQ(runtime::name_of("total<int, 2>"), "total_int_2") << "Lambda allows no spaces in a handler's name";
}

TEST(Handlers_Test, lambda_has_the_given_name) {
    EXPECT_EQ((handler<[](const Json& event) { return event; }, "greet">.name), "greet");
    EXPECT_EQ((handler<plain, "other">.name), "other");
    EXPECT_EQ(handler<[](const Json& event) { return event; }>.name, "lambda");
}

TEST(Handlers_Test, use_of_a_handler_registers_it_before_main) {
    ASSERT_TRUE(runtime::handlers().contains("warehouse_east_cold_stock"));
    EXPECT_EQ(runtime::handlers().at("warehouse_east_cold_stock").call, handler<warehouse::east::cold::stock>.call);
}

TEST(Handlers_Test, remaining_time_is_never_negative) {
    Context context;
    context.deadline = std::chrono::system_clock::now() - std::chrono::hours(1);
    EXPECT_EQ(context.remaining_time().count(), 0);

    context.deadline = std::chrono::system_clock::now() + std::chrono::hours(1);
    EXPECT_GT(context.remaining_time(), std::chrono::minutes(59));
}

}  // namespace
