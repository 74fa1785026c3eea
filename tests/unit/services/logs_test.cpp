#include "services/logs/logs.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "base/gzip.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/logs/filter_pattern.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/forwarding_store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
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
    std::int64_t now_ms() const { return base::unix_ms(context.now()); }
    template <class Events>
    static std::vector<std::string> messages(const Events& events) {
        std::vector<std::string> found;
        for (const auto& event : events) found.push_back(event.message);
        return found;
    }
    std::vector<std::string> filtered(const Filter_Log_Events& params) {
        return messages(logs.filter_events(account, params).value().events);
    }
    template <class Item>
    static std::vector<std::string> names(const Page<Item>& page) {
        std::vector<std::string> found;
        for (const auto& item : page.items) found.push_back(item.name);
        return found;
    }
};

TEST_F(Logs_Test, append_creates_group_and_stream_and_records_times) {
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

TEST_F(Logs_Test, state_survives_a_restart) {
    append("s", now_ms(), "one");
    logs.put_retention(account, "g", 7).value();
    logs.tag(account, log_group_arn(account, "g"), {{"team", "a"}}).value();

    Logs again{context};
    again.load();

    const auto groups = again.describe_groups(account, {}).value().items;
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].retention_days, 7);
    EXPECT_EQ(groups[0].tags, (Log_Tags{{"team", "a"}}));
    const auto streams = again.describe_streams(account, {.group = "g"}).value().items;
    ASSERT_EQ(streams.size(), 1U);
    EXPECT_EQ(streams[0].last_event_ms, now_ms());
}

TEST_F(Logs_Test, errors_match_the_service) {
    EXPECT_THAT(logs.delete_group(account, "none"),
                Fails_with_message("ResourceNotFoundException", "The specified log group does not exist."));
    logs.create_group(account, {.name = "g"}).value();
    EXPECT_THAT(logs.create_group(account, {.name = "g"}),
                Fails_with_message("ResourceAlreadyExistsException", "The specified log group already exists"));
    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "none"}),
                Fails_with_message("ResourceNotFoundException", "The specified log stream does not exist."));
    logs.create_stream(account, "g", "s").value();
    EXPECT_THAT(logs.create_stream(account, "g", "s"),
                Fails_with_message("ResourceAlreadyExistsException", "The specified log stream already exists"));
    EXPECT_THAT(
        logs.put_events(account, "g", "s", {{.timestamp_ms = 2, .message = "b"}, {.timestamp_ms = 1, .message = "a"}}),
        Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "s", .token = "f/99/s"}),
                Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.put_retention(account, "g", 2), Fails_with("InvalidParameterException"));
}

TEST_F(Logs_Test, accounts_and_regions_are_separate) {
    append("s", 1, "mine");
    const Account other{"111111111111", "us-east-1"}, elsewhere{account.id, "eu-west-1"};

    EXPECT_THAT(logs.describe_groups(other, {}).value().items, IsEmpty());
    EXPECT_THAT(logs.describe_groups(elsewhere, {}).value().items, IsEmpty());
    EXPECT_THAT(logs.get_events(other, {.group = "g", .stream = "s"}), Fails_with("ResourceNotFoundException"));
}

TEST_F(Logs_Test, get_events_returns_the_newest_page_unless_from_head) {
    for (int i = 0; i < 5; ++i) append("s", i, std::to_string(i));

    EXPECT_THAT(messages(logs.get_events(account, {.group = "g", .stream = "s", .limit = 2}).value().events),
                ElementsAre("3", "4"));
    EXPECT_THAT(
        messages(logs.get_events(account, {.group = "g", .stream = "s", .from_head = true, .limit = 2}).value().events),
        ElementsAre("0", "1"));
}

