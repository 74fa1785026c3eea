#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace osbot_aws::test_support {

/// A store that forwards all calls to another one. A test derives from it and overrides what it observes or changes.
struct Forwarding_Store : store::Store {
    explicit Forwarding_Store(store::Store& store) : inner(store) {}

    std::vector<store::Record> load(std::string_view kind) override { return inner.load(kind); }
    void put(std::string_view kind, std::string key, std::string value, int version = 1) override {
        inner.put(kind, std::move(key), std::move(value), version);
    }
    void erase(std::string_view kind, std::string key) override { inner.erase(kind, std::move(key)); }
    void clear() override { inner.clear(); }
    void append_log(std::string group, std::string stream, std::vector<store::Log_Event> events) override {
        inner.append_log(std::move(group), std::move(stream), std::move(events));
    }
    void erase_logs(std::string group, std::string stream) override {
        inner.erase_logs(std::move(group), std::move(stream));
    }
    void erase_logs_before(std::string group, std::int64_t timestamp_ms) override {
        inner.erase_logs_before(std::move(group), timestamp_ms);
    }
    void erase_oldest_logs(std::uint64_t events) override { inner.erase_oldest_logs(events); }
    store::Database_Space space() override { return inner.space(); }
    std::uint64_t record_bytes() override { return inner.record_bytes(); }
    std::vector<store::Found_Log_Event> find_logs(const store::Log_Query& query) override {
        return inner.find_logs(query);
    }
    std::map<std::string, store::Log_Times> log_times(const std::string& group, std::int64_t start_ms) override {
        return inner.log_times(group, start_ms);
    }
    std::uint64_t last_change() const override { return inner.last_change(); }
    void when_durable(std::uint64_t sequence, std::function<void(Result<void>)> done) override {
        inner.when_durable(sequence, std::move(done));
    }
    store::Blobs& blobs() override { return inner.blobs(); }
    const std::filesystem::path& temporary_folder() const override { return inner.temporary_folder(); }

    store::Store& inner;
};

}  // namespace osbot_aws::test_support
