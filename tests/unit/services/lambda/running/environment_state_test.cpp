#include "services/lambda/running/environment_state.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace osbot_aws::services {
namespace {

using State = Environment_State;

constexpr State all_states[] = {State::starting,  State::restarting, State::suspended, State::restoring,
                                State::idle,      State::held,       State::busy,      State::finishing,
                                State::returning, State::awaiting,   State::late,      State::ended};

std::set<State> reachable_from(State first, State avoided) {
    std::set<State> found;
    std::vector<State> open{first};
    while (!open.empty()) {
        const State from = open.back();
        open.pop_back();
        for (const State to : all_states)
            if (to != avoided && may_follow(from, to) && found.insert(to).second) open.push_back(to);
    }
    return found;
}

TEST(Environment_State_Test, states_follow_each_other_as_drawn) {
    const std::vector<State> paths[] = {
        {State::starting, State::idle, State::busy, State::finishing, State::returning, State::idle, State::ended},
        {State::starting, State::busy, State::finishing, State::idle},
        {State::starting, State::restarting, State::busy, State::finishing, State::ended},
        {State::returning, State::awaiting, State::busy},
        {State::returning, State::awaiting, State::late, State::idle},
        {State::idle, State::held, State::busy},
        {State::starting, State::suspended, State::restoring, State::busy},
        {State::starting, State::restarting, State::restoring, State::held, State::busy},
    };
    for (const auto& path : paths)
        for (std::size_t i = 1; i < path.size(); ++i)
            EXPECT_TRUE(may_follow(path[i - 1], path[i]))
                << static_cast<int>(path[i - 1]) << " -> " << static_cast<int>(path[i]);
}

TEST(Environment_State_Test, every_state_is_reached_and_may_end) {
    EXPECT_EQ(reachable_from(State::starting, State::starting).size(), std::size(all_states) - 1);
    for (const State from : all_states) {
        EXPECT_EQ(may_follow(from, State::ended), from != State::ended);
        EXPECT_FALSE(may_follow(State::ended, from));
        EXPECT_FALSE(may_follow(from, State::starting));
        EXPECT_FALSE(may_follow(from, from));
    }
}

TEST(Environment_State_Test, delivered_event_finishes_before_the_next) {
    EXPECT_EQ(reachable_from(State::busy, State::finishing), std::set{State::ended});
    EXPECT_FALSE(may_follow(State::finishing, State::busy));
    EXPECT_FALSE(may_follow(State::returning, State::busy)) << "the runtime has not asked";
}

TEST(Environment_State_Test, late_runtime_gets_no_event_before_it_asks) {
    EXPECT_EQ(reachable_from(State::late, State::idle), std::set{State::ended});
}

TEST(Environment_State_Test, suspended_runtime_is_restored_before_its_event) {
    EXPECT_EQ(reachable_from(State::suspended, State::restoring), std::set{State::ended});
}

TEST(Environment_State_Test, init_fails_twice_at_most) {
    EXPECT_FALSE(may_follow(State::restarting, State::restarting));
    for (const State from : all_states) EXPECT_EQ(may_follow(from, State::restarting), from == State::starting);
}

}  // namespace
}  // namespace osbot_aws::services
