#include "store/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <variant>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/loop.hpp"
#include "base/random.hpp"
#include "embedded/schema_sql.hpp"
#include "store/file_blobs.hpp"
#include "store/log_reader.hpp"
#include "store/log_sizes.hpp"
#include "store/sqlite.hpp"
#include "store/state_copy.hpp"

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int schema_version = 3;
constexpr auto lazy_write_after = 100ms;
constexpr std::size_t stored_failures_max = 64;
constexpr std::size_t logged_unreadable_max = 20;  // records of one kind; the rest is only counted
constexpr auto abandoned_after = 24h;              // a folder of an export or import, which takes an hour at most

struct Put {
    std::string kind, key, value;
    int version;
};
struct Erase {
    std::string kind, key;
};
/// Moves a record to another kind and key.
struct Move {
    std::string kind, key, new_kind, new_key;
};
struct Clear {};
struct Append_Log {
    std::string group, stream;
    std::vector<Log_Event> events;
};
struct Erase_Logs {
    std::string group, stream;
};
struct Erase_Old_Logs {
    std::string group;
    std::int64_t before_ms;
};
struct Erase_Oldest_Logs {
    std::uint64_t events;
};
using Change = std::variant<Put, Erase, Move, Clear, Append_Log, Erase_Logs, Erase_Old_Logs, Erase_Oldest_Logs>;

/// The kind of records that read_records() skipped and that were then replaced.
std::string set_aside_kind(std::string_view kind) { return fmt::format("unreadable/{}", kind); }

/// Returns a part of a damaged record for one line of the log: with '?' in place of bytes that are not printable ASCII.
std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

Error state_folder_error(std::string message) { return {"StateFolderError", std::move(message), 500}; }

Error newer_record(const fs::path& folder, std::string_view kind, const Record& record, int version_max) {
    return state_folder_error(fmt::format(
        "the state in {} was written by a newer version of osbot: the record {} {} has version {}, and this osbot "
        "reads versions up to {}; use the newer osbot, or another state folder",
        folder.string(), kind, printable(record.key), record.version, version_max));
}

/// Returns a path as a text of SQL.
std::string quoted(const fs::path& path) {
    std::string text = "'";
    for (const char c : path.string()) text += c == '\'' ? "''" : std::string(1, c);
    return text + "'";
}

/// The size that log_bytes() counts for an event, as an expression of SQL.
std::string bytes_of_event() { return fmt::format("length(CAST(message AS BLOB)) + {}", log_event_overhead); }

/// Counts the bytes of the events of each stream.
std::string set_sizes_of_streams() {
    return fmt::format(
        "UPDATE log_stream SET bytes = 0;"
        "UPDATE log_stream SET bytes = counted.bytes FROM (SELECT stream_id, sum({}) AS bytes FROM log_event "
        "GROUP BY stream_id) AS counted WHERE id = counted.stream_id;",
        bytes_of_event());
}

std::string add_sizes_of_streams() {
    return "ALTER TABLE log_stream ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;" + set_sizes_of_streams();
}

