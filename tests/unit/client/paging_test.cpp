#include "client/paging.hpp"

#include "support/printers.hpp"

namespace osbot_aws::client {
namespace {

using test_support::Fails_with;
using testing::ElementsAre;

constexpr Pages functions{"Functions", "NextMarker"};

TEST(Paging_Test, pages_are_asked_for_by_the_token_of_the_one_before_until_there_is_none) {
    std::vector<std::string> asked;
    const auto all = all_pages(functions, [&](const std::string& token) -> Result<Json> {
        asked.push_back(token);
        if (token.empty()) return Json{{"Functions", {1, 2}}, {"NextMarker", "a"}};
        if (token == "a") return Json{{"Functions", Json::array()}, {"NextMarker", "b"}};
        return Json{{"Functions", {3}}, {"NextMarker", nullptr}};
    });
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, Json({1, 2, 3}));
    EXPECT_THAT(asked, ElementsAre("", "a", "b"));
}

TEST(Paging_Test, no_page_is_asked_for_after_there_are_enough) {
    int asked = 0;
    const auto one = all_pages(
        functions,
        [&](const std::string&) -> Result<Json> {
            ++asked;
            return Json{{"Functions", {1}}, {"NextMarker", std::to_string(asked)}};
        },
        2);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->size(), 2U);
    EXPECT_EQ(asked, 2);
}

TEST(Paging_Test, a_list_that_is_empty_or_missing_has_no_items) {
    const auto none = all_pages(functions, [](const std::string&) -> Result<Json> { return Json{{"Functions", ""}}; });
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, Json::array());
}

TEST(Paging_Test, the_error_of_any_page_ends_it) {
    const auto failed = all_pages(functions, [](const std::string& token) -> Result<Json> {
        if (token.empty()) return Json{{"Functions", {1}}, {"NextMarker", "a"}};
        return Error{"TooManyRequestsException", "", 429};
    });
    EXPECT_THAT(failed, Fails_with("TooManyRequestsException"));
}

TEST(Paging_Test, a_page_that_names_itself_as_the_next_does_not_go_on_for_ever) {
    const auto endless = all_pages(functions, [](const std::string&) -> Result<Json> {
        return Json{{"Functions", {1}}, {"NextMarker", "a"}};
    });
    EXPECT_THAT(endless, Fails_with("PaginationError"));
}

}  // namespace
}  // namespace osbot_aws::client
