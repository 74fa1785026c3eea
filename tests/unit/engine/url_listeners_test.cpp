#include "engine/url_listeners.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/fake_loop.hpp"

namespace osbot_aws::engine {
namespace {

struct Url_Listeners_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::set<std::uint16_t> taken, open_ports;
    std::uint16_t next_free = 1000;
    bool names_resolve = false;
    int checks = 0;

    Url_Listeners make(Url_Form form, std::size_t ports_max = 10) {
        const auto serve = [this](const std::string&, std::uint16_t port) -> Result<Url_Listeners::Open_Port> {
            const std::uint16_t number = port != 0 ? port : next_free++;
            if (taken.contains(number)) return Error{"PortInUse", "it is in use", 0};
            open_ports.insert(number);
            return Url_Listeners::Open_Port{
                number, std::shared_ptr<void>(nullptr, [this, number](void*) { open_ports.erase(number); })};
        };
        return {loop, form, ports_max, serve, [this] { return ++checks, names_resolve; }};
    }
};

TEST_F(Url_Listeners_Test, urls_have_ports_only_if_names_do_not_resolve) {
    for (const bool resolve : {true, false}) {
        names_resolve = resolve;
        Url_Listeners listeners = make(Url_Form::automatic);
        int known = 0;
        listeners.when_known([&] { ++known; });
        listeners.when_known([&] { ++known; });
        EXPECT_EQ(known, 0) << "the check runs on a worker";
        loop.run();
        EXPECT_EQ(known, 2);
        listeners.when_known([&] { ++known; });
        EXPECT_EQ(known, 3);
        EXPECT_EQ(listeners.open("a", 0) != 0, !resolve);
        EXPECT_EQ(open_ports.size(), resolve ? 0u : 1u);
    }
    EXPECT_EQ(checks, 2) << "once for each";
}

TEST_F(Url_Listeners_Test, url_that_had_a_port_has_one_before_the_check) {
    Url_Listeners listeners = make(Url_Form::automatic);
    EXPECT_EQ(listeners.open("new", 0), 0);
    EXPECT_EQ(listeners.open("a", 4000), 4000);
    EXPECT_EQ(listeners.open("a", 4000), 4000) << "it stays open";
    EXPECT_EQ(checks, 0);
}

TEST_F(Url_Listeners_Test, port_in_use_is_replaced_by_a_free_one) {
    Url_Listeners listeners = make(Url_Form::port);
    taken = {4000};
    EXPECT_EQ(listeners.open("a", 4000), 1000);
    taken = {1001};
    EXPECT_EQ(listeners.open("b", 0), 0) << "none can be opened";
}

TEST_F(Url_Listeners_Test, forms_of_the_user_need_no_check) {
    for (const Url_Form form : {Url_Form::host, Url_Form::port}) {
        Url_Listeners listeners = make(form);
        bool known = false;
        listeners.when_known([&] { known = true; });
        EXPECT_TRUE(known);
        EXPECT_EQ(listeners.open("a", 4000), form == Url_Form::host ? 0 : 4000);
    }
    EXPECT_EQ(checks, 0);
}

TEST_F(Url_Listeners_Test, number_of_ports_is_limited) {
    Url_Listeners listeners = make(Url_Form::port, 2);
    EXPECT_NE(listeners.open("a", 0), 0);
    EXPECT_NE(listeners.open("b", 0), 0);
    EXPECT_EQ(listeners.open("c", 0), 0);
    listeners.keep_only([](const std::string& id) { return id != "a"; });
    EXPECT_EQ(open_ports.size(), 1u);
    EXPECT_NE(listeners.open("c", 0), 0);
}

TEST_F(Url_Listeners_Test, stop_closes_ports_and_drops_callbacks) {
    Url_Listeners listeners = make(Url_Form::automatic);
    bool known = false;
    listeners.open("a", 4000);
    listeners.when_known([&] { known = true; });
    listeners.stop();
    loop.run();
    EXPECT_TRUE(open_ports.empty());
    EXPECT_FALSE(known);
}

}  // namespace
}  // namespace osbot_aws::engine