void create_or_upgrade_schema(Sqlite& database, const fs::path& file) {
    const auto version = database.number("PRAGMA user_version");
    if (version == schema_version) return;
    if (version > schema_version) {
        throw Sqlite_Error(fmt::format("{} was created by a newer version (schema {}, supported: {})", file.string(),
                                       version, schema_version));
    }
    std::string changes(version == 0 ? embedded::schema_sql : std::string_view());
    if (version == 1) changes += "ALTER TABLE record ADD COLUMN version INTEGER NOT NULL DEFAULT 1;";
    if (version == 1 || version == 2) changes += add_sizes_of_streams();
    database.run(fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version = {}; COMMIT;", changes, schema_version));
}

/// The database and its statements. Used by the writer thread and the loop, protected by Sqlite_Store::tables_mutex_.
class Tables {
public:
    explicit Tables(const fs::path& file) : database_(file) {
        database_.run(
            "PRAGMA auto_vacuum = INCREMENTAL;"  // new databases only: pages of erased log events can be freed
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"  // a commit returns after its fsync
            "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304;");
        create_or_upgrade_schema(database_, file);
        statements_.emplace(database_);
    }

    /// Writes all changes in one transaction, or none of them.
    void commit(const std::vector<Change>& changes) {
        database_.run("BEGIN IMMEDIATE");
        try {
            for (const auto& change : changes) std::visit([this](const auto& c) { apply(c); }, change);
            database_.run("COMMIT");
        } catch (const Sqlite_Error&) {
            stream_ids_.clear();  // some may belong to streams that are rolled back
            if (database_.in_transaction()) database_.run("ROLLBACK");
            throw;
        }
    }

    std::vector<Record> load(std::string_view kind) {
        std::vector<Record> records;
        auto row = statements_->load.use();
        row(kind);
        while (row.next()) records.push_back({row.text(0), row.text(1), static_cast<int>(row.integer(2))});
        return records;
    }

    std::vector<Found_Log_Event> find_logs(const Log_Query& query) {
        return log_reader().find(query, streams(query.group, query.stream));
    }
    std::map<std::string, Log_Times> log_times(const std::string& group, std::int64_t start_ms) {
        return log_reader().times(group, start_ms);
    }

    /// Writes the content to a new file.
    void copy_to(const fs::path& file) { database_.run(fmt::format("VACUUM INTO {}", quoted(file))); }

    /// Replaces the content by that of a checked file, in one transaction. Images remain, of which the file has none.
    void replace_with(const fs::path& file) {
        database_.run(fmt::format("ATTACH DATABASE {} AS imported", quoted(file)));
        try {
            database_.run(
                "BEGIN IMMEDIATE; DELETE FROM record WHERE kind NOT IN ('lambda.image', 'unreadable/lambda.image');"
                "DELETE FROM log_event; DELETE FROM log_stream;"
                "INSERT INTO record SELECT kind, key, value, version FROM imported.record;"
                "INSERT INTO log_stream SELECT id, log_group, name, bytes FROM imported.log_stream;"
                "INSERT INTO log_event SELECT sequence, stream_id, timestamp_ms, ingestion_ms, message "
                "FROM imported.log_event; COMMIT");
        } catch (const Sqlite_Error&) {
            if (database_.in_transaction()) database_.run("ROLLBACK");
            database_.run("DETACH DATABASE imported");
            throw;
        }
        database_.run("DETACH DATABASE imported");
        stream_ids_.clear();
    }

    std::uint64_t log_bytes(const std::string& group) {
        auto row = statements_->bytes.use();
        row(group);
        return row.next() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
    }

    Database_Space space() {
        const auto number = [this](const char* sql) { return static_cast<std::uint64_t>(database_.number(sql)); };
        const std::uint64_t pages = number("PRAGMA page_count") - number("PRAGMA freelist_count");
        return {pages * number("PRAGMA page_size"),
                number("SELECT coalesce(max(sequence) - min(sequence) + 1, 0) FROM log_event")};
    }
    std::uint64_t record_bytes() {
        return static_cast<std::uint64_t>(
            database_.number("SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) FROM record"));
    }

private:
    struct Statements {
        explicit Statements(Sqlite& d)
            : load(d, "SELECT key, value, version FROM record WHERE kind = ? ORDER BY key"),
              put(d, "INSERT OR REPLACE INTO record (kind, key, value, version) VALUES (?, ?, ?, ?)"),
              erase(d, "DELETE FROM record WHERE kind = ? AND key = ?"),
              move(d, "UPDATE record SET kind = ?, key = ? WHERE kind = ? AND key = ?"),
              add_stream(d, "INSERT OR IGNORE INTO log_stream (log_group, name) VALUES (?, ?)"),
              find_stream(d, "SELECT id FROM log_stream WHERE log_group = ? AND name = ?"),
              add_event(d,
                        "INSERT INTO log_event (stream_id, timestamp_ms, ingestion_ms, message) VALUES (?, ?, ?, ?)"),
              add_bytes(d, "UPDATE log_stream SET bytes = bytes + ? WHERE id = ?"),
              bytes(d, "SELECT coalesce(sum(bytes), 0) FROM log_stream WHERE log_group = ?"),
              old_bytes(d, fmt::format("SELECT coalesce(sum({}), 0) FROM log_event WHERE stream_id = ? AND "
                                       "timestamp_ms < ?",
                                       bytes_of_event())),
              streams(d, "SELECT id, name FROM log_stream WHERE log_group = ?1 AND (?2 = '' OR name = ?2)"),
              erase_events(d, "DELETE FROM log_event WHERE stream_id = ?"),
              erase_old_events(d, "DELETE FROM log_event WHERE stream_id = ? AND timestamp_ms < ?"),
              erase_stream(d, "DELETE FROM log_stream WHERE id = ?") {}
        Sqlite_Statement load, put, erase, move, add_stream, find_stream, add_event, add_bytes, bytes, old_bytes,
            streams, erase_events, erase_old_events, erase_stream;
    };

    void apply(const Put& c) { statements_->put.use()(c.kind)(c.key).blob(c.value)(c.version).run(); }
    void apply(const Erase& c) { statements_->erase.use()(c.kind)(c.key).run(); }
    void apply(const Move& c) { statements_->move.use()(c.new_kind)(c.new_key)(c.kind)(c.key).run(); }
    void apply(const Clear&) {
        database_.run("DELETE FROM record; DELETE FROM log_event; DELETE FROM log_stream;");
        stream_ids_.clear();
    }
    void apply(const Append_Log& c) {
        const auto stream = stream_id(c.group, c.stream);
        std::int64_t bytes = 0;
        for (const auto& event : c.events) {
            statements_->add_event.use()(stream)(event.timestamp_ms)(event.ingestion_ms)(event.message).run();
            bytes += static_cast<std::int64_t>(event.message.size() + log_event_overhead);
        }
        statements_->add_bytes.use()(bytes)(stream).run();
    }
    void apply(const Erase_Logs& c) {
        for (const auto& [id, name] : streams(c.group, c.stream)) {
            statements_->erase_events.use()(id).run();
            statements_->erase_stream.use()(id).run();
        }
        stream_ids_.clear();
    }

    void apply(const Erase_Old_Logs& c) {
        for (const auto& [id, name] : streams(c.group, "")) {
            std::int64_t bytes = 0;
            {
                auto row = statements_->old_bytes.use();
                row(id)(c.before_ms);
                if (row.next()) bytes = row.integer(0);
            }
            statements_->add_bytes.use()(-bytes)(id).run();
            statements_->erase_old_events.use()(id)(c.before_ms).run();
        }
    }
    void apply(const Erase_Oldest_Logs& c) {
        const std::string oldest =
            fmt::format("sequence IN (SELECT sequence FROM log_event ORDER BY sequence LIMIT {})", c.events);
        database_.run(
            fmt::format("UPDATE log_stream SET bytes = log_stream.bytes - erased.bytes FROM "
                        "(SELECT stream_id, sum({}) AS bytes FROM log_event WHERE {} GROUP BY stream_id) AS erased "
                        "WHERE id = erased.stream_id; "
                        "DELETE FROM log_event WHERE {}; PRAGMA incremental_vacuum;",
                        bytes_of_event(), oldest, oldest));
    }

    std::int64_t stream_id(const std::string& group, const std::string& stream) {
        const auto [entry, is_new] = stream_ids_.try_emplace({group, stream}, 0);
        if (is_new) {
            statements_->add_stream.use()(group)(stream).run();
            auto row = statements_->find_stream.use();
            row(group)(stream);
            if (row.next()) entry->second = row.integer(0);
        }
        return entry->second;
    }

    std::map<std::int64_t, std::string> streams(const std::string& group, const std::string& stream) {
        std::map<std::int64_t, std::string> found;
        auto row = statements_->streams.use();
        row(group)(stream);
        while (row.next()) found.emplace(row.integer(0), row.text(1));
        return found;
    }

    Log_Reader& log_reader() {
        if (!log_reader_) log_reader_.emplace(database_);
        return *log_reader_;
    }

    Sqlite database_;
    std::optional<Statements> statements_;
    std::optional<Log_Reader> log_reader_;  ///< since the first read: a start does not need it
    std::map<std::pair<std::string, std::string>, std::int64_t> stream_ids_;
};

class Sqlite_Store final : public Store {
public:
    /// `lock` is released by the destructor. `temporary_state` is the folder of a store in memory, else null.
    Sqlite_Store(const fs::path& database, const fs::path& folder, base::Unique_Fd lock,
                 std::unique_ptr<base::Temporary_Folder> temporary_state, Store_Owner owner)
        : owner_(std::move(owner)),
          database_(database),
          temporary_state_(std::move(temporary_state)),
          lock_(std::move(lock)),
          temporary_(folder / "tmp"),
          tables_(database),
          blobs_(folder / "blobs", temporary_),
          writer_([this] { write_until_stopped(); }) {}

    ~Sqlite_Store() override {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_all();
        writer_.join();
    }

    std::vector<Record> load(std::string_view kind) override {
        return read<std::vector<Record>>([&] { return tables_.load(kind); });
    }

    void put(std::string_view kind, std::string key, std::string value, int version) override {
        set_aside_if_unreadable(kind, key);
        queue(Put{std::string(kind), std::move(key), std::move(value), version});
    }
    void erase(std::string_view kind, std::string key) override {
        set_aside_if_unreadable(kind, key);
        queue(Erase{std::string(kind), std::move(key)});
    }
    void clear() override {
        queue(Clear{});
        forget_unreadable();
    }
    void append_log(std::string group, std::string stream, std::vector<Log_Event> events) override {
        queue(Append_Log{std::move(group), std::move(stream), std::move(events)});
    }
    void erase_logs(std::string group, std::string stream) override {
        queue(Erase_Logs{std::move(group), std::move(stream)});
    }
    void erase_logs_before(std::string group, std::int64_t timestamp_ms) override {
        queue(Erase_Old_Logs{std::move(group), timestamp_ms});
    }
    void erase_oldest_logs(std::uint64_t events) override { queue(Erase_Oldest_Logs{events}); }
    Database_Space space() override {
        const std::lock_guard lock{tables_mutex_};
        return tables_.space();
    }
    std::uint64_t record_bytes() override {
        const std::lock_guard lock{tables_mutex_};
        return tables_.record_bytes();
    }
    std::vector<Found_Log_Event> find_logs(const Log_Query& query) override {
        return read<std::vector<Found_Log_Event>>([&] { return tables_.find_logs(query); });
    }
    std::map<std::string, Log_Times> log_times(const std::string& group, std::int64_t start_ms) override {
        return read<std::map<std::string, Log_Times>>([&] { return tables_.log_times(group, start_ms); });
    }
    /// Reads a file by a connection of its own, so that requests proceed.
    Result<void> copy_database(const fs::path& file) {
        try {
            if (temporary_state_) {
                const std::lock_guard lock{tables_mutex_};
                tables_.copy_to(file);
            } else {
                Sqlite{database_}.run(fmt::format("VACUUM INTO {}", quoted(file)));
            }
        } catch (const Sqlite_Error& error) {
            return state_folder_error(fmt::format("the state could not be copied: {}", error.what()));
        }
        return {};
    }
    Result<void> replace_database(const fs::path& file) {
        settle();
        const std::lock_guard lock{tables_mutex_};
        try {
            tables_.replace_with(file);
        } catch (const Sqlite_Error& error) {
            return state_folder_error(fmt::format("the state could not be replaced: {}", error.what()));
        }
        forget_unreadable();
        return {};
    }
    std::uint64_t log_bytes(const std::string& group) {
        return read_written<std::uint64_t>([&] { return tables_.log_bytes(group); });
    }

    std::uint64_t last_change() const override {
        const std::lock_guard lock{mutex_};
        return queued_;
    }

    void when_durable(std::uint64_t sequence, std::function<void(Result<void>)> done) override {
        std::unique_lock lock{mutex_};
        assert(sequence <= queued_);  // a value that last_change() returned
        if (sequence > settled_) {
            waiters_.push_back({sequence, std::move(done)});
            lock.unlock();
            wake_.notify_all();
            return;
        }
        auto outcome = outcome_of(sequence);
        lock.unlock();
        done(std::move(outcome));
    }

    Blobs& blobs() override { return blobs_; }
    const fs::path& temporary_folder() const override { return temporary_; }

private:
    struct Waiter {
        std::uint64_t sequence;
        std::function<void(Result<void>)> done;
    };
    struct Failure {
        std::uint64_t first, last;
        Error error;
    };

    void set_aside_if_unreadable(std::string_view kind, const std::string& key) {
        if (!take_unreadable(kind, key)) return;
        Move move{std::string(kind), key, set_aside_kind(kind), fmt::format("{} {}", key, base::random_hex(16))};
        base::log_warning("replaced the unreadable record {} {}, whose value is now in the record {} {}", kind,
                          printable(key), move.new_kind, printable(move.new_key));
        queue(std::move(move));
    }

    void queue(Change change) {
        {
            const std::lock_guard lock{mutex_};
            if (changes_.empty()) write_by_ = std::chrono::steady_clock::now() + lazy_write_after;
            changes_.push_back(std::move(change));
            ++queued_;
            if (owner_.loop == nullptr) return release(1);
            if (std::exchange(release_posted_, true)) return;
        }
        on_loop([this] {
            const std::lock_guard lock{mutex_};
            release_posted_ = false;
            release(changes_.size() - released_);
        });
    }

    // Passes changes to the writer: the oldest ones that it does not have yet. The caller has locked the mutex.
    void release(std::size_t count) {
        if (released_ == 0 || !waiters_.empty()) wake_.notify_all();  // else the writer already waits for write_by_
        released_ += count;
    }

    // Posts a task, which is dropped if the store is destroyed first. Both happen on the loop or after its end.
    void on_loop(std::function<void()> task) {
        owner_.loop->post([task = std::move(task), alive = std::weak_ptr<int>(alive_)] {
            if (!alive.expired()) task();
        });
    }

    // Waits until the writer has written all queued changes, so that the read sees them and only one thread commits.
    // Ends the transaction of the current task: changes that it queues later are in another one.
    template <class T, class Read>
    T read(Read&& from_tables) {
        settle();
        return read_written<T>(std::forward<Read>(from_tables));
    }

    /// Reads without the changes that are still queued.
    template <class T, class Read>
    T read_written(Read&& from_tables) {
        const std::lock_guard lock{tables_mutex_};
        try {
            return from_tables();
        } catch (const Sqlite_Error& error) {
            throw Aws_Exception(
                Error{"ServiceException", fmt::format("The state could not be read: {}", error.what()), 500});
        }
    }

    void settle() {
        std::unique_lock lock{mutex_};
        const auto all = queued_;
        released_ = changes_.size();
        readers_waiting_ += 1;
        wake_.notify_all();
        settled_changed_.wait(lock, [&] { return settled_ >= all; });
        readers_waiting_ -= 1;
    }

    void write_until_stopped() {
        std::unique_lock lock{mutex_};
        while (true) {
            wait_for_work(lock);
            if (stopping_) released_ = changes_.size();
            if (released_ == 0) return;
            write_batch(lock);
        }
    }

    // Returns immediately if a caller waits for the changes. Otherwise collects changes until write_by_, so that they
    // share an fsync.
    void wait_for_work(std::unique_lock<std::mutex>& lock) {
        while (!stopping_) {
            if (released_ == 0) {
                wake_.wait(lock);
            } else if (!waiters_.empty() || readers_waiting_ > 0 ||
                       wake_.wait_until(lock, write_by_) == std::cv_status::timeout) {
                return;
            }
        }
    }

    void write_batch(std::unique_lock<std::mutex>& lock) {
        const auto batch = take_released();
        const auto first = settled_ + 1;
        const auto last = settled_ + batch.size();
        const auto earlier_failure = unhandled_failure_;
        lock.unlock();
        const auto outcome = earlier_failure ? Result<void>{*earlier_failure} : commit(batch);
        lock.lock();

        settled_ = last;
        if (!outcome) store_failure({first, last, outcome.error()});
        settled_changed_.notify_all();
        call_settled(lock);
    }

    std::vector<Change> take_released() {
        std::vector<Change> rest(std::make_move_iterator(changes_.begin() + static_cast<std::ptrdiff_t>(released_)),
                                 std::make_move_iterator(changes_.end()));
        changes_.resize(std::exchange(released_, 0));
        return std::exchange(changes_, std::move(rest));
    }

    Result<void> commit(const std::vector<Change>& batch) {
        try {
            const std::lock_guard lock{tables_mutex_};
            tables_.commit(batch);
        } catch (const Sqlite_Error& error) {
            base::log_error("{} changes could not be written: {}", batch.size(), error.what());
            return Error{"ServiceException", fmt::format("The state could not be written: {}", error.what()), 500};
        }
        return {};
    }

    void store_failure(Failure failure) {
        if (owner_.write_failed && !unhandled_failure_) {
            unhandled_failure_ = failure.error;
            on_loop([this] { handle_failure(); });
        }
        failures_.push_back(std::move(failure));
        if (failures_.size() > stored_failures_max) failures_.pop_front();
    }

    // Rejects the remaining changes that may depend on lost ones, then accepts changes again: the owner reloads its
    // state before the loop runs another task.
    void handle_failure() {
        settle();
        {
            const std::lock_guard lock{mutex_};
            unhandled_failure_.reset();
        }
        owner_.write_failed();
    }

    Result<void> outcome_of(std::uint64_t sequence) const {
        for (const auto& failure : failures_) {
            if (failure.first <= sequence && sequence <= failure.last) return failure.error;
        }
        return {};
    }

    void call_settled(std::unique_lock<std::mutex>& lock) {
        std::vector<std::pair<std::function<void(Result<void>)>, Result<void>>> calls;
        for (auto& waiter : waiters_) {
            if (waiter.sequence <= settled_) calls.emplace_back(std::move(waiter.done), outcome_of(waiter.sequence));
        }
        std::erase_if(waiters_, [this](const Waiter& waiter) { return waiter.sequence <= settled_; });
        lock.unlock();
        for (auto& [done, outcome] : calls) done(std::move(outcome));
        lock.lock();
    }

    const Store_Owner owner_;
    const fs::path database_;  ///< ":memory:" or the file
    const std::unique_ptr<base::Temporary_Folder> temporary_state_;
    const base::Unique_Fd lock_;
    const fs::path temporary_;
    std::mutex tables_mutex_;
    Tables tables_;
    File_Blobs blobs_;

    mutable std::mutex mutex_;  // protects all members below
    std::condition_variable wake_, settled_changed_;
    std::vector<Change> changes_;
    std::size_t released_ = 0;     // the writer may take this many of changes_: those of tasks that have ended
    bool release_posted_ = false;  // a task of the loop releases the rest of changes_
    std::optional<Error> unhandled_failure_;  // of a write, until the owner reloads its state
    std::chrono::steady_clock::time_point write_by_;
    std::uint64_t queued_ = 0;   // sequence of the last change
    std::uint64_t settled_ = 0;  // sequence of the last change that was written or has failed
    std::vector<Waiter> waiters_;
    std::deque<Failure> failures_;
    int readers_waiting_ = 0;
    bool stopping_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    std::thread writer_;  // last: it uses everything above
};

/// Locks <folder>/lock with flock. The file contains the process id of the owner, for the error message of other
/// processes.
Result<base::Unique_Fd> take_ownership(const fs::path& folder) {
    const auto file = folder / "lock";
    base::Unique_Fd lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    if (!lock) return state_folder_error(base::file_error("open", file).message);
    if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
        const auto owner = base::read_file(file);
        return state_folder_error(fmt::format("the state folder {} is in use by process {}", folder.string(),
                                              owner && !owner->empty() ? *owner : "(unknown)"));
    }
    const auto pid = std::to_string(::getpid());
    if (::ftruncate(lock.fd(), 0) != 0 ||
        ::pwrite(lock.fd(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return state_folder_error(base::file_error("write", file).message);
    }
    return lock;
}

/// Creates a folder with mode 0700, because the environment variables and the code of functions are private.
Result<void> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return state_folder_error(fmt::format("cannot create {}: {}", folder.string(), error.message()));
    if (::chmod(folder.c_str(), 0700) != 0)
        return state_folder_error(base::file_error("set the mode of", folder).message);
    return {};
}

Result<void> make_inner_folders(const fs::path& folder) {
    std::error_code ignored;
    fs::remove_all(folder / "tmp", ignored);  // incomplete files of a killed process
    remove_abandoned_folders(folder, "import.");
    for (const auto* name : {"tmp", "blobs"}) { OSBOT_TRY(make_folder(folder / name)); }
    return {};
}

/// Calls `use` with each run of hexadecimal digits that has the length of a SHA-256. Works for damaged records as well.
void for_each_sha256(std::string_view text, const std::function<void(std::string_view)>& use) {
    std::size_t digits = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && base::is_hex_digit(text[i])) {
            ++digits;
            continue;
        }
        if (digits == base::sha256_digits) use(text.substr(i - digits, digits));
        digits = 0;
    }
}

}  // namespace