TEST_F(Logs_Test, tokens_page_both_ways_and_repeat_at_an_end) {
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

TEST_F(Logs_Test, token_of_an_empty_stream_finds_later_events) {
    logs.create_group(account, {.name = "g"}).value();
    logs.create_stream(account, "g", "s").value();
    const auto empty = logs.get_events(account, {.group = "g", .stream = "s"}).value();
    append("s", 5, "new");

    EXPECT_THAT(
        messages(logs.get_events(account, {.group = "g", .stream = "s", .token = empty.forward_token}).value().events),
        ElementsAre("new"));
}

TEST_F(Logs_Test, page_holds_at_most_a_megabyte) {
    for (int i = 0; i < 3; ++i) append("s", i, std::string(400 << 10, 'x'));
    EXPECT_EQ(logs.get_events(account, {.group = "g", .stream = "s"}).value().events.size(), 2U);

    const auto page = logs.filter_events(account, {.group = "g"}).value();
    EXPECT_EQ(page.events.size(), 2U);
    EXPECT_EQ(logs.filter_events(account, {.group = "g", .token = page.next_token}).value().events.size(), 1U);
}

TEST_F(Logs_Test, filter_events_pages_without_losing_events) {
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
    Filter_Log_Events params{.group = "g", .limit = 1};
    do {
        const auto page = logs.filter_events(account, params).value();
        for (const auto& event : page.events) all.push_back(event.message);
        params.token = page.next_token;
    } while (!params.token.empty());
    EXPECT_THAT(all, ElementsAre("START", "ERROR one", "ERROR two", "all good"));
}

TEST_F(Logs_Test, describe_operations_page_and_sort) {
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

    for (const auto* name : {"/aws/lambda/one", "/aws/lambda/two", "other"})
        logs.create_group(account, {.name = name}).value();
    const auto groups = logs.describe_groups(account, {.prefix = "/aws/", .limit = 1}).value();
    EXPECT_THAT(names(groups), ElementsAre("/aws/lambda/one"));
    EXPECT_THAT(names(logs.describe_groups(account, {.prefix = "/aws/", .after = groups.next_token}).value()),
                ElementsAre("/aws/lambda/two"));
    EXPECT_THAT(names(logs.describe_groups(account, {.pattern = "LAMBDA/t"}).value()), ElementsAre("/aws/lambda/two"));
}

/// Counts the reads of log events.
struct Counting_Store final : test_support::Forwarding_Store {
    using Forwarding_Store::Forwarding_Store;
    std::vector<store::Found_Log_Event> find_logs(const store::Log_Query& query) override {
        ++reads;
        return Forwarding_Store::find_logs(query);
    }
    std::map<std::string, store::Log_Times> log_times(const std::string& group, std::int64_t start_ms) override {
        ++reads;
        return Forwarding_Store::log_times(group, start_ms);
    }
    int reads = 0;
};

TEST_F(Logs_Test, describe_streams_reads_the_times_of_its_page) {
    for (int number = 0; number < 20; ++number) append(fmt::format("s{:02}", number), 100 - number, "x");
    logs.create_stream(account, "g", "empty").value();
    Counting_Store counted(*store);
    Context restarted{.loop = loop, .store = counted};
    const auto by_name = [&](Logs& each) { return each.describe_streams(account, {.group = "g", .limit = 3}).value(); };
    Logs first{restarted};
    first.load();
    counted.reads = 0;
    EXPECT_THAT(names(by_name(first)), ElementsAre("empty", "s00", "s01"));
    EXPECT_EQ(counted.reads, 6) << "the oldest and the newest event of each stream of the page";
    EXPECT_EQ(by_name(first).items[1].last_event_ms, 100);

    Logs second{restarted};
    second.load();
    counted.reads = 0;
    const auto page = second.describe_streams(account, {.group = "g", .by_last_event = true, .limit = 2}).value();
    EXPECT_THAT(names(page), ElementsAre("s19", "s18"));
    EXPECT_EQ(page.items[0].first_event_ms, 81);
    EXPECT_EQ(counted.reads, 1) << "the times of all streams at once";
    EXPECT_EQ(by_name(second).items[0].last_event_ms, std::nullopt);
    EXPECT_EQ(counted.reads, 1);
}

TEST_F(Logs_Test, delete_removes_the_events) {
    append("s", 1, "old");
    logs.delete_group(account, "g").value();
    logs.create_group(account, {.name = "g"}).value();
    logs.create_stream(account, "g", "s").value();

    EXPECT_THAT(logs.get_events(account, {.group = "g", .stream = "s"}).value().events, IsEmpty());
    append("s", 2, "new");
    logs.delete_stream(account, "g", "s").value();
    EXPECT_THAT(filtered({.group = "g"}), IsEmpty());
    Logs again{context};
    again.load();
    EXPECT_THAT(again.describe_streams(account, {.group = "g"}).value().items, IsEmpty());
}

// ---- rules for batches ----

constexpr std::int64_t hour_ms = 3'600'000, day_ms = 24 * hour_ms;

struct Put_Events_Test : Logs_Test {
    Put_Events_Test() {
        logs.create_group(account, {.name = "g"}).value();
        logs.create_stream(account, "g", "s").value();
    }
    Result<Rejected_Log_Events> put(std::vector<std::int64_t> times) {
        std::vector<store::Log_Event> events;
        for (const auto time : times) events.push_back({.timestamp_ms = time, .message = "m"});
        return logs.put_events(account, "g", "s", std::move(events));
    }
    std::size_t stored_events() {
        return logs.get_events(account, {.group = "g", .stream = "s"}).value().events.size();
    }
};

TEST_F(Put_Events_Test, rejects_and_reports_events_too_old_or_too_new) {
    const auto old_events = put({now_ms() - 14 * day_ms - 1, now_ms() - 14 * day_ms}).value();
    EXPECT_EQ(old_events.too_old_to, 1U);
    EXPECT_EQ(old_events.too_new_from, std::nullopt);
    EXPECT_EQ(stored_events(), 1U);

    const auto new_events = put({now_ms() + 2 * hour_ms, now_ms() + 2 * hour_ms + 1}).value();
    EXPECT_EQ(new_events.too_new_from, 1U);
    EXPECT_EQ(new_events.too_old_to, std::nullopt);
    EXPECT_EQ(stored_events(), 2U);
}

TEST_F(Put_Events_Test, rejects_events_past_the_retention) {
    logs.put_retention(account, "g", 1).value();
    const auto rejected = put({now_ms() - day_ms - 1, now_ms() - 1}).value();
    EXPECT_EQ(rejected.expired_to, 1U);
    EXPECT_EQ(rejected.too_old_to, std::nullopt);
    EXPECT_EQ(stored_events(), 1U);
}

TEST_F(Put_Events_Test, invalid_batch_fails_with_the_message_of_the_service) {
    EXPECT_THAT(put({2, 1}),
                Fails_with_message("InvalidParameterException",
                                   "Log events in a single PutLogEvents request must be in chronological order."));
    EXPECT_THAT(put({now_ms() - day_ms - 1, now_ms()}), Fails_with("InvalidParameterException"));
    EXPECT_TRUE(put({now_ms() - day_ms, now_ms()}).has_value());
    EXPECT_TRUE(put(std::vector<std::int64_t>(10'000, now_ms())).has_value());
    const auto of_size = [&](std::size_t bytes) {
        return logs.put_events(account, "g", "s", {{.timestamp_ms = now_ms(), .message = std::string(bytes, 'x')}});
    };
    EXPECT_TRUE(of_size(1'048'576 - 26).has_value());
    EXPECT_THAT(
        of_size(1'048'576 - 25),
        Fails_with_message("InvalidParameterException", "Upload too large: 1048577 bytes exceeds limit of 1048576"));
}

// ---- retention ----

struct Retention_Test : Put_Events_Test {
    std::size_t in_store() {
        return store->find_logs({.group = account.id + ":" + account.region + ":g", .stream = ""}).size();
    }
};

TEST_F(Retention_Test, expired_events_are_hidden_immediately_and_erased_later) {
    logs.put_retention(account, "g", 1).value();
    put({now_ms() - hour_ms, now_ms()}).value();

    loop.fake_clock.time += std::chrono::hours{23} + std::chrono::milliseconds{1};
    EXPECT_EQ(stored_events(), 1U) << "hidden immediately";
    EXPECT_EQ(filtered({.group = "g"}).size(), 1U);
    EXPECT_EQ(in_store(), 2U);
    loop.advance(std::chrono::minutes{2});
    EXPECT_EQ(in_store(), 1U);
    EXPECT_EQ(logs.describe_streams(account, {.group = "g"}).value().items[0].first_event_ms,
              logs.describe_streams(account, {.group = "g"}).value().items[0].last_event_ms);
    loop.advance(std::chrono::hours{2});
    EXPECT_EQ(in_store(), 0U);
    EXPECT_EQ(logs.describe_streams(account, {.group = "g"}).value().items[0].first_event_ms, std::nullopt);
}

TEST_F(Retention_Test, older_events_expire_after_a_new_policy_and_a_restart) {
    put({now_ms() - 2 * day_ms}).value();
    logs.put_retention(account, "g", 1).value();
    EXPECT_EQ(stored_events(), 0U);
    Logs again{context};
    again.load();
    loop.advance(std::chrono::minutes{2});
    EXPECT_EQ(in_store(), 0U);
}

TEST_F(Retention_Test, events_without_a_policy_never_expire) {
    put({now_ms()}).value();
    logs.put_retention(account, "g", 1).value();
    logs.put_retention(account, "g", std::nullopt).value();
    loop.advance(std::chrono::hours{24 * 400});
    EXPECT_EQ(stored_events(), 1U);
}

TEST_F(Logs_Test, tags_are_added_replaced_and_removed) {
    logs.create_group(account, {.name = "g", .tags = {{"a", "1"}, {"b", "2"}}}).value();
    const auto arn = log_group_arn(account, "g");
    logs.tag(account, arn, {{"b", "3"}, {"c", ""}}).value();
    logs.untag(account, arn, {"a", "never there"}).value();
    EXPECT_EQ(logs.tags(account, arn).value(), (Log_Tags{{"b", "3"}, {"c", ""}}));

    Log_Tags many;
    for (int i = 0; i < 49; ++i) many.emplace(std::to_string(i), "");
    EXPECT_THAT(logs.tag(account, arn, many), Fails_with("TooManyTagsException"));
    EXPECT_THAT(logs.tag(account, arn, {{"aws:x", ""}}), Fails_with("InvalidParameterException"));
    EXPECT_THAT(logs.tags(account, arn + "x"), Fails_with("ResourceNotFoundException"));
    EXPECT_THAT(logs.tags(account, "g"), Fails_with("InvalidParameterException"));
}

struct Pattern_Case {
    const char* name;
    const char* pattern;
    const char* message;
    bool matches;
};
void PrintTo(const Pattern_Case& c, std::ostream* out) { *out << c.pattern << " on " << c.message; }

struct Filter_Pattern_Test : testing::TestWithParam<Pattern_Case> {};

TEST_P(Filter_Pattern_Test, pattern_matches_expected_messages) {
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

INSTANTIATE_TEST_SUITE_P(regular_expressions, Filter_Pattern_Test,
                         testing::Values(Pattern_Case{"found", "%AUTH[A-Z]+%", "[ERROR] UNAUTHORIZED", true},
                                         Pattern_Case{"not_found", "%^AUTH%", "UNAUTHORIZED", false},
                                         Pattern_Case{"digits", R"(%\d{3}$%)", "status 404", true},
                                         Pattern_Case{"too_few_digits", R"(%\d{4}%)", "status 404", false},
                                         Pattern_Case{"hexadecimal_is_literal", R"(%\x28x\x29%)", "f(x)", true},
                                         Pattern_Case{"escaped_point", R"(%1\.5%)", "175", false},
                                         Pattern_Case{"class_in_brackets", R"(%[\w.]+@x%)", "mail me.you@x", true},
                                         Pattern_Case{"bracket_in_brackets", R"(%[\]]%)", "a]", true},
                                         Pattern_Case{"either", "%warn|error%", "an error", true},
                                         Pattern_Case{"beside_terms", R"(%\d% -debug)", "debug 1", false}),
                         [](const auto& c) { return c.param.name; });

const char* const login = R"({"eventType": "UpdateTrail", "latency": 120.5, "retry": false, "removed": null, "big": 1e3,
    "detail-type": "x", "a.b": 1, "users": [{"id": 5, "name": "Ann"}, {"id": 9}], "ip": "123.123.1.2", "code": 404})";

struct Json_Pattern_Case {
    const char* name;
    const char* pattern;
    bool matches;
};
void PrintTo(const Json_Pattern_Case& c, std::ostream* out) { *out << c.pattern; }
struct Json_Pattern_Test : testing::TestWithParam<Json_Pattern_Case> {};

TEST_P(Json_Pattern_Test, pattern_matches_expected_values) {
    EXPECT_EQ(Filter_Pattern::parse(GetParam().pattern).value().matches(login), GetParam().matches);
}
INSTANTIATE_TEST_SUITE_P(
    cases, Json_Pattern_Test,
    testing::Values(Json_Pattern_Case{"text", R"({ $.eventType = "UpdateTrail" })", true},
                    Json_Pattern_Case{"word", "{$.eventType=UpdateTrail}", true},
                    Json_Pattern_Case{"wildcard", R"({ $.eventType = "*Trail" })", true},
                    Json_Pattern_Case{"wildcard_of_a_number", "{ $.code = 4* }", true},
                    Json_Pattern_Case{"excluded_wildcard", "{ $.ip != 123.123.* }", false},
                    Json_Pattern_Case{"other_than", R"({ $.eventType != "x" })", true},
                    Json_Pattern_Case{"other_than_of_a_missing_member", R"({ $.nothing != "x" })", false},
                    Json_Pattern_Case{"greater", "{ $.latency > 120 }", true},
                    Json_Pattern_Case{"not_greater", "{ $.latency > 120.5 }", false},
                    Json_Pattern_Case{"at_least", "{ $.latency >= 120.5 }", true},
                    Json_Pattern_Case{"equal_numbers", "{ $.big = 1000 }", true},
                    Json_Pattern_Case{"of_an_array", "{ $.users[1].id = 9 }", true},
                    Json_Pattern_Case{"past_an_array", "{ $.users[2].id = 9 }", false},
                    Json_Pattern_Case{"hyphen", "{ $.detail-type = x }", true},
                    Json_Pattern_Case{"name_in_brackets", "{ $['a.b'] = 1 }", true},
                    Json_Pattern_Case{"is_false", "{ $.retry IS FALSE }", true},
                    Json_Pattern_Case{"is_true", "{ $.retry IS TRUE }", false},
                    Json_Pattern_Case{"is_null", "{ $.removed IS NULL }", true},
                    Json_Pattern_Case{"missing_is_not_null", "{ $.nothing IS NULL }", false},
                    Json_Pattern_Case{"not_exists", "{ $.nothing NOT EXISTS }", true},
                    Json_Pattern_Case{"null_exists", "{ $.removed NOT EXISTS }", false},
                    Json_Pattern_Case{"regular_expression", "{ $.eventType = %^Up.*l$% }", true},
                    Json_Pattern_Case{"and", "{ ($.code = 404) && ($.users[0].name = \"Ann\") }", true},
                    Json_Pattern_Case{"and_binds_tighter", "{ $.code = 404 || $.code = 1 && $.code = 2 }", true},
                    Json_Pattern_Case{"parentheses", "{ ($.code = 404 || $.code = 1) && $.code = 2 }", false}),
    [](const auto& c) { return c.param.name; });

TEST(Json_Pattern_Message_Test, only_json_objects_match) {
    const auto pattern = Filter_Pattern::parse("{ $.a NOT EXISTS }").value();
    EXPECT_FALSE(pattern.matches("START RequestId"));
    EXPECT_FALSE(pattern.matches("[1]"));
    EXPECT_TRUE(pattern.matches("{}\n"));
}

const char* const access_log_line =
    R"(127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";

struct Column_Pattern_Test : testing::TestWithParam<Json_Pattern_Case> {};

TEST_P(Column_Pattern_Test, pattern_matches_expected_columns) {
    EXPECT_EQ(Filter_Pattern::parse(GetParam().pattern).value().matches(access_log_line), GetParam().matches);
}
INSTANTIATE_TEST_SUITE_P(
    cases, Column_Pattern_Test,
    testing::Values(
        Json_Pattern_Case{"all_columns", "[ip, user, username, timestamp, request, status_code, bytes]", true},
        Json_Pattern_Case{"too_few", "[ip, user, username]", false},
        Json_Pattern_Case{"conditions", "[ip, u, n, t, request = *.html*, status_code = 4*, bytes > 1000]", true},
        Json_Pattern_Case{"number_too_small", "[ip, u, n, t, request, status_code, bytes > 2000]", false},
        Json_Pattern_Case{"others_before", "[..., status_code = 404, bytes]", true},
        Json_Pattern_Case{"others_after", "[ip = 127.0.0.1, ...]", true},
        Json_Pattern_Case{"others_between", "[ip != %^10%, ..., bytes >= 1534]", true},
        Json_Pattern_Case{"either", "[..., status_code = 5* || status_code = 4*, bytes]", true},
        Json_Pattern_Case{"both", "[..., status_code > 400 && status_code < 404, bytes]", false}),
    [](const auto& c) { return c.param.name; });

TEST(Filter_Pattern_Errors_Test, errors_match_the_service) {
    const auto fails_with = [](const std::string& message) {
        return Fails_with_message("InvalidParameterException", message);
    };
    EXPECT_THAT(Filter_Pattern::parse("\"open"), fails_with("Invalid filter pattern"));
    EXPECT_THAT(Filter_Pattern::parse("a:b"), fails_with("Invalid character(s) in term ':'"));
    EXPECT_THAT(Filter_Pattern::parse("{ $.a = 1"),
                fails_with("If a filter pattern starts with '{' it must end with '}'"));
    EXPECT_THAT(Filter_Pattern::parse("{ a = 1 }"), fails_with("Invalid character(s) in term 'a'"));
    EXPECT_THAT(Filter_Pattern::parse("{ $.a > x }"), fails_with("Invalid filter pattern"));
    EXPECT_THAT(Filter_Pattern::parse("[a, ..., b, ...]"), Fails_with("InvalidParameterException"));
    EXPECT_THAT(Filter_Pattern::parse("%(a)%"), fails_with("Invalid character(s) in term '('"));
    EXPECT_THAT(Filter_Pattern::parse("%a%%b%%c%"), fails_with("Invalid filter pattern"));
    for (const auto* invalid : {"%a**%", "%[a%", "%a{300}%", "%a{2}{2}%", "%*%", "%\\%", "%%"})
        EXPECT_THAT(Filter_Pattern::parse(invalid), Fails_with("InvalidParameterException")) << invalid;
    EXPECT_THAT(Filter_Pattern::parse(std::string(1025, 'x')), Fails_with("InvalidParameterException"));
    EXPECT_THAT(Filter_Pattern::parse("{" + std::string(500, '(') + "}"), Fails_with("InvalidParameterException"));
}

TEST(Filter_Pattern_Regex_Test, long_message_does_not_exhaust_the_stack) {
    EXPECT_FALSE(Filter_Pattern::parse("%(a|b)*c$%").has_value());
    EXPECT_FALSE(Filter_Pattern::parse("%[ab]*x*y*c$%").value().matches(std::string(1 << 20, 'a')));
}

// ---- live tail ----

struct Viewer_State {
    std::vector<std::vector<std::string>> updates;
    bool disconnected = false, behind = false, sampled = false, timed_out = false;
};

struct Fake_Viewer final : Live_Tail_Viewer {
    explicit Fake_Viewer(Viewer_State& state) : viewer(state) {}
    bool disconnected() const override { return viewer.disconnected; }
    bool behind() const override { return viewer.behind; }
    void update(std::span<const Live_Tail_Event> events, bool sampled) override {
        auto& update = viewer.updates.emplace_back();
        for (const auto& event : events) update.push_back(event.stream + ": " + event.message);
        viewer.sampled = viewer.sampled || sampled;
    }
    void time_out() override { viewer.timed_out = true; }
    Viewer_State& viewer;
};

struct Live_Tail_Test : Logs_Test {
    const std::string arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    Viewer_State viewer;

    Live_Tail_Test() { logs.create_group(account, {.name = "g"}).value(); }
    Result<void> start(Start_Live_Tail params) {
        return logs.start_live_tail(account, params, std::make_unique<Fake_Viewer>(viewer));
    }
};

TEST_F(Live_Tail_Test, events_of_one_loop_turn_arrive_in_one_update) {
    append("s", 1, "before");
    start({.groups = {arn}}).value();
    append("s", 2, "one");
    append("t", 3, "two");
    EXPECT_THAT(viewer.updates, IsEmpty());
    loop.run();
    EXPECT_THAT(viewer.updates, ElementsAre(ElementsAre("s: one", "t: two")));
}

TEST_F(Live_Tail_Test, selects_by_stream_prefix_and_pattern) {
    start({.groups = {arn}, .streams = {"s"}, .pattern = "ERROR"}).value();
    append("s", 1, "INFO");
    append("t", 2, "ERROR");
    append("s", 3, "ERROR");
    logs.append(account, "h", "s", {{.timestamp_ms = 4, .message = "ERROR"}});
    loop.run();
    EXPECT_THAT(viewer.updates, ElementsAre(ElementsAre("s: ERROR")));

    viewer = {};
    start({.groups = {arn}, .stream_prefixes = {"2026/", "x"}}).value();
    append("2026/1", 5, "a");
    append("y", 6, "b");
    loop.run();
    EXPECT_THAT(viewer.updates, ElementsAre(ElementsAre("2026/1: a")));
}

TEST_F(Live_Tail_Test, sends_an_empty_update_after_a_second_without_events) {
    start({.groups = {arn}}).value();
    loop.advance(std::chrono::milliseconds{999});
    EXPECT_THAT(viewer.updates, IsEmpty());
    loop.advance(std::chrono::milliseconds{1});
    EXPECT_THAT(viewer.updates, ElementsAre(IsEmpty()));
}

TEST_F(Live_Tail_Test, splits_events_into_updates_of_five_hundred) {
    start({.groups = {arn}}).value();
    logs.append(account, "g", "s", std::vector<store::Log_Event>(1001, {.timestamp_ms = 1, .message = "m"}));
    loop.run();
    ASSERT_EQ(viewer.updates.size(), 3U);
    EXPECT_EQ(viewer.updates[0].size(), 500U);
    EXPECT_EQ(viewer.updates[2].size(), 1U);
    EXPECT_FALSE(viewer.sampled);
}

TEST_F(Live_Tail_Test, slow_viewer_loses_the_oldest_events_and_is_notified) {
    start({.groups = {arn}}).value();
    viewer.behind = true;
    for (int i = 0; i < 6; ++i)
        logs.append(account, "g", "s", std::vector<store::Log_Event>(1000, {.timestamp_ms = 1, .message = "m"}));
    loop.run();
    EXPECT_THAT(viewer.updates, IsEmpty());

    viewer.behind = false;
    loop.advance(std::chrono::seconds{1});
    EXPECT_EQ(viewer.updates.size(), 10U);
    EXPECT_TRUE(viewer.sampled);
}

TEST_F(Live_Tail_Test, session_ends_on_disconnect_or_after_three_hours) {
    start({.groups = {arn}}).value();
    EXPECT_TRUE(logs.live_tail_active());
    viewer.disconnected = true;
    loop.advance(std::chrono::seconds{1});
    EXPECT_FALSE(logs.live_tail_active());

    viewer = {};
    start({.groups = {arn}}).value();
    for (int second = 0; second < 3 * 3600; ++second) loop.advance(std::chrono::seconds{1});
    EXPECT_TRUE(viewer.timed_out);
    EXPECT_FALSE(logs.live_tail_active());
}

TEST_F(Live_Tail_Test, invalid_requests_are_rejected) {
    EXPECT_THAT(start({.groups = {"g"}}), Fails_with("InvalidParameterException"));
    EXPECT_THAT(start({.groups = {arn + ":*"}}), Fails_with("InvalidParameterException"));
    EXPECT_THAT(start({.groups = {arn + "x"}}), Fails_with("ResourceNotFoundException"));
    EXPECT_THAT(start({.groups = {arn}, .streams = {"s"}, .stream_prefixes = {"s"}}),
                Fails_with("InvalidParameterException"));
    EXPECT_THAT(
        start({.groups = {arn}, .pattern = "a:b"}),
        Fails_with_message("InvalidParameterException", "Invalid filter pattern: Invalid character(s) in term ':'"));
    for (int i = 0; i < 15; ++i) start({.groups = {arn}}).value();
    EXPECT_THAT(start({.groups = {arn}}), Fails_with("LimitExceededException"));
}

struct Subscriptions_Test : Logs_Test {
    Function_Registry functions{context};
    test_support::Fake_Invocations invocations;
    const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

    void SetUp() override {
        logs.create_group(account, {.name = "g"}).value();
        logs.create_stream(account, "g", "s").value();
        logs.subscriptions().connect(functions, invocations);
    }
    /// Adds the function with a statement of its policy.
    void add_function(const Json& condition, const std::string& principal = "logs.amazonaws.com") {
        auto function = std::make_shared<Function>();
        function->name = "f";
        function->arn = arn;
        function->state = "Active";
        function->log_group = "/aws/lambda/f";
        Function_Record& record = functions.add(function);
        record.serving = function;
        record.statements[""] = {{{"Effect", "Allow"},
                                  {"Principal", {{"Service", principal}}},
                                  {"Action", "lambda:InvokeFunction"},
                                  {"Resource", arn},
                                  {"Condition", condition}}};
    }
    void subscribe(const std::string& pattern, const std::string& group = "g") {
        logs.resources().put({.account = account,
                              .kind = std::string(log_kinds::subscription_filter),
                              .name = group + ":filter",
                              .members = {{"logGroupName", group},
                                          {"filterName", "filter"},
                                          {"filterPattern", pattern},
                                          {"destinationArn", arn}}});
        logs.subscriptions().update(account, group);
    }
    Json payload(std::size_t index) const {
        const Json event = base::parse_json(invocations.queued_events.at(index).payload);
        const auto bytes = base::base64_decode(event["awslogs"]["data"].get<std::string>()).value();
        return base::parse_json(base::gzip_decompress(bytes, 10'000'000).value());
    }
};

TEST_F(Subscriptions_Test, matching_events_are_sent_with_their_columns) {
    add_function(Json::object());
    subscribe("[level = ERROR, code]");
    logs.put_events(account, "g", "s",
                    {{.timestamp_ms = now_ms(), .message = "ERROR 5"}, {.timestamp_ms = now_ms(), .message = "INFO 6"}})
        .value();
    ASSERT_EQ(invocations.queued_events.size(), 1U);
    const Json data = payload(0);
    EXPECT_EQ(data["messageType"], "DATA_MESSAGE");
    ASSERT_EQ(data["logEvents"].size(), 1U);
    EXPECT_EQ(data["logEvents"][0]["message"], "ERROR 5");
    EXPECT_EQ(data["logEvents"][0]["extractedFields"], (Json{{"level", "ERROR"}, {"code", "5"}}));
}

TEST_F(Subscriptions_Test, large_batches_are_split) {
    add_function(Json::object());
    subscribe("");
    std::vector<store::Log_Event> events;
    std::uint32_t state = 1;
    for (int event = 0; event < 4; ++event) {
        std::string message;
        for (int i = 0; i < 250'000; ++i)
            message += static_cast<char>('!' + (state = state * 1'664'525 + 1'013'904'223) / 50'000'000);
        events.push_back({.timestamp_ms = now_ms(), .message = message});
    }
    logs.append(account, "g", "s", events);
    EXPECT_GT(invocations.queued_events.size(), 1U);
    std::size_t received = 0;
    for (std::size_t i = 0; i < invocations.queued_events.size(); ++i) {
        EXPECT_LE(invocations.queued_events[i].payload.size(), event_bytes_max);
        received += payload(i)["logEvents"].size();
    }
    EXPECT_EQ(received, 4U);
}

TEST_F(Subscriptions_Test, function_does_not_receive_its_own_log) {
    add_function(Json::object());
    subscribe("", "/aws/lambda/f");
    append("s", 1, "not subscribed");
    logs.append(account, "/aws/lambda/f", "s", {{.timestamp_ms = 1, .message = "own"}});
    EXPECT_THAT(invocations.queued_events, IsEmpty());
}

TEST_F(Subscriptions_Test, permission_is_checked_with_its_conditions) {
    const auto is_permitted = [&](const Json& condition, const std::string& principal = "logs.amazonaws.com") {
        functions.clear();
        add_function(condition, principal);
        return logs.subscriptions().check_delivery(account, "g", arn).has_value();
    };
    const std::string group = "arn:aws:logs:us-east-1:000000000000:log-group:";
    EXPECT_TRUE(is_permitted(Json::object()));
    EXPECT_TRUE(is_permitted(Json::object(), "logs.us-east-1.amazonaws.com"));
    EXPECT_FALSE(is_permitted(Json::object(), "logs.eu-west-1.amazonaws.com"));
    EXPECT_FALSE(is_permitted(Json::object(), "s3.amazonaws.com"));
    EXPECT_TRUE(is_permitted({{"ArnLike", {{"AWS:SourceArn", group + "g:*"}}}}));
    EXPECT_TRUE(is_permitted({{"ArnLike", {{"AWS:SourceArn", group + "*"}}}}));
    EXPECT_FALSE(is_permitted({{"ArnLike", {{"AWS:SourceArn", group + "other:*"}}}}));
    EXPECT_TRUE(is_permitted({{"StringEquals", {{"AWS:SourceAccount", "000000000000"}}}}));
    EXPECT_FALSE(is_permitted({{"StringEquals", {{"AWS:SourceAccount", "111122223333"}}}}));
    EXPECT_TRUE(is_permitted({{"Bool", {{"aws:SecureTransport", "true"}}}}));
}

TEST_F(Logs_Test, patterns_name_the_parts_of_messages) {
    const auto pattern = Filter_Pattern::parse("[ip, ..., status = 4*, bytes]").value();
    EXPECT_THAT(pattern.extracted("1.2.3.4 GET \"a b\" 404 7"),
                ElementsAre(testing::Pair("$2", "GET"), testing::Pair("$3", "a b"), testing::Pair("$bytes", "7"),
                            testing::Pair("$ip", "1.2.3.4"), testing::Pair("$status", "404")));
    EXPECT_TRUE(Filter_Pattern::parse("[]").value().matches("anything at all"));
    EXPECT_THAT(Filter_Pattern::parse("{ $.a[0] = 1 || $.b IS TRUE }").value().extracted(R"({"a": [1], "b": true})"),
                ElementsAre(testing::Pair("$.a[0]", "1"), testing::Pair("$.b", "true")));
    EXPECT_THAT(Filter_Pattern::parse("ERROR").value().extracted("ERROR"), IsEmpty());
}

}  // namespace
}  // namespace osbot_aws::services
