#include "client/credential_chain.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/files.hpp"
#include "client/shared_files.hpp"

namespace osbot_aws::client {
namespace {

using testing::HasSubstr;

/// Clears the host's settings. ctest runs each test in a separate process.
class Credentials_Test : public testing::Test {
protected:
    Credentials_Test() {
        for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                                 "AWS_REGION", "AWS_DEFAULT_REGION"})
            ::unsetenv(name);
        set("AWS_SHARED_CREDENTIALS_FILE", (folder.path() / "credentials").string());
        set("AWS_CONFIG_FILE", (folder.path() / "config").string());
    }
    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
    void write(const char* file, std::string_view text) { base::write_file(folder.path() / file, text).value(); }
    static std::string key_of(std::string_view profile = "") {
        const auto found = Credential_Chain({.profile = std::string(profile)}).credentials();
        return found ? found->access_key_id : found.error().code;
    }

    base::Temporary_Folder folder;
};

TEST_F(Credentials_Test, environment_overrides_the_files) {
    write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    EXPECT_EQ(key_of(), "FILE");
    set("AWS_ACCESS_KEY_ID", "ENV");
    EXPECT_EQ(key_of(), "PartialCredentialsError") << "a key without its secret, as in botocore's EnvProvider";
    set("AWS_SECRET_ACCESS_KEY", "s");
    set("AWS_SESSION_TOKEN", "t");
    const auto found = Credential_Chain({}).credentials();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "ENV");
    EXPECT_EQ(found->session_token, "t");
}

TEST_F(Credentials_Test, explicit_profile_overrides_environment_and_merges_both_files) {
    write("credentials", "[dev]\naws_access_key_id=DEV\naws_secret_access_key = a=b # not part\n");
    write("config", "[profile dev]\nregion = eu-west-3\naws_access_key_id = CONFIG\ns3 =\n  region = nested\n");
    set("AWS_ACCESS_KEY_ID", "ENV");
    set("AWS_SECRET_ACCESS_KEY", "s");
    const auto found = Credential_Chain({.profile = "dev"}).credentials();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "DEV");
    EXPECT_EQ(found->secret_access_key, "a=b");
    EXPECT_EQ(default_region("dev"), "eu-west-3");
    EXPECT_EQ(default_region(), "");
}

TEST_F(Credentials_Test, aws_profile_selects_and_aws_region_overrides) {
    write("credentials",
          "[a]\naws_access_key_id=A\naws_secret_access_key=s\n[b]\naws_access_key_id=B\naws_secret_access_key=s\n");
    write("config", "[profile b]\nregion=us-west-2\n");
    set("AWS_PROFILE", "b");
    EXPECT_EQ(key_of(), "B");
    EXPECT_EQ(default_region(), "us-west-2");
    set("AWS_DEFAULT_REGION", "eu-north-1");
    EXPECT_EQ(default_region(), "eu-north-1");
    set("AWS_REGION", "eu-west-1");
    EXPECT_EQ(default_region(), "eu-west-1");
}

TEST_F(Credentials_Test, missing_credentials_error_names_the_options) {
    const auto found = Credential_Chain({}).credentials();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "NoCredentialsError");
    EXPECT_THAT(found.error().message, HasSubstr("AWS_ACCESS_KEY_ID"));
    EXPECT_THAT(found.error().message, HasSubstr("credentials"));
}

TEST_F(Credentials_Test, malformed_lines_of_files_are_ignored) {
    const auto sections = parse_shared_file("x=1\n[ a ]\r\nkey = v\r\n; no\n[b\nk=2\n=\n\n");
    EXPECT_EQ(sections.at("a").at("key"), "v");
    EXPECT_EQ(sections.count("x"), 0U);
}

}  // namespace
}  // namespace osbot_aws::client
