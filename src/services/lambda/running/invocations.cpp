#include "services/lambda/running/invocations.hpp"

#include <algorithm>
#include <list>
#include <unordered_map>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/lambda/running/environment.hpp"
#include "services/lambda/running/runtimes.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
constexpr int attempts_max = 3;  // the first and two retries
constexpr std::chrono::hours event_age_max{6};
constexpr std::chrono::minutes retry_after[] = {std::chrono::minutes{1}, std::chrono::minutes{2}};
constexpr std::chrono::milliseconds throttle_wait_first{100};
constexpr std::chrono::seconds throttle_wait_max{30};
constexpr std::chrono::seconds reap_interval{5};

Error throttled() { return {"TooManyRequestsException", "Rate Exceeded.", 429}; }

/// An event of the queue, with the data to find its function after a restart.
struct Queued_Event {
    Account account;
    std::string function, version, invoked_arn, payload, client_context;
    base::Time accepted_at{}, not_before{};
    int attempts = 0;
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Queued_Event>& event) {
    std::string payload;
    if constexpr (Fields::writes) payload = base::base64_encode(event.payload);
    f(event.account)("function", event.function)("version", event.version)("arn", event.invoked_arn);
    f("payload", payload)("client_context", event.client_context)("attempts", event.attempts);
    f.optional("accepted_ms", event.accepted_at).optional("not_before_ms", event.not_before);
    if constexpr (!Fields::writes) event.payload = base::base64_decode(payload).value_or("");
}

