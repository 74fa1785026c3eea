#include "services/lambda/running/invocations.hpp"

#include <algorithm>
#include <list>
#include <unordered_map>

#include "base/random.hpp"
#include "services/lambda/running/environment.hpp"
#include "services/lambda/running/event_queue.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::chrono::seconds reap_interval{5};

Error throttled() { return {"TooManyRequestsException", "Rate Exceeded.", 429}; }

class Sandboxed_Invocations final : public Invocations {
public:
    Sandboxed_Invocations(const Invocation_Parts& parts, Invocation_Options options)
        : parts_{parts, std::move(options)},
          concurrency_(parts_.options.concurrency_max, parts_.options.reserved_concurrency),
          queue_(parts.context, parts_.options.find_function,
                 [this](Invoke_Request request, std::string id, Done done) {
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

    void load() override { queue_.load(); }

    void retire(const Account& account, const std::string& name, const std::string& version) override {
        for (auto& [function, pool] : pools_) {
            if (function->account == account && function->name == name &&
                (version.empty() || function->version == version))
                pool.retired = true;
        }
        end_if([](const Pool& pool, const Environment& environment) { return pool.retired && environment.free(); });
    }

    void clear() override {
        end_if([](const Pool&, const Environment&) { return true; });
        queue_.clear();
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
    };

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
        if (!event.lease) {
            auto lease = concurrency_.start(*function);
            if (!lease) return event.done(throttled());
            event.lease = std::move(*lease);
        }
        if (parts_.is_debugged(*function) && is_busy(*function)) return throttle(std::move(event));
        if (const auto found = pools_.find(function.get()); found != pools_.end())
            if (Environment* environment = take_unused(found->second)) return environment->run(std::move(event));
        const auto environments_max = static_cast<std::size_t>(parts_.options.concurrency_max);
        if (parts_.environments >= environments_max && !stop_oldest_idle()) return throttle(std::move(event));
        Pool& pool = pools_[function.get()];
        if (!pool.function) pool.function = function;
        add_environment(pool).run(std::move(event));
    }

    static void throttle(Invocation event) {
        event.lease = {};
        event.done(throttled());
    }

    static Environment* take_unused(Pool& pool) {
        while (!pool.free.empty() && !pool.free.back()->free()) pool.free.pop_back();
        if (!pool.free.empty()) {
            Environment* environment = pool.free.back();
            pool.free.pop_back();
            return environment;
        }
        const auto returning =
            std::find_if(pool.all.begin(), pool.all.end(), [](const auto& e) { return e->returning(); });
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

    Environment& add_environment(Pool& pool) {
        ++parts_.environments;
        const auto position = pool.all.insert(pool.all.end(), nullptr);
        const Function* key = pool.function.get();
        *position = std::make_unique<Environment>(
            parts_, pool.function,
            Environment::Callbacks{.on_free = [this, key, position] { environment_freed(key, **position); },
                                   .on_ended = [this, key, position] { environment_ended(key, **position); },
                                   .on_gone = [this, key, position] { environment_gone(key, position); },
                                   .on_returned = [this](Invocation event) { start(std::move(event)); }});
        return **position;
    }

    void environment_freed(const Function* key, Environment& environment) {
        Pool& pool = pools_.at(key);
        if (pool.retired) return environment.end();
        pool.free.push_back(&environment);
    }

    void environment_ended(const Function* key, Environment& environment) {
        --parts_.environments;
        std::erase(pools_.at(key).free, &environment);
    }

    // The environment calls this from one of its own members, so it is destroyed in the next turn of the loop.
    void environment_gone(const Function* key, std::list<std::unique_ptr<Environment>>::iterator position) {
        parts_.context.loop.post([this, alive = std::weak_ptr(alive_), key, position] {
            if (alive.expired()) return;
            const auto pool = pools_.find(key);
            pool->second.all.erase(position);
            if (pool->second.all.empty()) pools_.erase(pool);
        });
    }

    bool stop_oldest_idle() {
        const auto idle = environments_if([](const Pool&, const Environment& e) { return unused(e); });
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
            end_if([&](const Pool&, const Environment& e) {
                return e.free() && e.free_since() < idle_since && !e.debugged();
            });
            reap_later();
        });
    }

    Environment_Parts parts_;
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
