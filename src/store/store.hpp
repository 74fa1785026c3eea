#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::store {

class Blobs;

struct Record {
    std::string key;
    std::string value;
};

struct Log_Event {
    std::int64_t timestamp_ms = 0;  ///< when it happened, Unix time
    std::int64_t ingestion_ms = 0;  ///< when it was taken in
    std::int64_t sequence = 0;      ///< order of arrival, set by the store
    std::string message;
};

/// A place between events in the order of time; events of one millisecond are in the order of arrival.
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
    std::optional<Log_Position> after;     ///< paging: only events past this one
    std::optional<Log_Position> before;    ///< paging backwards: only events up to and without this one
    bool newest_first = false;             ///< else oldest first
    int limit = 10'000;
};

struct Found_Log_Event : Log_Event {
    std::string stream;
};

/// What the database takes.
struct Database_Space {
    std::uint64_t bytes = 0;       ///< in use: records and log events
    std::uint64_t log_events = 0;  ///< at most: what was erased between others is counted
};

/// What survives a restart: records (metadata), log events, and blobs (bytes).
///
/// The engine keeps its metadata in memory and writes each change here; the store is read once, at start,
/// except for log events. A change is queued by put()/erase() and is durable (fsync) when
/// when_durable() says so: a writer thread takes everything queued in one transaction, so that
/// concurrent requests share one fsync. The server answers a request only after that.
/// What nobody waits for is written 100 ms later at the latest.
///
/// Threads: put, erase, clear, append_log, when_durable and find_logs from one thread (the loop).
class Store {
public:
    virtual ~Store() = default;

    /// Opens or creates the store in `folder` (SQLite WAL in `state.db`, blobs in `blobs/`).
    /// Errors: StateFolderError when it can't be written, is owned by another process or was made by a newer version.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder);
    /// Same code on an SQLite database in memory; blobs in a temporary folder that is removed at the end.
    static Result<std::unique_ptr<Store>> in_memory();

    /// All records of a kind in order of keys; for start-up and for going back after a failed write.
    virtual std::vector<Record> load(std::string_view kind) = 0;

    virtual void put(std::string_view kind, std::string key, std::string value) = 0;
    virtual void erase(std::string_view kind, std::string key) = 0;
    /// All records and log events (POST /_osbot/reset). Blobs go when their holders let go.
    virtual void clear() = 0;

    virtual void append_log(std::string group, std::string stream, std::vector<Log_Event> events) = 0;
    /// Empty `stream`: the whole group.
    virtual void erase_logs(std::string group, std::string stream) = 0;
    /// Of all streams of a group, what is older.
    virtual void erase_logs_before(std::string group, std::int64_t timestamp_ms) = 0;
    /// Sees everything appended before.
    virtual std::vector<Found_Log_Event> find_logs(const Log_Query& query) = 0;

    /// Erases so many of the oldest log events, whatever their group, and gives the room of erased ones back to the
    /// disk.
    virtual void erase_oldest_logs(std::uint64_t events) = 0;
    /// Of the database, without what is still queued. Any thread; waits while a batch is written.
    virtual Database_Space space() = 0;
    /// Of space().bytes those that records take. Reads them all. Any thread, as space().
    virtual std::uint64_t record_bytes() = 0;

    /// Grows with every put, erase, clear and log change. Two equal readings: nothing was written between.
    virtual std::uint64_t written() const = 0;

    /// Calls `done` once everything up to `sequence` is durable, or with the error that prevented it
    /// (the failed batch is dropped: the caller reloads its state). Called on the writer thread,
    /// or at once when there is nothing to wait for.
    /// Errors: ServiceException, naming the disk's error (full, read-only).
    virtual void when_durable(std::uint64_t sequence, std::function<void(Result<void>)> done) = 0;

    virtual Blobs& blobs() = 0;
    /// Where short-lived files may be made, on the file system of the blobs (so that a rename makes a blob).
    virtual const std::filesystem::path& temporary_folder() const = 0;
};

}  // namespace osbot_aws::store
