#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace osbot_aws::base {
namespace {

Result<int> parse(const std::string& text) {
    if (text.empty()) return Error{"Empty", "the text is empty", 0};
    return static_cast<int>(text.size());
}

Result<void> check(int value) {
    if (value > 3) return Error{"TooLong", "at most 3 bytes"};
    return {};
}

Result<int> parse_checked(const std::string& text) {
    OSBOT_TRY(const int value, parse(text));
    OSBOT_TRY(check(value));
    int doubled = 0;
    OSBOT_TRY(doubled, parse(text + text));
    return doubled;
}

std::string code_of(const Result<int>& result) { return result ? "" : result.error().code; }

TEST(Result_Test, try_returns_the_first_error) {
    EXPECT_EQ(parse_checked("abc").value(), 6);
    EXPECT_EQ(code_of(parse_checked("")), "Empty");
    EXPECT_EQ(parse_checked("").error().http_status, 0);
    EXPECT_EQ(code_of(parse_checked("abcd")), "TooLong");
}

Result<std::unique_ptr<int>> make() { return std::make_unique<int>(7); }

Result<std::unique_ptr<int>> make_and_return() {
    OSBOT_TRY(auto made, make());
    return made;
}

TEST(Result_Test, try_moves_the_value_of_a_temporary) { EXPECT_EQ(*make_and_return().value(), 7); }

Result<std::string> copy_of(const Result<std::string>& named) {
    OSBOT_TRY(auto text, named);
    return text + "!";
}

TEST(Result_Test, try_copies_the_value_of_a_named_result) {
    const Result<std::string> named = std::string("text");
    EXPECT_EQ(copy_of(named).value(), "text!");
    EXPECT_EQ(named.value(), "text");
}

TEST(Result_Test, try_is_one_statement_without_braces) {
    const auto check_if = [](bool checked) -> Result<void> {
        if (checked)
            OSBOT_TRY(check(4));
        else
            return {};
        return Error{"NotReached", ""};
    };
    EXPECT_TRUE(check_if(false).has_value());
    EXPECT_EQ(check_if(true).error().code, "TooLong");
}

TEST(Result_Test, transform_changes_only_a_value) {
    const auto text_of = [](int value) { return std::to_string(value); };
    EXPECT_EQ(parse("abc").transform(text_of).value(), "3");
    EXPECT_EQ(parse("").transform(text_of).error().code, "Empty");
    const auto named = parse("ab");
    EXPECT_EQ(named.transform(text_of).value(), "2");
    EXPECT_EQ(*make().transform([](std::unique_ptr<int> made) { return made; }).value(), 7);
}

TEST(Result_Test, and_then_continues_only_after_success) {
    EXPECT_TRUE(parse("abc").and_then(check).has_value());
    EXPECT_EQ(parse("abcd").and_then(check).error().code, "TooLong");
    EXPECT_EQ(parse("").and_then(check).error().code, "Empty");
    EXPECT_EQ(check(1).and_then([] { return parse("a"); }).value(), 1);
    EXPECT_EQ(check(4).and_then([] { return parse("a"); }).error().code, "TooLong");
}

TEST(Result_Test, or_else_handles_only_an_error) {
    const auto zero = [](const Error&) { return 0; };
    EXPECT_EQ(parse("abc").or_else(zero).value(), 3);
    EXPECT_EQ(parse("").or_else(zero).value(), 0);
    const auto renamed = [](const Error& error) { return Error{"Renamed", error.message}; };
    EXPECT_EQ(parse("").or_else(renamed).error().code, "Renamed");
    EXPECT_EQ(check(4).or_else(renamed).error().code, "Renamed");
    EXPECT_TRUE(check(1).or_else(renamed).has_value());
}

}  // namespace
}  // namespace osbot_aws::base
