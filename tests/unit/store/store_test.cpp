#include "store/store.hpp"
#include "store/log_sizes.hpp"
#include "store/state_copy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>

#include "base/files.hpp"
#include "store/blobs.hpp"
#include "store/sqlite.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"
#include "unit/store/wait.hpp"

namespace osbot_aws::store {

bool operator==(const Record& a, const Record& b) { return a.key == b.key && a.value == b.value; }
void PrintTo(const Record& record, std::ostream* out) { *out << record.key << "=" << record.value; }

namespace {

using test_support::Fails_with;
using test_support::Succeeds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Every test runs with a store in a folder and with a store in memory.
struct Store_Test : testing::TestWithParam<bool> {
    base::Temporary_Folder folder;
    std::unique_ptr<Store> store = (GetParam() ? Store::open(folder.path() / "state") : Store::in_memory()).value();

    std::vector<std::string> messages(const Log_Query& query) {
        std::vector<std::string> found;
        for (const auto& event : store->find_logs(query)) found.push_back(event.stream + " " + event.message);
        return found;
    }
};
INSTANTIATE_TEST_SUITE_P(places, Store_Test, testing::Bool(),
                         [](const auto& p) { return p.param ? "folder" : "memory"; });

TEST_P(Store_Test, load_returns_latest_records_of_a_kind_in_key_order) {
    store->put("role", "b", "2");
    store->put("role", "a", std::string("\0binary", 7));
    store->put("bucket", "c", "3");
    store->put("role", "b", "22");
    store->put("role", "gone", "x");
    store->erase("role", "gone");

    EXPECT_THAT(store->load("role"), ElementsAre(Record{"a", std::string("\0binary", 7)}, Record{"b", "22"}));
    EXPECT_THAT(store->load("policy"), IsEmpty());
}

TEST_P(Store_Test, find_logs_stops_at_the_limit_of_bytes) {
    for (const char* stream : {"a", "b"})
        for (int at = 0; at < 4; ++at)
            store->append_log("g", stream, {{.timestamp_ms = at, .message = std::string(1000, *stream)}});
    Log_Query query{.group = "g", .stream = ""};
    query.bytes_max = 2500;
    const auto first = store->find_logs(query);
    ASSERT_EQ(first.size(), 3U);
    EXPECT_EQ(first[2].timestamp_ms, 1);
    EXPECT_FALSE(is_last_page(query, first));
    query.after = Log_Position{first[2].timestamp_ms, first[2].sequence};
    query.bytes_max = 1;
    EXPECT_EQ(store->find_logs(query).size(), 1U) << "at least one";
    query.bytes_max = 1 << 20;
    const auto rest = store->find_logs(query);
    EXPECT_EQ(rest.size(), 5U);
    EXPECT_TRUE(is_last_page(query, rest));
    EXPECT_TRUE(std::ranges::is_sorted(rest, {}, &Log_Event::timestamp_ms));
}

TEST_P(Store_Test, read_records_skips_and_keeps_unreadable_records) {
    for (const char* key : {"a", "bad", "c"}) store->put("role", key, key);
    std::vector<std::string> keys;
    const auto read = [&](const Record& record) {
        if (record.value == "bad") throw std::invalid_argument("not JSON");
        keys.push_back(record.key);
    };
    EXPECT_EQ(store->read_records("role", 1, read), 1U);
    EXPECT_EQ(store->read_records("role", 1, read), 1U) << "a reload counts each record once";

    EXPECT_THAT(keys, ElementsAre("a", "c", "a", "c"));
    EXPECT_EQ(store->unreadable_records(), 1U);
    EXPECT_THAT(store->load("role"), ElementsAre(Record{"a", "a"}, Record{"bad", "bad"}, Record{"c", "c"}));
    store->clear();
    EXPECT_EQ(store->unreadable_records(), 0U);
}

TEST_P(Store_Test, blob_of_an_unreadable_record_stays) {
    const std::string sha256 = store->blobs().put("bytes").value()->sha256();
    const std::string other = store->blobs().put("other").value()->sha256();
    store->put("object", "bad", "{\"blob\":\"" + sha256 + "\",\"size\":");
    store->read_records("object", 1, [](const Record&) { throw std::invalid_argument("not JSON"); });

    store->blobs().erase_unreferenced();
    EXPECT_EQ(store->blobs().read(*store->blobs().hold(sha256, 5)).value(), "bytes");
    EXPECT_THAT(store->blobs().read(*store->blobs().hold(other, 5)), Fails_with("ServiceException"));
}

TEST_P(Store_Test, unreadable_record_is_set_aside_when_it_is_replaced) {
    const auto read = [](const Record& record) {
        if (record.value.starts_with("bad")) throw std::invalid_argument("not JSON");
    };
    const std::string sha256 = store->blobs().put("bytes").value()->sha256();
    store->put("role", "name", "bad " + sha256);
    store->put("role", "other", "bad");
    store->read_records("role", 1, read);

    for (const char* value : {"new", "newer"}) store->put("role", "name", value);
    store->erase("role", "name");
    EXPECT_THAT(store->load("role"), ElementsAre(Record{"other", "bad"}));
    const auto moved = store->load("unreadable/role");
    ASSERT_EQ(moved.size(), 1U) << "once, not for each change";
    EXPECT_EQ(moved[0].value, "bad " + sha256);
    EXPECT_EQ(store->unreadable_records(), 2U);

    store->erase("role", "other");
    EXPECT_THAT(store->load("role"), IsEmpty());
    EXPECT_EQ(store->load("unreadable/role").size(), 2U);
    EXPECT_EQ(store->read_records("role", 1, read), 2U) << "also after a restart";
    store->blobs().erase_unreferenced();
    EXPECT_EQ(store->blobs().read(*store->blobs().hold(sha256, 5)).value(), "bytes");
}

/// A store whose changes belong to tasks of a loop, which runs when the test calls loop.run().
struct Store_On_Loop_Test : testing::Test {
    base::Temporary_Folder folder;
    test_support::Fake_Loop loop;
    int failures = 0;
    std::unique_ptr<Store> store = Store::open(folder.path() / "state", {.loop = &loop,
                                                                         .write_failed =
                                                                             [this] {
                                                                                 ++failures;
                                                                                 store->load("x");
                                                                             }})
                                       .value();
    std::size_t records_on_disk() const {
        return static_cast<std::size_t>(
            Sqlite{folder.path() / "state" / "state.db"}.number("SELECT count(*) FROM record"));
    }
};

TEST_F(Store_On_Loop_Test, changes_of_a_task_are_one_transaction) {
    store->put("x", "from", "message");
    loop.run();
    ASSERT_THAT(durable(*store), Succeeds());

    loop.post([&] {
        store->erase("x", "from");
        std::promise<Result<void>> erased;
        store->when_durable(store->last_change(), [&](Result<void> outcome) { erased.set_value(std::move(outcome)); });
        // The writer has a waiter now. Without the task's end it must not write: only then the put is in the same
        // transaction. space() waits for a transaction in progress.
        for (int i = 0; i < 100; ++i) {
            store->space();
            ASSERT_EQ(records_on_disk(), 1U) << "the erase was written without the put";
        }
        store->put("x", "to", "message");
        loop.run();  // ends the task
        EXPECT_THAT(erased.get_future().get(), Succeeds());
    });
    loop.run();
    EXPECT_THAT(store->load("x"), ElementsAre(Record{"to", "message"}));
}

TEST_F(Store_On_Loop_Test, changes_after_a_failed_write_fail_until_the_reload) {
    store->put("x", "before", "1");
    loop.run();
    ASSERT_THAT(durable(*store), Succeeds());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1 << 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::promise<Result<void>> lost;
    store->put("x", "lost", std::string(2 << 20, 'r'));
    store->when_durable(store->last_change(), [&](Result<void> outcome) { lost.set_value(std::move(outcome)); });
    std::promise<Result<void>> dependent;
    loop.post([&] {  // before the reload, which the failure posts
        EXPECT_THAT(lost.get_future().get(), Fails_with("ServiceException"));
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
        store->put("x", "dependent", "2");
        store->when_durable(store->last_change(),
                            [&](Result<void> outcome) { dependent.set_value(std::move(outcome)); });
    });
    loop.run();
    ::signal(SIGXFSZ, handler);

    EXPECT_THAT(dependent.get_future().get(), Fails_with("ServiceException")) << "it may depend on the lost change";
    loop.run();
    EXPECT_EQ(failures, 1);
    store->put("x", "after", "3");
    loop.run();
    EXPECT_THAT(durable(*store), Succeeds());
    EXPECT_THAT(store->load("x"), ElementsAre(Record{"after", "3"}, Record{"before", "1"}));
}

TEST_P(Store_Test, log_bytes_count_the_events_of_a_group) {
    const auto of_event = [](std::size_t message) { return message + log_event_overhead; };
    const auto bytes_of = [&](const char* group) { return durable(*store).value(), log_bytes(*store, group); };
    store->append_log("g", "a", {{.timestamp_ms = 1, .message = "one"}, {.timestamp_ms = 9, .message = "grüße"}});
    store->append_log("g", "b", {{.timestamp_ms = 5, .message = "x"}});
    store->append_log("other", "a", {{.timestamp_ms = 5, .message = "yy"}});
    EXPECT_EQ(bytes_of("g"), of_event(3) + of_event(7) + of_event(1));
    store->erase_logs_before("g", 5);
    EXPECT_EQ(bytes_of("g"), of_event(7) + of_event(1));
    store->erase_oldest_logs(2);  // the oldest by arrival: of the rest, that of a and that of b
    EXPECT_EQ(bytes_of("g"), 0U);
    EXPECT_EQ(bytes_of("other"), of_event(2));
    store->erase_logs("other", "");
    EXPECT_EQ(bytes_of("other"), 0U);
}

TEST_P(Store_Test, state_is_copied_checked_and_replaced) {
    const auto blob = store->blobs().put("bytes").value();
    store->put("object", "k", "{\"blob\":\"" + blob->sha256() + "\"}");
    store->put("lambda.image", "i", "{}");
    store->append_log("g", "s", {{.timestamp_ms = 1, .message = "event"}});
    durable(*store).value();
    EXPECT_EQ(log_bytes(*store, "g"), 5 + log_event_overhead);
    const auto copied = copy_state(*store, folder.path() / "copy").value();
    EXPECT_EQ(copied.records, 1U) << "images are not copied";
    EXPECT_EQ(copied.blobs, 1U);

    const auto other = Store::open(folder.path() / "other").value();
    other->put("object", "old", "{}");
    EXPECT_EQ(check_state(folder.path() / "copy").value().log_events, 1U);
    const auto blobs = take_blobs(*other, folder.path() / "copy").value();
    ASSERT_EQ(blobs.size(), 1U);
    EXPECT_EQ(other->blobs().read(*blobs[0]).value(), "bytes");
    replace_state(*other, folder.path() / "copy").value();
    EXPECT_EQ(other->load("object").size(), 1U);
    EXPECT_EQ(other->load("object").at(0).key, "k");
    EXPECT_EQ(log_bytes(*other, "g"), 5 + log_event_overhead);
    other->append_log("g", "s", {{.timestamp_ms = 2, .message = "next"}});
    EXPECT_EQ(other->find_logs({.group = "g", .stream = ""}).size(), 2U);
}

TEST_P(Store_Test, states_with_other_tables_are_rejected) {
    copy_state(*store, folder.path() / "copy").value();
    Sqlite{folder.path() / "copy/state.db"}.run("CREATE TRIGGER t AFTER INSERT ON record BEGIN SELECT 1; END");
    EXPECT_THAT(check_state(folder.path() / "copy"), Fails_with("InvalidArchive"));
    copy_state(*store, folder.path() / "newer").value();
    Sqlite{folder.path() / "newer/state.db"}.run("PRAGMA user_version = 99");
    EXPECT_THAT(check_state(folder.path() / "newer"), Fails_with("InvalidArchive"));
}

TEST_P(Store_Test, erase_oldest_logs_erases_across_groups_and_frees_space) {
    const std::string long_text(10'000, 'x');
    for (int i = 0; i < 100; ++i)
        store->append_log(i % 2 == 0 ? "even" : "odd", "s",
                          {{.timestamp_ms = i, .message = fmt::format("{}{}", i, long_text)}});
    ASSERT_EQ(store->find_logs({.group = "even"}).size(), 50u);
    const Database_Space before = store->space();
    EXPECT_EQ(before.log_events, 100u);

    store->erase_oldest_logs(90);
    EXPECT_EQ(store->find_logs({.group = "even"}).size(), 5u);
    EXPECT_EQ(store->find_logs({.group = "odd"}).front().timestamp_ms, 91);
    EXPECT_EQ(store->space().log_events, 10u);
    EXPECT_LT(store->space().bytes, before.bytes / 4);
}

TEST_P(Store_Test, record_bytes_counts_keys_and_values_of_records) {
    store->put("kind", "key", std::string(5'000, 'x'));
    store->load("kind");
    EXPECT_EQ(store->record_bytes(), 5'003u);
    EXPECT_GE(store->space().bytes, 5'003u);
}

TEST_P(Store_Test, written_increases_only_with_changes) {
    const auto before = store->last_change();
    store->load("x");
    EXPECT_EQ(store->last_change(), before);
    store->put("x", "a", "1");
    EXPECT_EQ(store->last_change(), before + 1);
}

TEST_P(Store_Test, when_durable_calls_back_immediately_if_nothing_is_queued) {
    bool called = false;
    store->when_durable(store->last_change(), [&](Result<void> outcome) { called = outcome.has_value(); });
    EXPECT_TRUE(called);
}

TEST_P(Store_Test, clear_erases_records_and_logs_but_not_later_changes) {
    store->put("x", "a", "1");
    store->append_log("g", "s", {{.timestamp_ms = 1, .message = "m"}});
    ASSERT_THAT(durable(*store), Succeeds());

    store->clear();
    store->put("x", "b", "2");
    ASSERT_THAT(durable(*store), Succeeds());

    EXPECT_THAT(store->load("x"), ElementsAre(Record{"b", "2"}));
    EXPECT_THAT(messages({.group = "g"}), IsEmpty());
}

TEST_P(Store_Test, find_logs_selects_by_stream_and_time_in_time_order) {
    store->append_log("g", "a", {{.timestamp_ms = 10, .message = "1"}, {.timestamp_ms = 30, .message = "3"}});
    store->append_log("g", "b", {{.timestamp_ms = 20, .message = "2"}, {.timestamp_ms = 20, .message = "2b"}});
    store->append_log("other", "a", {{.timestamp_ms = 20, .message = "x"}});

    EXPECT_THAT(messages({.group = "g"}), ElementsAre("a 1", "b 2", "b 2b", "a 3"));
    EXPECT_THAT(messages({.group = "g", .newest_first = true, .limit = 2}), ElementsAre("a 3", "b 2b"));
    EXPECT_THAT(messages({.group = "g", .stream = "a"}), ElementsAre("a 1", "a 3"));
    EXPECT_THAT(messages({.group = "g", .start_ms = 20, .end_ms = 30}), ElementsAre("b 2", "b 2b"));
    EXPECT_THAT(messages({.group = "nothing"}), IsEmpty());
}

TEST_P(Store_Test, positions_page_through_events_of_one_millisecond) {
    std::vector<Log_Event> events;
    for (int i = 0; i < 10; ++i) events.push_back({.timestamp_ms = 5, .message = std::to_string(i)});
    store->append_log("g", "s", events);

    std::string all;
    Log_Query query{.group = "g", .stream = "s", .limit = 3};
    for (auto page = store->find_logs(query); !page.empty(); page = store->find_logs(query)) {
        for (const auto& event : page) all += event.message;
        query.after = Log_Position{page.back().timestamp_ms, page.back().sequence};
    }
    EXPECT_EQ(all, "0123456789");

    query.before = Log_Position{5, query.after->sequence};
    query.after.reset();
    query.newest_first = true;
    EXPECT_EQ(store->find_logs(query).front().message, "8");
}

TEST_P(Store_Test, pages_of_a_group_merge_its_streams) {
    std::mt19937 random{20'261'130};
    std::vector<std::string> expected;  // in the order of time, then of arrival
    std::multimap<std::int64_t, std::string> by_time;
    for (int number = 0; number < 2000; ++number) {
        const auto at = static_cast<std::int64_t>(random() % 50);
        const std::string stream(1, static_cast<char>('a' + random() % 7)), message = std::to_string(number);
        store->append_log("g", stream, {{.timestamp_ms = at, .message = message}});
        by_time.emplace(at, stream + " " + message);
    }
    for (const auto& [at, text] : by_time) expected.push_back(text);
    for (const int limit : {1, 3, 700, 5000}) {
        for (const bool newest_first : {false, true}) {
            std::vector<std::string> found;
            Log_Query query{.group = "g", .stream = "", .newest_first = newest_first, .limit = limit};
            for (auto page = store->find_logs(query); !page.empty(); page = store->find_logs(query)) {
                for (const auto& event : page) found.push_back(event.stream + " " + event.message);
                (newest_first ? query.before : query.after) =
                    Log_Position{page.back().timestamp_ms, page.back().sequence};
            }
            if (newest_first) std::ranges::reverse(found);
            EXPECT_EQ(found, expected) << limit << " " << newest_first;
        }
    }
    Log_Query range{.group = "g", .stream = "", .start_ms = 10, .end_ms = 20};
    const auto count = std::distance(by_time.lower_bound(10), by_time.lower_bound(20));
    EXPECT_EQ(std::ssize(store->find_logs(range)), count);
    range.newest_first = true;
    EXPECT_EQ(std::ssize(store->find_logs(range)), count);
}

// A page visited all later events of the group before.
TEST_P(Store_Test, page_of_a_group_costs_the_same_in_a_large_one) {
    const auto fill = [&](const std::string& group, int count) {
        for (const char* stream : {"a", "b", "c"}) {
            std::vector<Log_Event> events;
            for (int at = 0; at < count; ++at) events.push_back({.timestamp_ms = at, .message = "m"});
            store->append_log(group, stream, std::move(events));
        }
    };
    fill("small", 100);
    fill("large", 20'000);
    const auto time_of = [&](const std::string& group) {
        auto best = std::chrono::steady_clock::duration::max();
        for (int run = 0; run < 5; ++run) {
            const auto began = std::chrono::steady_clock::now();
            for (const bool newest_first : {false, true})
                EXPECT_EQ(store->find_logs({.group = group, .newest_first = newest_first, .limit = 10}).size(), 10U);
            best = std::min(best, std::chrono::steady_clock::now() - began);
        }
        return best;
    };
    time_of("large");
    EXPECT_LT(time_of("large"), 10 * time_of("small"));
}

TEST_P(Store_Test, log_times_are_those_of_each_stream) {
    store->append_log("g", "a",
                      {{.timestamp_ms = 10, .message = "1"}, {.timestamp_ms = 30, .ingestion_ms = 31, .message = "3"}});
    store->append_log("g", "a", {{.timestamp_ms = 20, .ingestion_ms = 99, .message = "2"}});
    store->append_log("g", "old", {{.timestamp_ms = 5, .message = "0"}});
    store->append_log("other", "b", {{.timestamp_ms = 20, .message = "x"}});
    const auto times = store->log_times("g", 15);
    ASSERT_EQ(times.size(), 1U);
    EXPECT_EQ(times.at("a").oldest_ms, 20);
    EXPECT_EQ(times.at("a").newest_ms, 30);
    EXPECT_EQ(times.at("a").newest_ingestion_ms, 31);
    EXPECT_EQ(store->log_times("g", 0).at("old").newest_ms, 5);
}

TEST_P(Store_Test, erase_logs_erases_a_stream_or_a_whole_group) {
    store->append_log("g", "a", {{.timestamp_ms = 1, .message = "1"}});
    store->append_log("g", "b", {{.timestamp_ms = 2, .message = "2"}});
    store->append_log("h", "a", {{.timestamp_ms = 3, .message = "3"}});

    store->erase_logs("g", "a");
    EXPECT_THAT(messages({.group = "g"}), ElementsAre("b 2"));
    store->append_log("g", "a", {{.timestamp_ms = 4, .message = "4"}});  // the name may be used again
    EXPECT_THAT(messages({.group = "g"}), ElementsAre("b 2", "a 4"));
    store->erase_logs("g", "");
    EXPECT_THAT(messages({.group = "g"}), IsEmpty());
    EXPECT_THAT(messages({.group = "h"}), ElementsAre("a 3"));
}

struct Store_Folder_Test : testing::Test {
    base::Temporary_Folder parent;
    std::filesystem::path folder = parent.path() / "a" / "state";
};

TEST_F(Store_Folder_Test, reopening_preserves_records_and_logs) {
    {
        const auto store = Store::open(folder).value();
        store->put("x", "a", "1");
        store->append_log("g", "s", {{.timestamp_ms = 1, .message = "m"}});
    }
    const auto store = Store::open(folder).value();
    EXPECT_THAT(store->load("x"), ElementsAre(Record{"a", "1"}));
    EXPECT_EQ(store->find_logs({.group = "g"}).size(), 1U);
}

TEST_F(Store_Folder_Test, open_restricts_the_folder_to_its_owner) {
    std::filesystem::create_directories(folder);
    ::chmod(folder.c_str(), 0755);
    const auto store = Store::open(folder).value();

    struct stat found {};
    ASSERT_EQ(::stat(folder.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700U);
}

TEST_F(Store_Folder_Test, open_fails_and_names_the_process_that_uses_the_folder) {
    auto first = Store::open(folder).value();

    const auto second = Store::open(folder);
    ASSERT_THAT(second, Fails_with("StateFolderError"));
    EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(::getpid())));

    first.reset();
    EXPECT_THAT(Store::open(folder), Succeeds());
}

TEST_F(Store_Folder_Test, open_fails_and_names_a_folder_it_cannot_create) {
    std::ofstream(parent.path() / "a") << "a file in the way";

    const auto store = Store::open(folder);
    ASSERT_THAT(store, Fails_with("StateFolderError"));
    EXPECT_THAT(store.error().message, HasSubstr(folder.string()));
}

TEST_F(Store_Folder_Test, open_rejects_state_of_a_newer_version_unchanged) {
    std::filesystem::create_directories(folder);
    { Sqlite{folder / "state.db"}.run("PRAGMA user_version = 99"); }

    const auto store = Store::open(folder);
    ASSERT_THAT(store, Fails_with("StateFolderError"));
    EXPECT_THAT(store.error().message, HasSubstr("newer version"));
    EXPECT_EQ(Sqlite{folder / "state.db"}.number("PRAGMA user_version"), 99);
}

TEST_F(Store_Folder_Test, open_rejects_a_file_that_is_not_a_database) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "state.db") << std::string(4096, 'x');

    EXPECT_THAT(Store::open(folder), Fails_with("StateFolderError"));
}

}  // namespace
}  // namespace osbot_aws::store
