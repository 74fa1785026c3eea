#include "engine/logs/logs.hpp"

#include <gmock/gmock.h>

#include "engine/logs/filter_pattern.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;

struct Logs_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Logs logs{context};
    Account account;

    void append(const std::string& stream, std::int64_t at, const std::string& message) {
        logs.append(account, "g", stream, {{.timestamp_ms = at, .message = message}});
    }
    template <class Events>
    static std::vector<std::string> messages(const Events& events) {
        std::vector<std::string> found;
        for (const auto& event : events) found.push_back(event.message);
        return found;
    }
    std::vector<std::string> filtered(const Filter_Log_Events& wanted) {
        return messages(logs.filter_events(account, wanted).value().events);
    }
    template <class Item>
    static std::vector<std::string> names(const Page<Item>& page) {
        std::vector<std::string> found;
        for (const auto& item : page.items) found.push_back(item.name);
        return found;
    }
};

TEST_F(Logs_Test, append_makes_group_and_stream_and_keeps_the_times_of_the_stream) {
    append("s", 10, "first");
    append("s", 20, "last");

    const auto streams = logs.describe_streams(account, {.group = "g"}).value().items;
    ASSERT_EQ(streams.size(), 1U);
    EXPECT_EQ(streams[0].first_event_ms, 10);
    EXPECT_EQ(streams[0].last_event_ms, 20);
    EXPECT_EQ(streams[0].arn, "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s");
    EXPECT_THAT(messages(logs.get_events(account, {.group = "g", .stream = "s"}).value().events),
                ElementsAre("first", "last"));
}

TEST_F(Logs_Test, everything_is_there_after_a_restart) {
    append("s", 10, "one");
    logs.put_retention(account, "g", 7).value();

    Logs again{context};

    const auto groups = again.describe_groups(account, {}).items;
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].retention_days, 7);
    const auto streams = again.describe_streams(account, {.group = "g"}).value().items;
    ASSERT_EQ(streams.size(), 1U);
    EXPECT_EQ(streams[0].last_event_ms, 10);
}

TEST_F(Logs_Test, errors_are_in_the_words_of_the_service) {
    EXPECT_THAT(logs.delete_group(account, "none"),
                Fails_with_message("ResourceNotFoundException", "The specified log group does not exist."));
    EXPECT_THAT(logs.create_group(account, "bad name"), Fails_with("InvalidParameterException"));
    logs.create_group(account, "g").value();
    EXPECT_THAT(logs.create_group(account, "g"),
                Fails_with_message("ResourceAlreadyExistsException", "The specified log group already exists"));
    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "none"}),
                Fails_with_message("ResourceNotFoundException", "The specified log stream does not exist."));
    logs.create_stream(account, "g", "s").value();
    EXPECT_THAT(logs.create_stream(account, "g", "s"),
                Fails_with_message("ResourceAlreadyExistsException", "The specified log stream already exists"));
    EXPECT_THAT(logs.create_stream(account, "g", "a:b"), Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.put_events(account, "g", "s", {{.timestamp_ms = 2}, {.timestamp_ms = 1}}),
                Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "s", .limit = 10'001}),
                Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "s", .token = "f/99/s"}),
                Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.put_retention(account, "g", 2), Fails_with("InvalidParameterException"));
}

TEST_F(Logs_Test, accounts_and_regions_do_not_see_each_other) {
    append("s", 1, "mine");
    const Account other{"111111111111", "us-east-1"}, elsewhere{account.id, "eu-west-1"};

    EXPECT_THAT(logs.describe_groups(other, {}).items, IsEmpty());
    EXPECT_THAT(logs.describe_groups(elsewhere, {}).items, IsEmpty());
    EXPECT_THAT(logs.get_events(other, {.group = "g", .stream = "s"}), Fails_with("ResourceNotFoundException"));
}

