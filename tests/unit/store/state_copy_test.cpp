#include "store/state_copy.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "store/log_sizes.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "support/printers.hpp"
#include "unit/store/wait.hpp"

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with_message;

/// A copy of a state with a record and a log event, whose database a test changes as a foreign archive would.
class State_Copy_Test : public testing::Test {
protected:
    State_Copy_Test() {
        const auto store = Store::open(folder_.path() / "state").value();
        store->put("kind", "key", "{}", 1);
        store->append_log("group", "stream",
                          {Log_Event{.timestamp_ms = 1000, .ingestion_ms = 1000, .message = "message"}});
        durable(*store).value();
        copy_state(*store, copy_).value();
    }

    Result<State_Copy> check_after(const std::string& sql) {
        Sqlite{copy_ / "state.db"}.run(sql);
        return check_state(copy_);
    }
    std::int64_t number(const std::string& sql) { return Sqlite{copy_ / "state.db"}.number(sql); }

    base::Temporary_Folder folder_;
    const fs::path copy_ = folder_.path() / "copy";
};

TEST_F(State_Copy_Test, numbers_that_osbot_does_not_write_are_rejected) {
    EXPECT_EQ(check_after("").value().log_events, 1u);
    for (const char* change : {"sequence = 9223372036854775807", "sequence = -1", "timestamp_ms = 9223372036854775807",
                               "timestamp_ms = -1", "ingestion_ms = -1"}) {
        const auto checked = check_after(std::string("UPDATE log_event SET ") + change);
        EXPECT_THAT(checked, Fails_with_message("InvalidArchive",
                                                "1 log events have a time or a number that osbot does not write"))
            << change;
        check_after("UPDATE log_event SET sequence = 1, timestamp_ms = 1, ingestion_ms = 1").value();
    }
}

TEST_F(State_Copy_Test, sizes_of_streams_are_counted_again) {
    check_after(
        "UPDATE log_stream SET bytes = -5; INSERT INTO log_stream (log_group, name, bytes) VALUES ('g', 'n', 9)")
        .value();
    EXPECT_EQ(number("SELECT bytes FROM log_stream WHERE name = 'stream'"), std::int64_t{7 + log_event_overhead});
    EXPECT_EQ(number("SELECT bytes FROM log_stream WHERE name = 'n'"), 0);
}

TEST_F(State_Copy_Test, records_of_newer_versions_are_named) {
    const auto store = Store::in_memory().value();
    check_after("UPDATE record SET version = 3").value();
    EXPECT_TRUE(check_versions(*store, copy_));
    store->read_records("kind", 2, [](const Record&) {});
    EXPECT_THAT(check_versions(*store, copy_),
                Fails_with_message("InvalidArchive",
                                   "its record kind key has version 3, and this osbot reads versions "
                                   "up to 2: use a newer osbot"));
    store->read_records("kind", 3, [](const Record&) {});
    EXPECT_TRUE(check_versions(*store, copy_));
}

TEST_F(State_Copy_Test, records_of_images_are_deleted) {
    const auto checked = check_after(
        "INSERT INTO record (kind, key, value) VALUES ('lambda.image', 'a', x'7b7d'), ('unreadable/lambda.image', 'a', "
        "x'7b7d')");
    EXPECT_EQ(checked.value().records, 1u);
}

TEST_F(State_Copy_Test, abandoned_folders_are_deleted) {
    for (const char* name : {"import.old", "import.new", "other"}) fs::create_directory(folder_.path() / name);
    for (const char* name : {"import.old", "other"})
        fs::last_write_time(folder_.path() / name, fs::file_time_type::clock::now() - std::chrono::hours(48));
    remove_abandoned_folders(folder_.path(), "import.");
    EXPECT_FALSE(fs::exists(folder_.path() / "import.old"));
    EXPECT_TRUE(fs::exists(folder_.path() / "import.new"));
    EXPECT_TRUE(fs::exists(folder_.path() / "other"));
}

}  // namespace
}  // namespace osbot_aws::store
