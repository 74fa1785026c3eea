#include "client/paging.hpp"

#include "support/printers.hpp"

namespace osbot_aws::client {
namespace {

using test_support::Fails_with;
using testing::ElementsAre;

constexpr Pages functions{"Functions", "NextMarker"};

TEST(Paging_Test, requests_pages_by_token_until_there_are_no_more) {
    std::vector<std::string> requested_tokens;
    const auto all = all_pages(functions, [&](const std::string& token) -> Result<Json> {
        requested_tokens.push_back(token);
        if (token.empty()) return Json{{"Functions", {1, 2}}, {"NextMarker", "a"}};
        if (token == "a") return Json{{"Functions", Json::array()}, {"NextMarker", "b"}};
        return Json{{"Functions", {3}}, {"NextMarker", nullptr}};
    });
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, Json({1, 2, 3}));
    EXPECT_THAT(requested_tokens, ElementsAre("", "a", "b"));
}

TEST(Paging_Test, stops_after_the_requested_number_of_items) {
    int requests = 0;
    const auto one = all_pages(
        functions,
        [&](const std::string&) -> Result<Json> {
            ++requests;
            return Json{{"Functions", {1}}, {"NextMarker", std::to_string(requests)}};
        },
        2);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->size(), 2U);
    EXPECT_EQ(requests, 2);
}

TEST(Paging_Test, empty_or_missing_list_has_no_items) {
    const auto none = all_pages(functions, [](const std::string&) -> Result<Json> { return Json{{"Functions", ""}}; });
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, Json::array());
}

TEST(Paging_Test, error_of_any_page_is_returned) {
    const auto failed = all_pages(functions, [](const std::string& token) -> Result<Json> {
        if (token.empty()) return Json{{"Functions", {1}}, {"NextMarker", "a"}};
        return Error{"TooManyRequestsException", "", 429};
    });
    EXPECT_THAT(failed, Fails_with("TooManyRequestsException"));
}

TEST(Paging_Test, repeated_page_token_is_an_error) {
    const auto endless = all_pages(functions, [](const std::string&) -> Result<Json> {
        return Json{{"Functions", {1}}, {"NextMarker", "a"}};
    });
    EXPECT_THAT(endless, Fails_with("PaginationError"));
}

}  // namespace
}  // namespace osbot_aws::client