std::size_t Store::read_records(std::string_view kind, int version_max,
                                const std::function<void(const Record&)>& read) {
    Unreadable& unreadable = unreadable_[std::string(kind)] = {};
    version_max_.insert_or_assign(std::string(kind), version_max);
    std::size_t skipped = 0;
    const auto skip = [&](std::string_view actual_kind, const Record& record, std::string reason) {
        for_each_sha256(record.value, [this](std::string_view sha256) { blobs().protect(sha256); });
        if (++skipped <= logged_unreadable_max)
            base::log_error("skipped the record {} {}, which stays in the state folder unchanged: {}", actual_kind,
                            printable(record.key), printable(std::move(reason)));
    };
    for (const Record& record : load(set_aside_kind(kind))) {
        ++unreadable.set_aside;
        skip(set_aside_kind(kind), record, "it could not be read and was replaced");
    }
    for (const Record& record : load(kind)) {
        if (record.version > version_max)
            throw Aws_Exception(newer_record(temporary_folder().parent_path(), kind, record, version_max));
        try {
            read(record);
        } catch (const std::exception& error) {  // Json::exception, Aws_Exception, std::invalid_argument
            unreadable.keys.insert(record.key);
            skip(kind, record, error.what());
        }
    }
    if (skipped > logged_unreadable_max) base::log_error("skipped {} records of {} in total", skipped, kind);
    return skipped;
}

