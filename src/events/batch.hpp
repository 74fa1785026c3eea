// Batch responses. Only this file and batch.cpp handle the exceptions of the functions that process records.
#pragma once

#include <functional>
#include <string_view>

#include <osbot_aws/events/Batch_Response.hpp>

namespace osbot_aws::events {

/// Calls `process` and returns whether it threw no exception. Writes the reason to the log: "message 7 failed: ...".
bool succeeds(std::string_view kind, std::string_view id, const std::function<void()>& process);

/// Processes the records of a stream up to the first failure, which it returns. `id_of` returns a sequence number.
template <class Record, class Id>
Batch_Response process_stream(const std::vector<Record>& records, const std::function<void(const Record&)>& process,
                              Id id_of) {
    for (const Record& record : records)
        if (!succeeds("record", id_of(record), [&] { process(record); })) return {{id_of(record)}};
    return {};
}

}  // namespace osbot_aws::events