TEST_F(Logs_Test, get_events_answers_the_newest_first_page_in_order_of_time_unless_from_head) {
    for (int i = 0; i < 5; ++i) append("s", i, std::to_string(i));

    EXPECT_THAT(messages(logs.get_events(account, {.group = "g", .stream = "s", .limit = 2}).value().events),
                ElementsAre("3", "4"));
    EXPECT_THAT(
        messages(logs.get_events(account, {.group = "g", .stream = "s", .from_head = true, .limit = 2}).value().events),
        ElementsAre("0", "1"));
}

TEST_F(Logs_Test, tokens_page_both_ways_and_stay_the_same_at_an_end_until_something_new_comes) {
    for (int i = 0; i < 5; ++i) append("s", 7, std::to_string(i));  // one millisecond: the order of arrival decides
    const auto get = [&](const std::string& token) {
        return logs.get_events(account, {.group = "g", .stream = "s", .token = token, .from_head = true, .limit = 2})
            .value();
    };

    const auto first = get("");
    const auto second = get(first.forward_token);
    const auto third = get(second.forward_token);
    const auto end = get(third.forward_token);
    EXPECT_THAT(messages(second.events), ElementsAre("2", "3"));
    EXPECT_THAT(messages(third.events), ElementsAre("4"));
    EXPECT_THAT(end.events, IsEmpty());
    EXPECT_EQ(end.forward_token, third.forward_token);
    EXPECT_THAT(messages(get(second.backward_token).events), ElementsAre("0", "1"));
    EXPECT_THAT(messages(get(end.backward_token).events), ElementsAre("3", "4"));
    const auto head = get(first.backward_token);
    EXPECT_THAT(head.events, IsEmpty());
    EXPECT_EQ(head.backward_token, first.backward_token);
    EXPECT_THAT(messages(get(head.forward_token).events), ElementsAre("0", "1"));

    append("s", 8, "new");
    EXPECT_THAT(messages(get(end.forward_token).events), ElementsAre("new"));
}

TEST_F(Logs_Test, an_empty_stream_gives_a_token_that_finds_what_comes_later) {
    logs.create_group(account, "g").value();
    logs.create_stream(account, "g", "s").value();
    const auto empty = logs.get_events(account, {.group = "g", .stream = "s"}).value();
    append("s", 5, "new");

    EXPECT_THAT(
        messages(logs.get_events(account, {.group = "g", .stream = "s", .token = empty.forward_token}).value().events),
        ElementsAre("new"));
}

TEST_F(Logs_Test, a_page_holds_a_megabyte_at_most) {
    for (int i = 0; i < 3; ++i) append("s", i, std::string(400 << 10, 'x'));
    EXPECT_EQ(logs.get_events(account, {.group = "g", .stream = "s"}).value().events.size(), 2U);

    const auto page = logs.filter_events(account, {.group = "g"}).value();
    EXPECT_EQ(page.events.size(), 2U);
    EXPECT_EQ(logs.filter_events(account, {.group = "g", .token = page.next_token}).value().events.size(), 1U);
}

TEST_F(Logs_Test, filter_events_looks_through_streams_by_pattern_and_pages_without_losing_any) {
    append("a/1", 1, "START");
    append("b/1", 2, "ERROR one");
    append("a/1", 3, "ERROR two");
    append("a/2", 4, "all good");

    EXPECT_THAT(filtered({.group = "g"}), ElementsAre("START", "ERROR one", "ERROR two", "all good"));
    EXPECT_THAT(filtered({.group = "g", .pattern = "ERROR"}), ElementsAre("ERROR one", "ERROR two"));
    EXPECT_THAT(filtered({.group = "g", .streams = {"a/1", "a/2"}}), ElementsAre("START", "ERROR two", "all good"));
    EXPECT_THAT(filtered({.group = "g", .stream_prefix = "a/"}), ElementsAre("START", "ERROR two", "all good"));
    EXPECT_THAT(filtered({.group = "g", .start_ms = 2, .end_ms = 4}), ElementsAre("ERROR one", "ERROR two"));

    std::vector<std::string> all;
    Filter_Log_Events wanted{.group = "g", .limit = 1};
    do {
        const auto page = logs.filter_events(account, wanted).value();
        for (const auto& event : page.events) all.push_back(event.message);
        wanted.token = page.next_token;
    } while (!wanted.token.empty());
    EXPECT_THAT(all, ElementsAre("START", "ERROR one", "ERROR two", "all good"));
}