std::size_t Store::unreadable_records() const {
    std::size_t records = 0;
    for (const auto& [kind, unreadable] : unreadable_) records += unreadable.keys.size() + unreadable.set_aside;
    return records;
}

std::optional<int> Store::version_max_of(std::string_view kind) const {
    const auto found = version_max_.find(kind);
    return found == version_max_.end() ? std::nullopt : std::optional(found->second);
}

bool Store::take_unreadable(std::string_view kind, const std::string& key) {
    const auto found = unreadable_.find(kind);
    if (found == unreadable_.end() || found->second.keys.erase(key) == 0) return false;
    ++found->second.set_aside;
    return true;
}

namespace {

constexpr const char *copied_database = "state.db", *copied_blobs = "blobs";
/// The record of an image names an unpacked folder, which is not a blob.
constexpr const char* erase_images = "DELETE FROM record WHERE kind IN ('lambda.image', 'unreadable/lambda.image')";
// The position of log events in an archive. SQLite's own numbers end at 2^63, after which no event can be added.
constexpr std::int64_t sequence_max = std::int64_t{1} << 53, time_ms_max = 253'402'300'799'999;  // the year 9999

Error invalid_archive(std::string message) { return {"InvalidArchive", std::move(message), 400}; }

/// Returns the SHA-256s in the records of a database, of which some may not be blobs.
std::set<std::string> sha256s_in(Sqlite& database) {
    std::set<std::string> names;
    Sqlite_Statement statement{database, "SELECT value FROM record"};
    for (auto row = statement.use(); row.next();)
        for_each_sha256(row.text(0), [&](std::string_view sha256) { names.emplace(sha256); });
    return names;
}

State_Copy counts_of(Sqlite& database) {
    const auto count = [&](const char* sql) { return static_cast<std::uint64_t>(database.number(sql)); };
    return {.records = count("SELECT count(*) FROM record"), .log_events = count("SELECT count(*) FROM log_event")};
}

/// Links a blob, or copies it to another file system. A file that does not exist is not a blob.
Result<void> copy_blob(const fs::path& from, const fs::path& to, State_Copy& copied) {
    std::error_code error;
    const auto size = fs::file_size(from, error);
    if (error) return {};
    fs::create_hard_link(from, to, error);
    if (error) fs::copy_file(from, to, error);
    if (error)
        return state_folder_error(fmt::format("cannot copy {} to {}: {}", from.string(), to.string(), error.message()));
    ++copied.blobs;
    copied.blob_bytes += size;
    return {};
}

/// Checks the numbers in an archive, which would break the log or its limits, and removes what no export has.
Result<void> check_rows(Sqlite& database) {
    const auto unexpected = database.number(
        fmt::format("SELECT count(*) FROM log_event WHERE (sequence BETWEEN 1 AND {} AND timestamp_ms BETWEEN 0 AND {} "
                    "AND ingestion_ms BETWEEN 0 AND {}) IS NOT TRUE",
                    sequence_max, time_ms_max, time_ms_max));
    if (unexpected != 0)
        return invalid_archive(
            fmt::format("{} log events have a time or a number that osbot does not write", unexpected));
    database.run(set_sizes_of_streams());
    database.run(erase_images);
    return {};
}

/// Checks that a database has the tables of this schema and nothing else, such as triggers.
Result<State_Copy> check_database(const fs::path& file) {
    try {
        {
            Sqlite database{file};
            database.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
            const auto version = database.number("PRAGMA user_version");
            if (version < 1 || version > schema_version)
                return invalid_archive(
                    fmt::format("its state has schema {}, and this osbot reads schemas 1 to {}: use a newer osbot",
                                version, schema_version));
            if (database.number(
                    "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') OR name NOT IN "
                    "('record', 'log_stream', 'log_event', 'sqlite_sequence', 'log_event_in_order', "
                    "'sqlite_autoindex_log_stream_1')") != 0)
                return invalid_archive("its state has tables that osbot does not write");
            Sqlite_Statement check{database, "PRAGMA quick_check(1)"};
            auto row = check.use();
            if (!row.next() || row.text(0) != "ok") return invalid_archive("its state is damaged");
        }
        { Tables upgraded{file}; }
        Sqlite database{file};
        database.run("PRAGMA journal_mode = DELETE");  // one file
        OSBOT_TRY(check_rows(database));
        return counts_of(database);
    } catch (const Sqlite_Error& error) {
        return invalid_archive(fmt::format("its state cannot be read: {}", error.what()));
    }
}

}  // namespace

