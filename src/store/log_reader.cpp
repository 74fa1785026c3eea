#include "store/log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <queue>

#include "store/log_sizes.hpp"

namespace osbot_aws::store {
namespace {

// Positions that are read at once from a stream. They double while a stream is read, so that few are read in vain.
constexpr std::size_t first_positions_max = 256, positions_max = 4096;

/// The range of a query in its direction. Both ends are excluded; the sequence of an event is at least 1.
struct Range {
    Log_Position begin, end;
};

Range range_of(const Log_Query& query) {
    constexpr auto least = std::numeric_limits<std::int64_t>::min(),
                   greatest = std::numeric_limits<std::int64_t>::max();
    const Log_Position start{query.start_ms.value_or(least), 0};
    const Log_Position end = query.end_ms ? Log_Position{*query.end_ms, 0} : Log_Position{greatest, greatest};
    const Log_Position low = std::max(start, query.after.value_or(start)),
                       high = std::min(end, query.before.value_or(end));
    return query.newest_first ? Range{high, low} : Range{low, high};
}

std::string select_positions(std::string_view conditions, std::string_view order) {
    return fmt::format(
        "SELECT timestamp_ms, sequence FROM log_event WHERE stream_id = ? AND {0} ORDER BY timestamp_ms {1}, sequence "
        "{1} LIMIT ?",
        conditions, order);
}

}  // namespace

Log_Reader::Direction::Direction(Sqlite& database, bool newest_first)
    : in_millisecond(database, select_positions(newest_first ? "timestamp_ms = ? AND sequence < ?"
                                                             : "timestamp_ms = ? AND sequence > ?",
                                                newest_first ? "DESC" : "ASC")),
      in_others(database, select_positions(newest_first ? "timestamp_ms < ? AND timestamp_ms >= ?"
                                                        : "timestamp_ms > ? AND timestamp_ms <= ?",
                                           newest_first ? "DESC" : "ASC")) {}

Log_Reader::Log_Reader(Sqlite& database)
    : directions_{Direction{database, false}, Direction{database, true}},
      event_(database, "SELECT timestamp_ms, ingestion_ms, message FROM log_event WHERE sequence = ?"),
      times_(database,
             "SELECT name, oldest_ms, newest.timestamp_ms, newest.ingestion_ms FROM (SELECT name, "
             "(SELECT min(timestamp_ms) FROM log_event WHERE stream_id = id AND timestamp_ms >= ?2) AS oldest_ms, "
             "(SELECT sequence FROM log_event WHERE stream_id = id AND timestamp_ms >= ?2 "
             "ORDER BY timestamp_ms DESC, sequence DESC LIMIT 1) AS newest_sequence "
             "FROM log_stream WHERE log_group = ?1) JOIN log_event AS newest ON newest.sequence = newest_sequence") {}

/// The positions of the events of one stream, in the direction of a query.
class Log_Reader::Cursor {
public:
    Cursor(Direction& direction, std::int64_t stream, const Range& range, bool newest_first, std::size_t count)
        : direction_(direction),
          stream_(stream),
          at_(range.begin),
          end_(range.end),
          newest_first_(newest_first),
          count_(count) {
        read();
    }

    std::int64_t stream() const { return stream_; }
    bool is_at_end() const { return next_ == positions_.size(); }
    const Log_Position& position() const { return positions_[next_]; }
    void advance() {
        if (++next_ == positions_.size()) read();
    }

private:
    void read() {
        positions_.clear();
        next_ = 0;
        if (has_ended_) return;
        const Log_Position from = at_;
        add(direction_.in_millisecond, from.timestamp_ms, from.sequence);
        if (!has_ended_ && positions_.size() < count_) {
            add(direction_.in_others, from.timestamp_ms, end_.timestamp_ms);
            has_ended_ = has_ended_ || positions_.size() < count_;
        }
        count_ = std::min(2 * count_, positions_max);
    }

    void add(Sqlite_Statement& statement, std::int64_t first, std::int64_t second) {
        auto row = statement.use();
        row(stream_)(first)(second)(static_cast<std::int64_t>(count_ - positions_.size()));
        while (row.next()) {
            const Log_Position position{row.integer(0), row.integer(1)};
            has_ended_ = newest_first_ ? position <= end_ : position >= end_;
            if (has_ended_) return;
            positions_.push_back(at_ = position);
        }
    }

    Direction& direction_;
    std::int64_t stream_;
    Log_Position at_, end_;  ///< the last position that was read; the end of the range
    bool newest_first_;
    std::size_t count_;  ///< to read next
    bool has_ended_ = false;
    std::vector<Log_Position> positions_;
    std::size_t next_ = 0;
};

std::vector<Found_Log_Event> Log_Reader::find(const Log_Query& query,
                                              const std::map<std::int64_t, std::string>& streams) {
    if (query.limit <= 0 || streams.empty()) return {};
    const auto limit = static_cast<std::size_t>(query.limit);
    const std::size_t count = std::clamp<std::size_t>(limit / streams.size(), 1, first_positions_max);
    const Range range = range_of(query);
    std::vector<Cursor> cursors;
    cursors.reserve(streams.size());
    for (const auto& [id, name] : streams)
        cursors.emplace_back(directions_[query.newest_first ? 1 : 0], id, range, query.newest_first, count);

    const auto is_later = [&](const Cursor* a, const Cursor* b) {
        return query.newest_first ? a->position() < b->position() : a->position() > b->position();
    };
    std::priority_queue<Cursor*, std::vector<Cursor*>, decltype(is_later)> heads(is_later);
    for (Cursor& cursor : cursors)
        if (!cursor.is_at_end()) heads.push(&cursor);

    std::vector<Found_Log_Event> found;
    for (std::uint64_t bytes = 0; !heads.empty() && found.size() < limit;) {
        if (query.bytes_max > 0 && bytes >= query.bytes_max) break;
        Cursor* head = heads.top();
        heads.pop();
        Found_Log_Event event = read_event(head->position().sequence);
        event.stream = streams.at(head->stream());
        bytes += log_event_bytes(event);
        found.push_back(std::move(event));
        head->advance();
        if (!head->is_at_end()) heads.push(head);
    }
    return found;
}

Found_Log_Event Log_Reader::read_event(std::int64_t sequence) {
    Found_Log_Event event;
    event.sequence = sequence;
    auto row = event_.use();
    row(sequence);
    if (!row.next()) throw Sqlite_Error(fmt::format("the index names the missing log event {}", sequence));
    event.timestamp_ms = row.integer(0);
    event.ingestion_ms = row.integer(1);
    event.message = row.text(2);
    return event;
}

std::map<std::string, Log_Times> Log_Reader::times(const std::string& group, std::int64_t start_ms) {
    std::map<std::string, Log_Times> found;
    auto row = times_.use();
    row(group)(start_ms);
    while (row.next())
        found.emplace(
            row.text(0),
            Log_Times{.oldest_ms = row.integer(1), .newest_ms = row.integer(2), .newest_ingestion_ms = row.integer(3)});
    return found;
}

}  // namespace osbot_aws::store
