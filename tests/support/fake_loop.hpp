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

/// A Loop that runs its tasks in run(), and whose time changes only in advance(). run_blocking() runs the work
/// immediately on the calling thread. Any thread may call post(), as with every Loop. fire_readable(fd) runs the tasks
/// that wait for fd.
class Fake_Loop final : public base::Loop {
public:
    Fake_Clock fake_clock;
    bool workers_are_busy = false;  ///< run_blocking() never starts its work

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

    /// Runs all queued tasks, and those that they queue.
    void run() {
        while (auto task = next()) (*task)();
    }

    /// Advances the time and runs each timer when it is due.
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

    /// Runs the tasks that wait for `fd`, as if it had become readable.
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