Result<State_Copy> copy_state(Store& store, const fs::path& folder) {
    OSBOT_TRY(make_folder(folder / copied_blobs));
    const fs::path file = folder / copied_database;
    OSBOT_TRY(dynamic_cast<Sqlite_Store&>(store).copy_database(file));
    try {
        Sqlite database{file};
        database.run(erase_images);
        database.run("VACUUM");
        State_Copy copied = counts_of(database);
        for (const std::string& sha256 : sha256s_in(database)) {
            const fs::path from = store.temporary_folder().parent_path() / "blobs" / sha256;
            OSBOT_TRY(copy_blob(from, folder / copied_blobs / sha256, copied));
        }
        return copied;
    } catch (const Sqlite_Error& error) {
        return state_folder_error(fmt::format("the state could not be copied: {}", error.what()));
    }
}

Result<State_Copy> check_state(const fs::path& folder) {
    OSBOT_TRY(State_Copy found, check_database(folder / copied_database));
    OSBOT_TRY(base::for_each_entry(folder / copied_blobs, [&](const fs::path& path) -> Result<void> {
        const std::string name = path.filename().string();
        OSBOT_TRY(const auto file, base::Mapped_File::open(path));
        if (!base::is_sha256_hex(name) || base::sha256_hex(file.bytes()) != name)
            return invalid_archive(fmt::format("the content of blobs/{} does not have this SHA-256", name));
        ++found.blobs;
        found.blob_bytes += file.bytes().size();
        return {};
    }));
    return found;
}

