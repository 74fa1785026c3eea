#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "store/file_blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::fuzz {

/// A store of records without SQLite and without threads, because a target creates thousands of engines in a second.
class Memory_Store final : public store::Store {
public:
    /// Records by kind and key.
    using Records = std::map<std::string, std::map<std::string, store::Record>, std::less<>>;

    explicit Memory_Store(const std::filesystem::path& folder)
        : folder_(folder), blobs_(make(folder / "blobs"), folder) {}

    Records records;

    std::vector<store::Record> load(std::string_view kind) override {
        std::vector<store::Record> found;
        const auto of_kind = records.find(kind);
        if (of_kind == records.end()) return found;
        for (const auto& [key, record] : of_kind->second) found.push_back(record);
        return found;
    }
    void put(std::string_view kind, std::string key, std::string value, int version = 1) override {
        ++changes_;
        records[std::string(kind)].insert_or_assign(key, store::Record{key, std::move(value), version});
    }
    void erase(std::string_view kind, std::string key) override {
        ++changes_;
        records[std::string(kind)].erase(key);
    }
    void clear() override { records.clear(); }

    void append_log(std::string group, std::string stream, std::vector<store::Log_Event> events) override {
        for (store::Log_Event& event : events) {
            event.sequence = static_cast<std::int64_t>(++changes_);
            store::Found_Log_Event found;
            static_cast<store::Log_Event&>(found) = std::move(event);
            found.stream = stream;
            logs_[group].push_back(std::move(found));
        }
    }
    void erase_logs(std::string group, std::string stream) override {
        std::erase_if(logs_[group], [&](const auto& event) { return stream.empty() || event.stream == stream; });
    }
    void erase_logs_before(std::string group, std::int64_t timestamp_ms) override {
        std::erase_if(logs_[group], [&](const auto& event) { return event.timestamp_ms < timestamp_ms; });
    }
    std::vector<store::Found_Log_Event> find_logs(const store::Log_Query& query) override {
        std::vector<store::Found_Log_Event> found;
        for (const auto& event : logs_[query.group])
            if (matches(query, event)) found.push_back(event);
        std::ranges::sort(found, [&](const auto& a, const auto& b) {
            return query.newest_first ? position(b) < position(a) : position(a) < position(b);
        });
        found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(query.limit, 0))));
        return found;
    }
    std::map<std::string, store::Log_Times> log_times(const std::string& group, std::int64_t start_ms) override {
        std::map<std::string, store::Log_Times> found;
        for (const auto& event : find_logs({.group = group, .stream = "", .start_ms = start_ms, .limit = 1 << 30})) {
            auto& times =
                found.try_emplace(event.stream, store::Log_Times{.oldest_ms = event.timestamp_ms}).first->second;
            times.newest_ms = event.timestamp_ms;
            times.newest_ingestion_ms = event.ingestion_ms;
        }
        return found;
    }
    void erase_oldest_logs(std::uint64_t) override {}
    store::Database_Space space() override { return {}; }
    std::uint64_t record_bytes() override { return 0; }

    std::uint64_t last_change() const override { return changes_; }
    void when_durable(std::uint64_t, std::function<void(Result<void>)> done) override { done({}); }
    store::Blobs& blobs() override { return blobs_; }
    const std::filesystem::path& temporary_folder() const override { return folder_; }

private:
    static store::Log_Position position(const store::Log_Event& event) { return {event.timestamp_ms, event.sequence}; }
    static bool matches(const store::Log_Query& query, const store::Found_Log_Event& event) {
        return (query.stream.empty() || query.stream == event.stream) &&
               (!query.start_ms || event.timestamp_ms >= *query.start_ms) &&
               (!query.end_ms || event.timestamp_ms < *query.end_ms) &&
               (!query.after || *query.after < position(event)) && (!query.before || position(event) < *query.before);
    }
    static std::filesystem::path make(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder);
        return folder;
    }

    std::filesystem::path folder_;
    store::File_Blobs blobs_;
    std::uint64_t changes_ = 0;
    std::map<std::string, std::vector<store::Found_Log_Event>> logs_;  // by group
};

/// Returns a folder in memory for temporary files, or the default folder.
inline std::filesystem::path memory_folder() { return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : ""; }

}  // namespace osbot_aws::fuzz