class Sandboxed_Invocations final : public Invocations {
public:
    Sandboxed_Invocations(Context& context, sandbox::Sandbox& sandbox, Runtime_Endpoints& endpoints, Code_Folders& code,
                          Images& images, Logs& logs, Invocation_Options options)
        : context_(context),
          options_(std::move(options)),
          events_(context.store, {.name = "lambda/event"}),
          runtimes_(options_.work_folder / "runtime", options_.strict_runtimes),
          parts_{context,
                 sandbox,
                 endpoints,
                 code,
                 images,
                 logs,
                 runtimes_,
                 options_.work_folder,
                 options_.own_network,
                 options_.debug},
          concurrency_(options_.concurrency_max, options_.reserved_concurrency) {
        reaper_ = context_.loop.after(reap_interval, [this] { reap(); });
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

    std::string enqueue(Invoke_Request request) override {
        std::string id = base::uuid4();
        const Function& f = *request.function;
        const auto [position, added] = queue_.emplace(
            id, Queued_Event{f.account, f.name, f.version, std::move(request.invoked_arn), std::move(request.payload),
                             std::move(request.client_context), context_.now(), context_.now()});
        events_.put(id, position->second);
        post([this, id] { attempt(id); });
        return id;
    }

    /// Each event keeps its number of attempts and the time of the next one. An event whose write failed is lost.
    void load() override {
        std::unordered_map<std::string, Queued_Event> stored;
        events_.load([&](const std::string& id, Queued_Event event) {
            // Records of older engines have no times.
            if (event.accepted_at == base::Time{}) event.accepted_at = context_.now();
            stored.emplace(id, std::move(event));
        });
        std::vector<std::string> lost;
        for (const auto& [id, event] : queue_)
            if (!stored.contains(id)) lost.push_back(id);
        for (const std::string& id : lost) forget(id);
        for (auto& [id, event] : stored) {
            const auto [position, added] = queue_.emplace(id, std::move(event));
            if (!added) continue;
            if (position->second.not_before > context_.now())
                retry_later(id, position->second.not_before - context_.now());
            else
                post([this, id = id] { attempt(id); });
        }
    }

    void retire(const Account& account, const std::string& name, const std::string& version) override {
        for (auto& [function, pool] : pools_) {
            if (function->account == account && function->name == name &&
                (version.empty() || function->version == version))
                pool.retired = true;
        }
        std::vector<Environment*> idle;
        for_each([&](Pool& pool, Environment& environment) {
            if (pool.retired && environment.free()) idle.push_back(&environment);
        });
        for (Environment* environment : idle) environment->end();
    }

    void clear() override {
        std::vector<Environment*> all;
        for_each([&](Pool&, Environment& environment) { all.push_back(&environment); });
        for (Environment* environment : all) environment->end();
        queue_.clear();
        waits_.clear();
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
    /// Runs the task in the next turn of the loop, if this object still exists then.
    void post(std::function<void()> task) {
        context_.loop.post([alive = std::weak_ptr(alive_), task = std::move(task)] {
            if (!alive.expired()) task();
        });
    }

    struct Pool {
        Function_Ptr function;
        std::list<std::unique_ptr<Environment>> all;
        std::vector<Environment*> free;  // most recently used last: it is reused first, so that the others become idle
        bool retired = false;
    };

    template <class Visit>
    void for_each(Visit visit) {
        for (auto& [function, pool] : pools_) {
            for (auto& environment : pool.all) visit(pool, *environment);
        }
    }

    void start(Invocation event) {
        const Function_Ptr function = event.request.function;
        if (!event.lease) {
            auto lease = concurrency_.start(*function);
            if (!lease) return event.done(throttled());
            event.lease = std::move(*lease);
        }
        if (parts_.is_debugged(*function) && busy(*function) > 0) return throttle(std::move(event));
        if (const auto found = pools_.find(function.get()); found != pools_.end())
            if (Environment* environment = take_unused(found->second)) return environment->run(std::move(event));
        if (parts_.environments >= static_cast<std::size_t>(options_.concurrency_max) && !stop_oldest_idle())
            return throttle(std::move(event));
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

    std::size_t busy(const Function& function) {
        std::size_t count = 0;
        for (auto& [version, pool] : pools_) {
            if (version->account != function.account || version->name != function.name) continue;
            count += static_cast<std::size_t>(std::count_if(pool.all.begin(), pool.all.end(),
                                                            [](const auto& e) { return !unused(*e) && !e->ended(); }));
        }
        return count;
    }

    Environment& add_environment(Pool& pool) {
        ++parts_.environments;
        const auto position = pool.all.insert(pool.all.end(), nullptr);
        const Function* key = pool.function.get();
        *position = std::make_unique<Environment>(
            parts_, pool.function,
            Environment::Callbacks{.on_free = [this, key, position] { environment_freed(key, **position); },
                                   .on_ended = [this, key, position] { environment_ended(key, position); },
                                   .on_returned = [this](Invocation event) { start(std::move(event)); }});
        return **position;
    }

    void environment_freed(const Function* key, Environment& environment) {
        Pool& pool = pools_.at(key);
        if (pool.retired) return environment.end();
        pool.free.push_back(&environment);
    }

    // The environment calls this from one of its own members, so it is destroyed in the next turn of the loop.
    void environment_ended(const Function* key, std::list<std::unique_ptr<Environment>>::iterator position) {
        --parts_.environments;
        std::erase(pools_.at(key).free, position->get());
        post([this, key, position] {
            const auto pool = pools_.find(key);
            pool->second.all.erase(position);
            if (pool->second.all.empty()) pools_.erase(pool);
        });
    }

    bool stop_oldest_idle() {
        Environment* oldest = nullptr;
        for_each([&](Pool&, Environment& environment) {
            const auto rank = [](const Environment& e) { return std::pair(e.returning(), e.free_since()); };
            if (unused(environment) && (oldest == nullptr || rank(environment) < rank(*oldest))) oldest = &environment;
        });
        if (oldest != nullptr) oldest->end();
        return oldest != nullptr;
    }

    void reap() {
        const auto now = context_.now();
        std::vector<Environment*> expired;
        for_each([&](Pool&, Environment& environment) {
            if (environment.free() && now - environment.free_since() > options_.idle_max && !environment.debugged())
                expired.push_back(&environment);
        });
        for (Environment* environment : expired) environment->end();
        reaper_ = context_.loop.after(reap_interval, [this] { reap(); });
    }

    // ---- events ----

    void attempt(const std::string& id) {
        const auto position = queue_.find(id);
        if (position == queue_.end()) return;
        const Queued_Event& event = position->second;
        const Function_Ptr function = options_.find_function(event.account, event.function, event.version);
        if (!function) return drop(id);  // deleted in the meantime
        if (context_.now() - event.accepted_at > event_age_max) {
            base::log_warning("dropped event {} of function {}: it is older than {} hours", id, event.function,
                              event_age_max.count());
            return drop(id);
        }
        Invoke_Request request{.function = function,
                               .invoked_arn = event.invoked_arn,
                               .payload = event.payload,
                               .client_context = event.client_context,
                               .trace_id = {}};
        start({std::move(request), id,
               [this, id](const Result<Invoke_Result>& result) { attempt_finished(id, result); }});
    }

    void attempt_finished(const std::string& id, const Result<Invoke_Result>& result) {
        const auto position = queue_.find(id);
        if (position == queue_.end()) return;  // reset in the meantime
        if (!result && result.error().code == "TooManyRequestsException") return wait_for_capacity(id);
        if (!result && result.error().code == "ServiceException") return retry_later(id, retry_after[0]);
        Queued_Event& event = position->second;
        if (result && result->function_error.empty()) return drop(id);
        if (++event.attempts >= attempts_max) return drop(id);
        const auto delay = retry_after[event.attempts - 1];
        event.not_before = context_.now() + delay;
        events_.put(id, event);
        retry_later(id, delay);
    }

    void wait_for_capacity(const std::string& id) {
        auto& wait = throttle_waits_[id];
        wait =
            wait.count() == 0 ? throttle_wait_first : std::min<std::chrono::milliseconds>(wait * 2, throttle_wait_max);
        retry_later(id, wait);
    }

    void retry_later(const std::string& id, std::chrono::nanoseconds delay) {
        waits_[id] = context_.loop.after(delay, [this, id] { post([this, id] { attempt(id); }); });
    }

    void drop(const std::string& id) {
        events_.erase(id);
        forget(id);
    }

    void forget(const std::string& id) {
        queue_.erase(id);
        waits_.erase(id);
        throttle_waits_.erase(id);
    }

    Context& context_;
    Invocation_Options options_;
    store::Records<Queued_Event> events_;
    Runtimes runtimes_;
    Environment_Parts parts_;
    Concurrency concurrency_;
    std::unordered_map<const Function*, Pool> pools_;
    std::unordered_map<std::string, Queued_Event> queue_;
    std::unordered_map<std::string, base::Subscription_Ptr> waits_;
    std::unordered_map<std::string, std::chrono::milliseconds> throttle_waits_;
    base::Subscription_Ptr reaper_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace

std::unique_ptr<Invocations> make_invocations(Context& context, sandbox::Sandbox& sandbox, Runtime_Endpoints& endpoints,
                                              Code_Folders& code, Images& images, Logs& logs,
                                              Invocation_Options options) {
    return std::make_unique<Sandboxed_Invocations>(context, sandbox, endpoints, code, images, logs, std::move(options));
}

}  // namespace osbot_aws::services