Result<void> check_versions(const Store& store, const fs::path& folder) {
    try {
        Sqlite database{folder / copied_database};
        // The other column is that of the row with the greatest version.
        Sqlite_Statement statement{database, "SELECT kind, key, max(version) FROM record GROUP BY kind"};
        for (auto row = statement.use(); row.next();) {
            const auto version_max = store.version_max_of(row.text(0));
            if (version_max && row.integer(2) > *version_max)
                return invalid_archive(
                    fmt::format("its record {} {} has version {}, and this osbot reads versions up to {}: use a newer "
                                "osbot",
                                printable(row.text(0)), printable(row.text(1)), row.integer(2), *version_max));
        }
        return {};
    } catch (const Sqlite_Error& error) {
        return invalid_archive(fmt::format("its state cannot be read: {}", error.what()));
    }
}

void remove_abandoned_folders(const fs::path& parent, std::string_view prefix) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(parent, error)) {
        if (!entry.path().filename().string().starts_with(prefix)) continue;
        const auto written = entry.last_write_time(error);
        if (!error && fs::file_time_type::clock::now() - written > abandoned_after) fs::remove_all(entry.path(), error);
    }
}

Result<std::vector<Blob_Ptr>> take_blobs(Store& store, const fs::path& folder) {
    std::vector<Blob_Ptr> blobs;
    OSBOT_TRY(base::for_each_entry(folder / copied_blobs, [&](const fs::path& path) -> Result<void> {
        OSBOT_TRY(auto blob, store.blobs().adopt(path));
        blobs.push_back(std::move(blob));
        return {};
    }));
    return blobs;
}

