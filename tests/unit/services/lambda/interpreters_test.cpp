#include "services/lambda/running/interpreters.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::services {
namespace {

TEST(Interpreters_Test, version_is_read_from_the_runtime_identifier) {
    EXPECT_EQ(node_language.version_of("nodejs22.x"), 22);
    EXPECT_EQ(python_language.version_of("python3.11"), 11);
    for (const char* other : {"nodejs", "nodejs.x", "nodejs22", "nodejs4.3", "python3.11", "provided.al2023", ""})
        EXPECT_EQ(node_language.version_of(other), std::nullopt) << other;
    EXPECT_EQ(node_language.runtime_of(20), "nodejs20.x");
}

TEST(Interpreters_Test, choose_returns_the_nearest_version) {
    const Interpreters found{{18, {"/a", {}}}, {20, {"/b", {}}}, {26, {"/c", {}}}};
    for (const auto& [version, expected] : {std::pair{18, 18}, {20, 20}, {22, 20}, {24, 26}, {99, 26}})
        EXPECT_EQ(node_language.choose(found, version, false).value()->first, expected) << version;
}

TEST(Interpreters_Test, strict_choice_rejects_other_versions) {
    const Interpreters found{{18, {"/a", {}}}, {20, {"/b", {}}}};
    EXPECT_EQ(node_language.choose(found, 20, true).value()->first, 20);
    const auto refused = node_language.choose(found, 22, true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "nodejs22.x was not found on this host; found: nodejs18.x, nodejs20.x");
}

TEST(Interpreters_Test, missing_interpreter_is_an_error_with_the_way_out) {
    const auto refused = node_language.choose({}, 22, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "InvalidRuntime");
    EXPECT_EQ(refused.error().message,
              "this host has no interpreter for nodejs22.x: apt install nodejs, or nvm install 22; then restart the "
              "engine");
}

}  // namespace
}  // namespace osbot_aws::services
