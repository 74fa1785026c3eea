#include "services/lambda/running/invocations.hpp"

#include <algorithm>
#include <list>
#include <unordered_map>

#include "base/random.hpp"
#include "services/lambda/running/environment.hpp"
#include "services/lambda/running/event_queue.hpp"
#include "services/lambda/running/runtime_preparation.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::chrono::seconds reap_interval{5};
// A provisioned environment that ends is replaced after this time, so that one that always ends does not use a CPU.
constexpr std::chrono::seconds replacement_wait{1};

Error throttled() { return {"TooManyRequestsException", "Rate Exceeded.", 429}; }

class Sandboxed_Invocations final : public Invocations {
public:
    Sandboxed_Invocations(const Invocation_Parts& parts, Invocation_Options options)
        : parts_{parts, std::move(options)},
          concurrency_(parts_.options.concurrency_max, parts_.options.reserved_concurrency),
          queue_(parts.context, parts_.options, [this](Invoke_Request request, std::string id, Done done) {
              start({std::move(request), std::move(id), std::move(done)});
          }) {
        reap_later();
    }

    /// Clears the queue first: a result of an environment that is being destroyed must not change its event, which
    /// remains in the store for the next start.
    ~Sandboxed_Invocations() override {
        queue_.clear();
        pools_.clear();
    }

    void invoke(Invoke_Request request, Done done) override {
        start({std::move(request), base::uuid4(), std::move(done)});
    }

    bool reservation_is_used(const Function& function) const override {
        return concurrency_.reservation_is_used(function);
    }

    std::string enqueue(Invoke_Request request) override { return queue_.add(std::move(request)); }

    void prepare(const std::string& runtime, std::function<void()> done) override {
        preparation_.prepare(runtime, std::move(done));
    }

    void load() override {
        // Functions that were loaded again are new objects, for which their configurations request environments anew.
        for (auto& [function, pool] : pools_) pool.provisioned = 0;
        erase_unused_pools();
        queue_.load();
    }

    void provision(const Function_Ptr& function, std::size_t count) override {
        if (count == 0 && !pools_.contains(function.get())) return;
        Pool& pool = pool_of(function);
        pool.provisioned = count;
        pool.init_failed = false;
        start_provisioned(pool);
        erase_unused_pools();
    }

    Provisioned provisioned(const Function& function) const override {
        const auto pool = pools_.find(&function);
        if (pool == pools_.end()) return {};
        return {.ready = pool->second.ready, .failed = pool->second.init_failed};
    }

    void take_snapshot(const Function_Ptr& function, std::function<void(const std::string&)> done) override {
        if (parts_.is_debugged(*function) || is_full()) return done("");
        Pool& pool = pool_of(function);
        pool.snapshot_taken = std::move(done);
        add_environment(pool, Init_Type::snap_start);
    }

    void retire(const Account& account, const std::string& name, const std::string& version) override {
        for (auto& [function, pool] : pools_) {
            if (function->account != account || function->name != name) continue;
            if (!version.empty() && function->version != version) continue;
            pool.retired = true;
            pool.provisioned = 0;
        }
        end_if([](const Pool& pool, const Environment& environment) { return pool.retired && environment.free(); });
        erase_unused_pools();
    }

    void stop() override {
        preparation_.stop();
        clear();
    }

    void clear() override {
        for (auto& [function, pool] : pools_) pool.provisioned = 0, pool.snapshot_taken = nullptr;
        const auto all = [](const Pool&, const Environment&) { return true; };
        for (Environment* environment : environments_if(all)) environment->end_immediately();
        queue_.clear();
        preparation_.cancel();
    }

    std::vector<Count> counts() const override {
        std::vector<Count> counts;
        for (const auto& [function, pool] : pools_) {
            Count count{.function = pool.function};
            for (const auto& environment : pool.all) {
                if (environment->ended()) continue;
                ++(unused(*environment) ? count.idle : count.busy);
                count.memory_bytes += environment->memory_bytes();
            }
            if (count.idle + count.busy > 0) counts.push_back(std::move(count));
        }
        return counts;
    }
    std::size_t environments() const override { return parts_.environments; }
    std::size_t queued() const override { return queue_.size(); }

private:
    struct Pool {
        Function_Ptr function;
        std::list<std::unique_ptr<Environment>> all;
        std::vector<Environment*> free;  // most recently used last: it is reused first, so that the others become idle
        bool retired = false;
        std::size_t provisioned = 0;  // environments to keep
        std::size_t ready = 0;        // environments that have waited for an event at least once
        bool init_failed = false;     // of a provisioned environment
        base::Subscription_Ptr replacement = {};
        std::function<void(const std::string&)> snapshot_taken = {};  // of take_snapshot(), until its end