Result<void> replace_state(Store& store, const fs::path& folder) {
    return dynamic_cast<Sqlite_Store&>(store).replace_database(folder / copied_database);
}

std::uint64_t log_event_bytes(const Log_Event& event) { return event.message.size() + log_event_overhead; }

std::uint64_t log_event_bytes(const std::vector<Found_Log_Event>& events) {
    std::uint64_t bytes = 0;
    for (const Log_Event& event : events) bytes += log_event_bytes(event);
    return bytes;
}

bool is_last_page(const Log_Query& query, const std::vector<Found_Log_Event>& found) {
    const bool has_limit_of_bytes = query.bytes_max > 0;
    return static_cast<int>(found.size()) < query.limit &&
           (!has_limit_of_bytes || log_event_bytes(found) < query.bytes_max);
}

std::uint64_t log_bytes(Store& store, const std::string& group) {
    if (auto* sqlite = dynamic_cast<Sqlite_Store*>(&store)) return sqlite->log_bytes(group);
    return log_event_bytes(store.find_logs({.group = group, .stream = ""}));  // of a store of a test: few events
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, Store_Owner owner) {
    OSBOT_TRY(make_folder(folder));
    OSBOT_TRY(auto lock, take_ownership(folder));
    OSBOT_TRY(make_inner_folders(folder));
    try {
        return std::unique_ptr<Store>(
            std::make_unique<Sqlite_Store>(folder / "state.db", folder, std::move(lock), nullptr, std::move(owner)));
    } catch (const Sqlite_Error& error) {
        return state_folder_error(fmt::format("cannot use the state in {}: {}", folder.string(), error.what()));
    }
}

Result<std::unique_ptr<Store>> Store::in_memory(Store_Owner owner) {
    try {
        auto temporary_state = std::make_unique<base::Temporary_Folder>("osbot_aws_memory");
        const auto folder = temporary_state->path();
        OSBOT_TRY(make_inner_folders(folder));
        return std::unique_ptr<Store>(std::make_unique<Sqlite_Store>(":memory:", folder, base::Unique_Fd{},
                                                                     std::move(temporary_state), std::move(owner)));
    } catch (const std::exception& error) {
        return state_folder_error(fmt::format("cannot create a store in memory: {}", error.what()));
    }
}

}  // namespace osbot_aws::store
