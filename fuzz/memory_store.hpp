#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "store/file_blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::fuzz {

/// A store of records without SQLite and without threads, because a target creates thousands of engines in a second.
/// Log events are dropped.
class Memory_Store final : public store::Store {
public:
    /// Values by kind and key.
    using Records = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

    explicit Memory_Store(const std::filesystem::path& folder)
        : folder_(folder), blobs_(make(folder / "blobs"), folder) {}

    Records records;

    std::vector<store::Record> load(std::string_view kind) override {
        std::vector<store::Record> found;
        const auto of_kind = records.find(kind);
        if (of_kind == records.end()) return found;
        for (const auto& [key, value] : of_kind->second) found.push_back({key, value});
        return found;
    }
    void put(std::string_view kind, std::string key, std::string value) override {
        ++changes_;
        records[std::string(kind)][std::move(key)] = std::move(value);
    }
    void erase(std::string_view kind, std::string key) override {
        ++changes_;
        records[std::string(kind)].erase(key);
    }
    void clear() override { records.clear(); }

    void append_log(std::string, std::string, std::vector<store::Log_Event>) override { ++changes_; }
    void erase_logs(std::string, std::string) override {}
    void erase_logs_before(std::string, std::int64_t) override {}
    std::vector<store::Found_Log_Event> find_logs(const store::Log_Query&) override { return {}; }
    void erase_oldest_logs(std::uint64_t) override {}
    store::Database_Space space() override { return {}; }
    std::uint64_t record_bytes() override { return 0; }

    std::uint64_t last_change() const override { return changes_; }
    void when_durable(std::uint64_t, std::function<void(Result<void>)> done) override { done({}); }
    store::Blobs& blobs() override { return blobs_; }
    const std::filesystem::path& temporary_folder() const override { return folder_; }

private:
    static std::filesystem::path make(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder);
        return folder;
    }

    std::filesystem::path folder_;
    store::File_Blobs blobs_;
    std::uint64_t changes_ = 0;
};

/// Returns a folder in memory for temporary files, or the default folder.
inline std::filesystem::path memory_folder() { return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : ""; }

}  // namespace osbot_aws::fuzz