        std::size_t live() const {
            return static_cast<std::size_t>(std::ranges::count_if(
                all, [](const auto& environment) { return environment && !environment->ended(); }));
        }
        /// Returns how many environments may end without a replacement.
        std::size_t spare() const { return live() - std::min(live(), provisioned); }
    };

    Pool& pool_of(const Function_Ptr& function) {
        Pool& pool = pools_[function.get()];
        if (!pool.function) pool.function = function;
        return pool;
    }

    void start_provisioned(Pool& pool) {
        if (parts_.is_debugged(*pool.function)) return;  // its environments start with an event, one at a time
        while (lacks_environments(pool) && !is_full()) add_environment(pool, Init_Type::provisioned);
        if (lacks_environments(pool)) start_provisioned_later(pool);
    }

    /// Returns true if no environment can be added, even if an idle one ends.
    bool is_full() {
        return parts_.environments >= static_cast<std::size_t>(parts_.options.concurrency_max) && !stop_oldest_idle();
    }

    static bool lacks_environments(const Pool& pool) {
        return !pool.retired && !pool.init_failed && pool.live() < pool.provisioned;
    }

    void start_provisioned_later(Pool& pool) {
        if (pool.replacement) return;
        pool.replacement = parts_.context.loop.after(replacement_wait, [this, &pool] {
            const auto fired = std::exchange(pool.replacement, nullptr);
            start_provisioned(pool);
        });
    }

    /// Returns the environments for which `matches` returns true.
    template <class Matches>
    std::vector<Environment*> environments_if(Matches matches) {
        std::vector<Environment*> found;
        for (auto& [function, pool] : pools_)
            for (auto& environment : pool.all)
                if (matches(pool, *environment)) found.push_back(environment.get());
        return found;
    }
    template <class Matches>
    void end_if(Matches matches) {
        for (Environment* environment : environments_if(matches)) environment->end();
    }

    void start(Invocation event) {
        const Function_Ptr function = event.request.function;
        const auto found = pools_.find(function.get());
        if (!event.lease) {
            const std::size_t provisioned = found == pools_.end() ? 0 : found->second.provisioned;
            auto lease = concurrency_.start(*function, static_cast<int>(provisioned));
            if (!lease) return event.done(throttled());
            event.lease = std::move(*lease);
        }
        if (parts_.is_debugged(*function) && is_busy(*function)) return throttle(std::move(event));
        if (found != pools_.end())
            if (Environment* environment = take_unused(found->second, event.request.tenant_id))
                return environment->run(std::move(event));
        if (is_full()) return throttle(std::move(event));
        const Init_Type type = function->snap_starts() ? Init_Type::snap_start : Init_Type::on_demand;
        add_environment(pool_of(function), type).run(std::move(event));
    }

    static void throttle(Invocation event) {
        event.lease = {};
        event.done(throttled());
    }

    static Environment* take_unused(Pool& pool, std::string_view tenant_id) {
        while (!pool.free.empty() && !pool.free.back()->free()) pool.free.pop_back();
        const auto newest = std::find_if(pool.free.rbegin(), pool.free.rend(),
                                         [&](const Environment* e) { return e->free() && e->serves(tenant_id); });
        if (newest != pool.free.rend()) {
            Environment* environment = *newest;
            pool.free.erase(std::next(newest).base());
            return environment;
        }
        const auto returning = std::find_if(pool.all.begin(), pool.all.end(),
                                            [&](const auto& e) { return e->returning() && e->serves(tenant_id); });
        return returning == pool.all.end() ? nullptr : returning->get();
    }

    /// Returns true if the environment has no event and can take one.
    static bool unused(const Environment& environment) { return environment.free() || environment.returning(); }

