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

/// The sessions of one Python object, all to one target. A Session is for one thread at a time, and Python calls from
/// any: each call borrows one, and there are as many as there were calls at once.
class Sessions {
public:
    explicit Sessions(Session first) : first_(std::move(first)) {}

    /// One call's session, given back at its end.
    class Lease {
    public:
        explicit Lease(std::shared_ptr<Sessions> from) : from_(std::move(from)), session_(from_->take()) {}
        ~Lease() {
            if (from_) from_->give_back(std::move(session_));
        }
        void drop() { from_.reset(); }  ///< of an interrupted call: its connection may yet bring the answer
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

/// What Python holds. Calls keep the Sessions, not this: they may end in a thread that has no GIL.
struct Python_Session {
    std::shared_ptr<Sessions> sessions;
};

/// Those of a Python object, its `_sessions`.
std::shared_ptr<Sessions> sessions_of(nb::handle object);

/// What `call` answers with a session of the Python object.
template <class Call>
auto asked(nb::handle object, Call call, void (*run)(const std::shared_ptr<Job>&) = run_and_wait) {
    return waiting(
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

/// The same as a Python value.
template <class Call>
nb::object answer_of(nb::handle object, Call call) {
    return to_python(asked(object, std::move(call)));
}

void add_sessions(nb::module_& core);

}  // namespace osbot_aws::python
