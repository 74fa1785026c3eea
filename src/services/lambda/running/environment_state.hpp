#pragma once

namespace osbot_aws::services {

/// The states of an environment; environment.hpp draws them.
enum class Environment_State {
    starting,    ///< the first process starts and has not asked for an event
    restarting,  ///< the init failed and runs again in a new process, as part of the event
    suspended,   ///< the runtime is initialised, and waits to be restored for its first event (SnapStart)
    restoring,   ///< the runtime is restored, and runs its hooks before the event
    idle,        ///< the runtime waits for an event
    held,        ///< the runtime waits, and so does its event: the log must be written first
    busy,        ///< the runtime runs the event
    finishing,   ///< the event has ended, and its response and report are being written
    returning,   ///< the runtime has responded and is expected to ask for the next event soon
    awaiting,    ///< as returning, and an event waits for the runtime
    late,        ///< the runtime did not ask for an event in time and is not used until it asks
    ended,
};

/// Returns true if an environment may change from one state to the other.
constexpr bool may_follow(Environment_State from, Environment_State to) {
    using enum Environment_State;
    const auto is_one_of = [to](auto... states) { return ((to == states) || ...); };
    switch (from) {
        case starting:
            return is_one_of(restarting, suspended, restoring, idle, held, busy, finishing, ended);
        case restarting:
            return is_one_of(restoring, held, busy, finishing, ended);
        case suspended:
            return is_one_of(restoring, ended);
        case restoring:
            return is_one_of(held, busy, finishing, ended);
        case idle:
            return is_one_of(held, busy, ended);
        case held:
            return is_one_of(busy, ended);
        case busy:
            return is_one_of(finishing, ended);
        case finishing:
            return is_one_of(idle, returning, ended);
        case returning:
            return is_one_of(idle, awaiting, ended);
        case awaiting:
            return is_one_of(held, busy, late, ended);
        case late:
            return is_one_of(idle, ended);
        case ended:
            break;
    }
    return false;
}

}  // namespace osbot_aws::services
