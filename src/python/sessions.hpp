#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <osbot_aws/core/Session.hpp>

#include "base/interruption.hpp"
#include "python/conversions.hpp"
#include "python/waiting.hpp"

namespace osbot_aws::python {

/// The pool of sessions of one Python object; all have the same target. A Session may be used by one thread at a time,
/// but Python threads call concurrently: each call borrows a session, and a new one is created if none is idle.
class Sessions {
public:
    explicit Sessions(Session first) : first_(std::move(first)) {}

    /// Borrows a session for one call and returns it in the destructor.
    class Lease {
    public:
        explicit Lease(std::shared_ptr<Sessions> from) : from_(std::move(from)), session_(from_->take()) {}
        ~Lease() {
            if (from_) from_->give_back(std::move(session_));
        }
        /// Keeps the session out of the pool: after an interrupted call, its connection may still receive a response.
        void drop() { from_.reset(); }
        Lease(Lease&&) = default;
        Lease& operator=(Lease&&) = delete;
        const Session& session() const { return session_; }

    private:
        std::shared_ptr<Sessions> from_;
        Session session_;
    };

private:
    Session take();
    void give_back(Session session);

    std::mutex mutex_;
    Session first_;
    std::vector<Session> idle_;
};

/// The object that Python owns. Calls reference only the Sessions, because they may finish in a thread without the GIL.
struct Python_Session {
    std::shared_ptr<Sessions> sessions;
};

/// Returns the attribute `_sessions` of a Python object.
std::shared_ptr<Sessions> sessions_of(nb::handle object);

/// Runs `call` with a session of the Python object and returns its result.
template <class Call>
auto call_with_session(nb::handle object, Call call, void (*run)(const std::shared_ptr<Job>&) = run_and_wait) {
    return run_as_job(
        [sessions = sessions_of(object), call = std::move(call)]() mutable {
            Sessions::Lease lease(sessions);
            try {
                return call(lease.session());
            } catch (const base::Interrupted&) {
                lease.drop();
                throw;
            }
        },
        run);
}

/// Runs `call` with a session of the Python object and returns its result as a Python value.
template <class Call>
nb::object call_to_python(nb::handle object, Call call) {
    return to_python(call_with_session(object, std::move(call)));
}

void add_sessions(nb::module_& core);

}  // namespace osbot_aws::python