TEST_F(Logs_Test, describe_pages_and_sorts) {
    append("c", 1, "x");
    append("a", 3, "x");
    append("b", 2, "x");

    const auto first = logs.describe_streams(account, {.group = "g", .limit = 2}).value();
    EXPECT_THAT(names(first), ElementsAre("a", "b"));
    EXPECT_THAT(names(logs.describe_streams(account, {.group = "g", .after = first.next_token}).value()),
                ElementsAre("c"));
    EXPECT_THAT(
        names(logs.describe_streams(account, {.group = "g", .by_last_event = true, .descending = true}).value()),
        ElementsAre("a", "b", "c"));

    for (const auto* name : {"/aws/lambda/one", "/aws/lambda/two", "other"}) logs.create_group(account, name).value();
    const auto groups = logs.describe_groups(account, {.prefix = "/aws/", .limit = 1});
    EXPECT_THAT(names(groups), ElementsAre("/aws/lambda/one"));
    EXPECT_THAT(names(logs.describe_groups(account, {.prefix = "/aws/", .after = groups.next_token})),
                ElementsAre("/aws/lambda/two"));
    EXPECT_THAT(names(logs.describe_groups(account, {.pattern = "LAMBDA/t"})), ElementsAre("/aws/lambda/two"));
}

TEST_F(Logs_Test, delete_takes_the_events_too) {
    append("s", 1, "old");
    logs.delete_group(account, "g").value();
    logs.create_group(account, "g").value();
    logs.create_stream(account, "g", "s").value();

    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "s"}).value().events, IsEmpty());
    append("s", 2, "new");
    logs.delete_stream(account, "g", "s").value();
    EXPECT_THAT(filtered({.group = "g"}), IsEmpty());
    EXPECT_THAT(Logs{context}.describe_streams(account, {.group = "g"}).value().items, IsEmpty());
}

struct Pattern_Case {
    const char* name;
    const char* pattern;
    const char* message;
    bool matches;
};
void PrintTo(const Pattern_Case& c, std::ostream* out) { *out << c.pattern << " on " << c.message; }

struct Filter_Pattern_Test : testing::TestWithParam<Pattern_Case> {};

TEST_P(Filter_Pattern_Test, matches) {
    EXPECT_EQ(Filter_Pattern::parse(GetParam().pattern).value().matches(GetParam().message), GetParam().matches);
}
INSTANTIATE_TEST_SUITE_P(cases, Filter_Pattern_Test,
                         testing::Values(Pattern_Case{"empty_matches_all", "", "x", true},
                                         Pattern_Case{"spaces_match_all", "  ", "x", true},
                                         Pattern_Case{"all_terms", "a b", "b and a", true},
                                         Pattern_Case{"one_is_missing", "a z", "b and a", false},
                                         Pattern_Case{"case_matters", "error", "ERROR", false},
                                         Pattern_Case{"any_of", "?ERROR ?WARN", "WARN x", true},
                                         Pattern_Case{"none_of_any", "?ERROR ?WARN", "INFO", false},
                                         Pattern_Case{"without", "ERROR -Exiting", "ERROR Exiting", false},
                                         Pattern_Case{"with_and_without", "ERROR -Exiting", "ERROR x", true},
                                         Pattern_Case{"phrase", "\"two words\"", "in two words", true},
                                         Pattern_Case{"phrase_apart", "\"two words\"", "two, words", false},
                                         Pattern_Case{"not_a_phrase", "-\"two words\"", "two words", false}),
                         [](const auto& c) { return c.param.name; });

TEST(Filter_Pattern_Errors_Test, what_is_not_there_says_so) {
    EXPECT_THAT(Filter_Pattern::parse("{ $.a = 1 }"), Fails_with("NotImplemented"));
    EXPECT_THAT(Filter_Pattern::parse("\"open"), Fails_with("InvalidParameterException"));
}

}  // namespace
}  // namespace osbot_aws::engine
