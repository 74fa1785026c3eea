#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {
class Loop;
}

namespace osbot_aws::store {

class Blobs;

struct Record {
    std::string key;
    std::string value;
    int version = 1;  ///< of the structure of the value, see Record_Kind
};

struct Log_Event {
    std::int64_t timestamp_ms = 0;  ///< when it happened, Unix time
    std::int64_t ingestion_ms = 0;  ///< when it was received
    std::int64_t sequence = 0;      ///< order of arrival, set by the store
    std::string message;

    /// Memory of the event. An event with an empty message needs memory as well.
    std::size_t memory_bytes() const { return sizeof(Log_Event) + message.size(); }
};

/// A position in the order of time; events of the same millisecond are in the order of arrival.
struct Log_Position {
    std::int64_t timestamp_ms = 0;
    std::int64_t sequence = 0;
    auto operator<=>(const Log_Position&) const = default;
};

struct Log_Query {
    std::string group;                     ///< the engine's key of the group
    std::string stream;                    ///< exact; empty: all streams of the group
    std::optional<std::int64_t> start_ms;  ///< inclusive
    std::optional<std::int64_t> end_ms;    ///< exclusive
    std::optional<Log_Position> after;     ///< paging: only events after this position
    std::optional<Log_Position> before;    ///< paging backwards: only events before this position
    bool newest_first = false;             ///< else oldest first
    int limit = 10'000;
    /// Return no more events after so many bytes of log_event_bytes(), but at least one; 0: no limit.
    std::uint64_t bytes_max = 0;
};

struct Found_Log_Event : Log_Event {
    std::string stream;
};

/// The times of the events of a stream.
struct Log_Times {
    std::int64_t oldest_ms = 0, newest_ms = 0;  ///< of the oldest and the newest event
    std::int64_t newest_ingestion_ms = 0;       ///< when the newest event was received
};

/// The disk space that the database uses.
struct Database_Space {
    std::uint64_t bytes = 0;       ///< in use: records and log events
    std::uint64_t log_events = 0;  ///< upper bound: events erased from between others are counted
};

/// The event loop that uses a store.
struct Store_Owner {
    /// All changes that one task of this loop queues are written in one transaction, so a crash between two changes of
    /// an operation leaves none of them. Null: a transaction may end after any change.
    base::Loop* loop = nullptr;
    /// Called on the loop after a transaction failed: reloads the state. Changes that were queued between the failure
    /// and this call fail as well, because they may depend on lost changes. Needs a loop.
    std::function<void()> write_failed = {};
};

/// The persistent state: records (metadata), log events, and blobs (bytes).
///
/// The engine holds its metadata in memory and writes each change to the store; the store is read once, at start,
/// except for log events. A change is queued by put()/erase() and is durable (fsync) when
/// when_durable() calls back. A writer thread writes all queued changes in one transaction, so that
/// concurrent requests share one fsync. The server responds to a request only after that.
/// Changes that no caller waits for are written within 100 ms.
///
/// Threads: put, erase, clear, append_log, when_durable and find_logs from one thread (the loop).
class Store {
public:
    virtual ~Store() = default;

    /// Opens or creates the store in `folder` (SQLite WAL in `state.db`, blobs in `blobs/`).
    /// Errors: StateFolderError if the folder cannot be written, is in use by another process or was created by a newer
    /// version.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, Store_Owner owner = {});
    /// Creates a store with an SQLite database in memory; blobs are in a temporary folder that the destructor removes.
    static Result<std::unique_ptr<Store>> in_memory(Store_Owner owner = {});

