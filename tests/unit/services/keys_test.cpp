#include "services/keys.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::services {
namespace {

TEST(Keys_Test, session_keys_differ_and_contain_their_account) {
    for (const char* account : {"000000000000", "111122223333", "999999999999"}) {
        const std::string key = new_session_key(account);
        EXPECT_THAT(key, testing::MatchesRegex("ASIA[A-Z2-7]+"));
        EXPECT_EQ(key.size(), 20u);
        EXPECT_EQ(account_of_session_key(key), account);
        EXPECT_NE(new_session_key(account), key);
    }
}

// AWS's documentation describes no encoding. This is the one of AWS's keys, which tools that read them use.
TEST(Keys_Test, session_key_has_the_account_at_the_place_of_aws_keys) {
    EXPECT_EQ(new_session_key("581039954779").substr(0, 12), "ASIAYOSFODNN");
}

TEST(Keys_Test, keys_of_others_have_no_account) {
    for (const char* key : {"ASIAQNZGKIQY56JQ7WML", "ASIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "ASIA", "test", ""})
        EXPECT_EQ(account_of_key(key), std::nullopt) << key;
    std::string changed = new_session_key("111122223333");
    changed[8] = changed[8] == 'A' ? 'B' : 'A';
    EXPECT_EQ(account_of_key(changed), std::nullopt);
}

TEST(Keys_Test, secret_of_another_engine_differs) {
    const Keys keys, others;
    const std::string key = new_session_key("111122223333");
    EXPECT_EQ(keys.known_secret(key), keys.secret_of(key));
    EXPECT_NE(keys.known_secret(key), others.known_secret(key));
    EXPECT_EQ(keys.known_secret("111122223333"), std::nullopt);
}

}  // namespace
}  // namespace osbot_aws::services
