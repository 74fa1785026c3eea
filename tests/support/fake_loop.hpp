#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/loop.hpp"

namespace osbot_aws::test_support {

struct Fake_Clock final : base::Clock {
    base::Time time = base::Time{} + std::chrono::hours{24 * 365 * 55};
    base::Time now() const override { return time; }
};

/// A Loop whose tasks run when the test calls run(), and whose time moves when it calls advance().
/// run_blocking() runs its work at once, on the same thread. As with every Loop, post() is for any thread. Watched fds
/// are read by a test through fire_readable(fd).
class Fake_Loop final : public base::Loop {
public:
    Fake_Clock fake_clock;
    bool workers_are_busy = false;  ///< run_blocking() never comes to its work

    const base::Clock& clock() const override { return fake_clock; }
    void post(std::function<void()> task) override {
        const std::lock_guard lock{mutex_};
        ready_.push_back(std::move(task));
    }
    base::Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) override {
        const auto at = fake_clock.time + std::chrono::duration_cast<base::Time::duration>(delay);
        return subscribe(timers_, std::pair{at, next_id_}, std::move(task));
    }
    base::Subscription_Ptr when_readable(int fd, std::function<void()> task) override {
        return subscribe(watches_, std::pair{fd, next_id_}, std::move(task));
    }
    void run_blocking(std::function<void()> work, std::function<void()> done) override {
        if (workers_are_busy) return;
        work();
        post(std::move(done));
    }

    /// Runs what is ready, and what that makes ready.
    void run() {
        while (auto task = next()) (*task)();
    }

    /// Moves the time, running each timer at its moment.
    void advance(std::chrono::nanoseconds by) {
        const auto until = fake_clock.time + std::chrono::duration_cast<base::Time::duration>(by);
        run();
        while (!timers_.empty() && timers_.begin()->first.first <= until) {
            auto node = timers_.extract(timers_.begin());
            fake_clock.time = std::max(fake_clock.time, node.key().first);
            node.mapped()();
            run();
        }
        fake_clock.time = until;
    }

    /// Tells the watchers of `fd` that it can be read.
    void fire_readable(int fd) {
        std::deque<std::function<void()>> tasks;
        for (const auto& [key, task] : watches_) {
            if (key.first == fd) tasks.push_back(task);
        }
        for (auto& task : tasks) task();
        run();
    }

private:
    using Id = unsigned long;

    std::optional<std::function<void()>> next() {
        const std::lock_guard lock{mutex_};
        if (ready_.empty()) return std::nullopt;
        auto task = std::move(ready_.front());
        ready_.pop_front();
        return task;
    }

    template <class Map>
    struct Entry final : base::Subscription {
        Entry(Map& entries, typename Map::key_type entry) : map(entries), key(entry) {}
        ~Entry() override { map.erase(key); }
        Map& map;
        typename Map::key_type key;
    };

    template <class Map>
    base::Subscription_Ptr subscribe(Map& map, typename Map::key_type key, std::function<void()> task) {
        ++next_id_;
        map.emplace(key, std::move(task));
        return std::make_unique<Entry<Map>>(map, key);
    }

    std::mutex mutex_;  ///< guards ready_
    std::deque<std::function<void()>> ready_;
    std::map<std::pair<base::Time, Id>, std::function<void()>> timers_;
    std::map<std::pair<int, Id>, std::function<void()>> watches_;
    Id next_id_ = 0;
};

}  // namespace osbot_aws::test_support