    /// Returns all records of a kind in the order of their keys. Throws Aws_Exception (ServiceException) if the
    /// database cannot be read.
    virtual std::vector<Record> load(std::string_view kind) = 0;
    /// Calls `read` with each record of a kind in the order of their keys, at start and when the state is reloaded. For
    /// Records, which converts the values.
    ///
    /// A record that `read` rejects with an exception is skipped, so that one damaged record does not prevent the
    /// start: it is logged with its kind, its key and the reason, and counted. The record stays in the database
    /// unchanged, and the blobs that it names stay on the disk. put() and erase() of its key set it aside: it gets the
    /// kind `unreadable/<kind>` and a unique key, and is still counted. Only clear() deletes it. `read` changes no
    /// state before it throws. Returns the number of skipped records.
    /// Throws Aws_Exception (StateFolderError) if a record has a version above `version_max`: a newer engine wrote it.
    std::size_t read_records(std::string_view kind, int version_max, const std::function<void(const Record&)>& read);
    /// Returns the number of records that read_records() skipped when it last read their kinds, including those that
    /// were set aside.
    std::size_t unreadable_records() const;

    /// Returns the `version_max` of the last read_records() of a kind, or nullopt.
    std::optional<int> version_max_of(std::string_view kind) const;

    virtual void put(std::string_view kind, std::string key, std::string value, int version = 1) = 0;
    virtual void erase(std::string_view kind, std::string key) = 0;
    /// Erases all records and log events (POST /_osbot/reset). Blobs are deleted when their references are released.
    virtual void clear() = 0;

    virtual void append_log(std::string group, std::string stream, std::vector<Log_Event> events) = 0;
    /// Erases the events of a stream, or of the whole group if `stream` is empty.
    virtual void erase_logs(std::string group, std::string stream) = 0;
    /// Erases the events of all streams of a group that are older than `timestamp_ms`.
    virtual void erase_logs_before(std::string group, std::int64_t timestamp_ms) = 0;
    /// Returns matching log events, including those that are still queued. Throws Aws_Exception (ServiceException) if
    /// the database cannot be read.
    virtual std::vector<Found_Log_Event> find_logs(const Log_Query& query) = 0;

    /// Returns the times of the events of each stream of a group since `start_ms`, by name, without streams that have
    /// none. Includes events that are still queued. Costs a few seeks for each stream. Throws as find_logs().
    virtual std::map<std::string, Log_Times> log_times(const std::string& group, std::int64_t start_ms) = 0;

    /// Erases the `events` oldest log events of all groups and returns free pages of the database to the file system.
    virtual void erase_oldest_logs(std::uint64_t events) = 0;
    /// Returns the space that the database uses, without queued changes. Any thread; waits while a batch is written.
    virtual Database_Space space() = 0;
    /// Returns the part of space().bytes that is used by records. Reads all of them. Any thread, as space().
    virtual std::uint64_t record_bytes() = 0;

    /// Returns the sequence number of the last change (put, erase, clear or log). If two calls return the same number,
    /// nothing was changed between them.
    virtual std::uint64_t last_change() const = 0;

    /// Calls `done` once everything up to `sequence` is durable, or with the error that prevented it
    /// (the failed batch is dropped, see Store_Owner::write_failed). `done` runs on the writer thread,
    /// or immediately if there is nothing to wait for.
    /// Errors: ServiceException, naming the disk's error (full, read-only).
    virtual void when_durable(std::uint64_t sequence, std::function<void(Result<void>)> done) = 0;

    virtual Blobs& blobs() = 0;
    /// Returns a folder for short-lived files on the file system of the blobs (so that a file can be renamed to a
    /// blob).
    virtual const std::filesystem::path& temporary_folder() const = 0;

protected:
    void forget_unreadable() { unreadable_.clear(); }
    /// Returns true, once, if read_records() skipped this record. The caller sets it aside.
    bool take_unreadable(std::string_view kind, const std::string& key);

private:
    struct Unreadable {
        std::set<std::string> keys;  ///< of skipped records
        std::size_t set_aside = 0;
    };
    std::map<std::string, Unreadable, std::less<>> unreadable_;  ///< by kind
    std::map<std::string, int, std::less<>> version_max_;        ///< by kind
};

}  // namespace osbot_aws::store