    /// Returns true if an environment of any version of the function is in use.
    bool is_busy(const Function& function) {
        return !environments_if([&](const Pool& pool, const Environment& environment) {
                    return pool.function->account == function.account && pool.function->name == function.name &&
                           !unused(environment) && !environment.ended();
                }).empty();
    }

    Environment& add_environment(Pool& pool, Init_Type init_type) {
        ++parts_.environments;
        const auto position = pool.all.insert(pool.all.end(), nullptr);
        const Function* key = pool.function.get();
        const auto ready = std::make_shared<bool>(false);
        *position = std::make_unique<Environment>(
            parts_, pool.function,
            Environment::Callbacks{
                .on_free = [this, key, position, ready] { environment_freed(key, **position, *ready); },
                .on_ended = [this, key, position, ready,
                             init_type] { environment_ended(key, position->get(), *ready, init_type); },
                .on_gone = [this, key, position] { environment_gone(key, position); },
                .on_returned = [this](Invocation event) { start(std::move(event)); }},
            init_type);
        return **position;
    }

    void environment_freed(const Function* key, Environment& environment, bool& ready) {
        Pool& pool = pools_.at(key);
        if (!std::exchange(ready, true)) ++pool.ready;
        end_snapshot(pool, "");
        if (pool.retired) return environment.end();
        pool.free.push_back(&environment);
    }

    /// `environment`: nullptr if it ended while it was created.
    void environment_ended(const Function* key, Environment* environment, bool ready, Init_Type init_type) {
        --parts_.environments;
        Pool& pool = pools_.at(key);
        std::erase(pool.free, environment);
        if (ready) --pool.ready;
        if (init_type == Init_Type::provisioned && !ready) pool.init_failed = true;
        const bool reported = environment != nullptr && !environment->init_failure().empty();
        if (!ready) end_snapshot(pool, reported ? environment->init_failure() : "ServiceException");
        if (lacks_environments(pool)) start_provisioned_later(pool);
    }

    static void end_snapshot(Pool& pool, const std::string& error_type) {
        if (const auto done = std::exchange(pool.snapshot_taken, nullptr)) done(error_type);
    }

    // The environment calls this from one of its own members, so it is destroyed in the next turn of the loop.
    void environment_gone(const Function* key, std::list<std::unique_ptr<Environment>>::iterator position) {
        parts_.context.loop.post([this, alive = std::weak_ptr(alive_), key, position] {
            if (alive.expired()) return;
            const auto pool = pools_.find(key);
            pool->second.all.erase(position);
            erase_unused_pools();
        });
    }

    void erase_unused_pools() {
        std::erase_if(pools_, [](const auto& pool) { return pool.second.all.empty() && pool.second.provisioned == 0; });
    }

    bool stop_oldest_idle() {
        const auto idle =
            environments_if([](const Pool& pool, const Environment& e) { return unused(e) && pool.spare() > 0; });
        const auto oldest = std::ranges::min_element(
            idle, {}, [](const Environment* e) { return std::pair(e->returning(), e->free_since()); });
        if (oldest == idle.end()) return false;
        (*oldest)->end();
        return true;
    }

    /// Ends the environments that were idle for too long, now and then.
    void reap_later() {
        reaper_ = parts_.context.loop.after(reap_interval, [this] {
            const auto idle_since = parts_.context.now() - parts_.options.idle_max;
            for (auto& [function, pool] : pools_) end_idle(pool, idle_since);
            reap_later();
        });
    }

    static void end_idle(Pool& pool, base::Time idle_since) {
        std::size_t spare = pool.spare();
        for (const auto& e : pool.all) {
            if (spare == 0) return;
            if (!e->free() || e->free_since() >= idle_since || e->debugged()) continue;
            e->end();
            --spare;
        }
    }

    Environment_Parts parts_;
    Runtime_Preparation preparation_{parts_.context, parts_.runtimes};
    Concurrency concurrency_;
    Event_Queue queue_;
    std::unordered_map<const Function*, Pool> pools_;
    base::Subscription_Ptr reaper_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace

std::unique_ptr<Invocations> make_invocations(const Invocation_Parts& parts, Invocation_Options options) {
    return std::make_unique<Sandboxed_Invocations>(parts, std::move(options));
}

}  // namespace osbot_aws::services
