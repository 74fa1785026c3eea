#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/sqlite.hpp"
#include "store/store.hpp"

namespace osbot_aws::store {

/// Reads log events of several streams in the order of time. The index has the order of each stream only; the streams
/// are merged, so that a page costs a seek for each stream and the events that it returns, whatever follows them.
/// Throws Sqlite_Error.
class Log_Reader {
public:
    explicit Log_Reader(Sqlite& database);

    /// Returns the events of Store::find_logs(). `streams`: the names of the streams that the query selects, by id.
    std::vector<Found_Log_Event> find(const Log_Query& query, const std::map<std::int64_t, std::string>& streams);
    /// Returns the times of Store::log_times().
    std::map<std::string, Log_Times> times(const std::string& group, std::int64_t start_ms);

private:
    /// Selects positions after one in a direction. Two statements, because SQLite cannot seek to a pair in this index.
    struct Direction {
        Direction(Sqlite& database, bool newest_first);
        Sqlite_Statement in_millisecond, in_others;
    };
    class Cursor;
    Found_Log_Event read_event(std::int64_t sequence);

    std::array<Direction, 2> directions_;  ///< oldest first, newest first
    Sqlite_Statement event_, times_;
};

}  // namespace osbot_aws::store
