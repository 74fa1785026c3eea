#include <fmt/format.h>
#include <gmock/gmock.h>

#include "services/logs/insights/insights_query.hpp"
#include "services/logs/insights/insights_scanner.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with_message;
using testing::ElementsAre;

std::shared_ptr<const Insights_Event> event(const std::string& message, std::int64_t at = 0) {
    auto made = std::make_shared<Insights_Event>();
    made->message = message;
    made->timestamp_ms = at;
    made->pointer = "p";
    return made;
}

/// Returns the rows of a query as name=value, without @ptr.
std::vector<std::string> rows(std::string_view text, const std::vector<std::string>& messages,
                              Insights_Query::Params params = {}) {
    auto query = Insights_Query::parse(text, params).value();
    std::int64_t at = 0;
    for (const auto& message : messages) query.push(event(message, at += 60'000)).value();
    query.finish().value();
    std::vector<std::string> found;
    for (const auto& row : query.results()) {
        std::string& line = found.emplace_back();
        for (const auto& [name, value] : row)
            if (name != "@ptr") line += (line.empty() ? "" : " ") + name + "=" + value;
    }
    return found;
}

/// Returns the value of an expression for an event.
std::string value(const std::string& expression, const std::string& message = "{}") {
    const auto found = rows("fields " + expression + " as v | display v", {message});
    return found.at(0).empty() ? "" : found.at(0).substr(2);
}

TEST(Insights_Test, operators_bind_as_in_arithmetic) {
    EXPECT_EQ(value("1 + 2 * 3 - 4 / 2"), "5");
    EXPECT_EQ(value("(1 + 2) * 3"), "9");
    EXPECT_EQ(value("2 ^ 3 % 5"), "3");
    EXPECT_EQ(value("-2 + 1"), "-1");
    EXPECT_EQ(value("10 / 4"), "2.5");
    EXPECT_EQ(value("1 / 3"), "0.3333");
    EXPECT_EQ(value("7.5 % 2"), "1.5");
    EXPECT_EQ(value("2 ^ 0.5"), "1.4142");
    EXPECT_EQ(value("1 / 0"), "");
    EXPECT_EQ(value("1 < 2 and not (2 = 3) or false"), "1");
}

TEST(Insights_Test, functions_transform_values) {
    EXPECT_EQ(value("abs(-3)"), "3");
    EXPECT_EQ(value("ceil(-1.5)"), "-1");
    EXPECT_EQ(value("floor(-1.5)"), "-2");
    EXPECT_EQ(value("sqrt(2)"), "1.4142");
    EXPECT_EQ(value("log(10)"), "2.3026");
    EXPECT_EQ(value("greatest(1, 10, 9)"), "10");
    EXPECT_EQ(value("concat('a', 1, \"b\")"), "a1b");
    EXPECT_EQ(value("substr('hello', 1, 3)"), "ell");
    EXPECT_EQ(value("replace('a.b.c', '.', '-')"), "a-b-c");
    EXPECT_EQ(value("trim('  x ')"), "x");
    EXPECT_EQ(value("coalesce(missing, 'other')"), "other");
    EXPECT_EQ(value("isempty(missing)"), "1");
    EXPECT_EQ(value("strlen(missing)"), "");
    EXPECT_EQ(value("fromMillis(90000)"), "1970-01-01 00:01:30.000");
    EXPECT_EQ(value("datefloor(fromMillis(90000), 1m)"), "1970-01-01 00:01:00.000");
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html, results
TEST(Insights_Test, row_has_its_pointer_once) {
    auto query = Insights_Query::parse("fields @ptr, @message", {}).value();
    query.push(event("a")).value();
    query.finish().value();
    EXPECT_THAT(query.results(), ElementsAre(ElementsAre(std::pair("@message", "a"), std::pair("@ptr", "p"))));
}

TEST(Insights_Test, numbers_that_are_not_finite_are_no_values) {
    for (const char* expression : {"sqrt(-1)", "log(0)", "10 ^ 1000", "10 ^ 300 * 10 ^ 300", "substr('text', sqrt(-1))",
                                   "fromMillis(sqrt(-1))", "datefloor(sqrt(-1), 1m)"})
        EXPECT_EQ(value(expression), "") << expression;
    const std::string message = R"({"x":"nan","y":"inf"})";
    EXPECT_EQ(value("substr('text', x)", message), "text");
    EXPECT_EQ(value("abs(y)", message), "");
    EXPECT_EQ(value("fromMillis(10 ^ 300)"), "9999-12-31 23:59:59.999");
    EXPECT_EQ(value("dateceil(fromMillis(10 ^ 300), 1w)"), "9999-12-31 23:59:59.999");
    EXPECT_EQ(value("fromMillis(-(10 ^ 300))"), "0000-01-01 00:00:00.000");
    const std::vector<std::string> messages{R"({"x":"nan"})", R"({"x":3})", R"({"x":1})"};
    EXPECT_THAT(rows("stats median(x) as m, pct(x, sqrt(-1)) as p", messages), ElementsAre("m=2 p=2"));
}

TEST(Insights_Test, members_of_json_messages_are_fields) {
    const std::string message = R"(prefix {"a": {"b": [1, {"c": "x"}]}, "d.e": true, "n": null})";
    EXPECT_EQ(value("a.b.0", message), "1");
    EXPECT_EQ(value("a.b.1.c", message), "x");
    EXPECT_EQ(value("`d.e`", message), "1");
    EXPECT_EQ(value("n", message), "");
    EXPECT_EQ(value("a.b", message), R"([1,{"c":"x"}])");
}

TEST(Insights_Test, lines_of_lambda_have_fields) {
    const std::string report =
        "REPORT RequestId: 1-2\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB";
    EXPECT_THAT(rows("fields @type, @requestId, @duration, @billedDuration, @memorySize, @maxMemoryUsed", {report}),
                ElementsAre("@type=REPORT @requestId=1-2 @duration=12.5 @billedDuration=13 @memorySize=128000000 "
                            "@maxMemoryUsed=40000000"));
    EXPECT_THAT(rows("fields @type, @requestId", {"START RequestId: 7 Version: 1"}),
                ElementsAre("@type=START @requestId=7"));
}

TEST(Insights_Test, stats_groups_by_time) {
    EXPECT_THAT(rows("stats count(*) as n by bin(2m)", {"a", "b", "c", "d"}),
                ElementsAre("bin(2m)=1970-01-01 00:00:00.000 n=1", "bin(2m)=1970-01-01 00:02:00.000 n=2",
                            "bin(2m)=1970-01-01 00:04:00.000 n=1"));
    EXPECT_THAT(rows("stats latest(@message), earliest(@message), stddev(strlen(@message))", {"a", "bbb"}),
                ElementsAre("latest(@message)=bbb earliest(@message)=a stddev(strlen(@message))=1"));
    EXPECT_THAT(rows("filter @message = 'none' | stats count(*)", {"a"}), ElementsAre("count(*)=0"));
}

TEST(Insights_Test, limit_ends_the_query_early) {
    auto query = Insights_Query::parse("fields @message | limit 2", {}).value();
    query.push(event("a")).value();
    EXPECT_FALSE(query.is_full());
    query.push(event("b")).value();
    EXPECT_TRUE(query.is_full());
    auto sorted = Insights_Query::parse("sort @message | limit 1", {}).value();
    for (const char* message : {"b", "a"}) sorted.push(event(message)).value();
    EXPECT_FALSE(sorted.is_full());
    sorted.finish().value();
    EXPECT_EQ(sorted.results().size(), 1U);
    EXPECT_EQ(sorted.matched(), 2U);
}

TEST(Insights_Test, rows_of_several_groups_are_sorted_by_time) {
    const Insights_Query::Params params{.limit = 10, .sorts_by_time = true};
    EXPECT_THAT(rows("fields @message | limit 1", {"old", "new"}, params), ElementsAre("@message=new"));
    EXPECT_THAT(rows("fields @message | sort @message desc | limit 1", {"old", "new"}, params),
                ElementsAre("@message=old"));
}

TEST(Insights_Test, malformed_queries_name_the_place) {
    EXPECT_THAT(
        Insights_Query::parse("fields a\n| nonsense b", {}),
        Fails_with_message("MalformedQueryException", "unexpected symbol found nonsense at line 2 and position 3"));
    EXPECT_THAT(Insights_Query::parse("filter a =", {}),
                Fails_with_message("MalformedQueryException", "unexpected end of the query"));
    const std::string deep(200, '(');
    EXPECT_THAT(Insights_Query::parse("filter " + deep, {}),
                Fails_with_message("MalformedQueryException", "too many parentheses are open"));
    std::string sum = "filter 1";
    for (int i = 0; i < 501; ++i) sum += "+1";
    EXPECT_THAT(Insights_Query::parse(sum, {}),
                Fails_with_message("MalformedQueryException", "the query has too many arithmetic operators"));
    std::string many = "fields a";
    for (int i = 0; i < 200; ++i) many += " | limit 1";
    EXPECT_FALSE(Insights_Query::parse(many, {}));
}

// ---- memory ----

const Insights_Query::Params small{.limit = 1000, .sorts_by_time = false, .memory_bytes_max = 100'000};

/// Pushes events of so many bytes with unique texts until the query fails. Returns their number; 0 if it does not fail.
int pushed_until_full(std::string_view text, std::size_t bytes, int events_max = 500) {
    auto query = Insights_Query::parse(text, small).value();
    for (int number = 1; number <= events_max; ++number)
        if (!query.push(event(fmt::format("{:08} {}", number, std::string(bytes, 'x'))))) return number;
    return 0;
}

TEST(Insights_Memory_Test, queries_fail_at_their_limit_of_memory) {
    EXPECT_LE(pushed_until_full("sort @timestamp", 10'000), 10);
    EXPECT_GT(pushed_until_full("sort @timestamp", 10'000), 5);
    EXPECT_LE(pushed_until_full("stats count(*) by @message", 10'000), 6) << "the key and the text of a group";
    EXPECT_LE(pushed_until_full("stats latest(@message) by @message", 10'000), 4);
    EXPECT_LE(pushed_until_full("dedup @message | stats count(*)", 10'000), 11);
    EXPECT_LE(pushed_until_full("fields @message", 10'000), 11);
    EXPECT_NE(pushed_until_full("stats count(*), count(*), count(*), count(*) by @message", 1), 0) << "small groups";
    EXPECT_EQ(pushed_until_full("stats latest(@message)", 10'000), 0) << "one group";
    EXPECT_EQ(pushed_until_full("fields @message | limit 3", 10'000), 0);
}

TEST(Insights_Memory_Test, results_that_are_made_at_the_end_are_limited) {
    auto query =
        Insights_Query::parse("sort @timestamp | fields concat(@message, @message, @message) as m", small).value();
    for (int number = 0; number < 8; ++number) query.push(event(std::string(8'000, 'x'))).value();
    EXPECT_THAT(query.finish(), test_support::Fails_with("LimitExceededException"));
}

TEST(Insights_Memory_Test, waiting_rows_do_not_hold_their_parsed_message) {
    auto query = Insights_Query::parse(R"(filter level = "x" | sort level)", {}).value();
    const auto waiting = event(R"({"level": "x"})");
    query.push(waiting).value();
    EXPECT_FALSE(waiting->is_parsed());
    query.finish().value();
    EXPECT_EQ(query.results().size(), 1U);
}

// ---- queries ----

struct Log_Queries_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Logs logs{context};
    Log_Queries queries{logs};
    Account account;

    void SetUp() override { logs.append(account, "g", "s", {{.timestamp_ms = 1'000, .message = "m"}}); }
    /// Starts a query. Returns its id, or "" if it has not responded yet.
    std::string start() {
        std::string id;
        queries.start(account, {.groups = {"g"}, .text = "fields @message", .start_s = 0, .end_s = 9},
                      [&](const Result<std::string>& started) { id = started.value(); });
        loop.run();
        return id;
    }
    Json results(const std::string& id) {
        Json found = queries.results(account, id, 0, 100).value();
        loop.run();
        return found;
    }
};

TEST_F(Log_Queries_Test, few_queries_run_and_the_others_wait) {
    loop.workers_are_busy = true;
    std::vector<std::string> ids(6);
    for (std::string& id : ids)
        queries.start(account, {.groups = {"g"}, .text = "fields @message", .start_s = 0, .end_s = 9},
                      [&id](const Result<std::string>& started) { id = started.value(); });
    loop.advance(std::chrono::seconds{2});
    EXPECT_EQ(queries.active(), 6U);
    const auto count_of = [&](const std::string& status) { return queries.describe(account, "", status).size(); };
    EXPECT_EQ(count_of("Running"), 4U);
    EXPECT_EQ(count_of("Scheduled"), 2U);
    EXPECT_EQ(results(ids[5])["status"], "Scheduled");
    EXPECT_EQ(queries.active(), 6U) << "it waits once";
}

TEST_F(Log_Queries_Test, results_of_older_queries_are_computed_again) {
    constexpr int retained = 20;
    const std::string first = start();
    EXPECT_EQ(results(first)["status"], "Complete");
    for (int query = 0; query < retained; ++query) start();
    EXPECT_NE(results(first)["status"], "Complete");
    const Json again = results(first);
    EXPECT_EQ(again["status"], "Complete");
    EXPECT_EQ(again["statistics"]["recordsScanned"], 1);
    EXPECT_EQ(again["results"].size(), 1U);
}

TEST_F(Log_Queries_Test, large_results_of_older_queries_are_computed_again) {
    logs.append(account, "g", "s", {{.timestamp_ms = 2'000, .message = std::string(10'000, 'x')}});
    Log_Queries limited(logs, 25'000);
    const auto started = [&] {
        std::string id;
        limited.start(account, {.groups = {"g"}, .text = "fields @message", .start_s = 0, .end_s = 9},
                      [&](const Result<std::string>& made) { id = made.value(); });
        loop.run();
        return id;
    };
    const auto status = [&](const std::string& id) { return limited.results(account, id, 0, 100).value()["status"]; };
    const std::string first = started(), second = started();
    EXPECT_EQ(status(first), "Complete");
    const std::string third = started();
    EXPECT_EQ(status(third), "Complete");
    EXPECT_EQ(status(second), "Complete");
    EXPECT_NE(status(first), "Complete");
    loop.run();
    EXPECT_EQ(status(first), "Complete");
    EXPECT_NE(status(second), "Complete") << "it has ended before the third";
}

TEST_F(Log_Queries_Test, results_are_read_in_pages) {
    for (int number = 2; number <= 5; ++number)
        logs.append(account, "g", "s", {{.timestamp_ms = number * 1'000, .message = std::to_string(number)}});
    const std::string id = start();
    const Json page = queries.results(account, id, 1, 2).value();
    EXPECT_EQ(page["results"].size(), 2U);
    EXPECT_EQ(page["results"][0][0]["value"], "4") << "the newest are first";
    EXPECT_EQ(page["statistics"]["resultCount"], 5);
    EXPECT_EQ(page["nextToken"], "3");
    EXPECT_EQ(queries.results(account, id, 3, 2).value().value("nextToken", ""), "");
    EXPECT_EQ(queries.results(account, id, 9, 2).value()["results"].size(), 0U);
}

}  // namespace
}  // namespace osbot_aws::services
