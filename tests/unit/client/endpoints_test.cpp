// The precedence is that of botocore's ConfiguredEndpointProvider (botocore/configprovider.py).
#include "client/endpoints.hpp"

#include <cstdlib>

#include "base/files.hpp"
#include "support/printers.hpp"

namespace osbot_aws::client {
namespace {

using test_support::Fails_with_message;

/// ctest runs each test in a separate process, so environment changes do not affect other tests.
class Endpoints_Test : public testing::Test {
protected:
    Endpoints_Test() {
        for (const char* name : {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
                                 "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PROFILE"})
            ::unsetenv(name);
        set("AWS_CONFIG_FILE", (folder.path() / "config").string());
        set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }
    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
    void config(std::string_view text) { base::write_file(folder.path() / "config", text).value(); }
    static std::string url_of(const std::string& service) {
        const Endpoint_Urls urls = configured_endpoint_urls().value();
        const auto url = urls.by_service.find(service);
        return url != urls.by_service.end() ? url->second : urls.general;
    }

    base::Temporary_Folder folder;
};

TEST_F(Endpoints_Test, no_settings_give_no_url) { EXPECT_EQ(url_of("lambda"), ""); }

TEST_F(Endpoints_Test, endpoint_settings_have_the_precedence_of_botocore) {
    config(
        "[default]\nendpoint_url = http://profile\nservices = mine\n"
        "[services mine]\nlambda =\n  endpoint_url = http://section-lambda\ncloudwatch_logs = \n  endpoint_url = "
        "http://section-logs\n");
    EXPECT_EQ(url_of("lambda"), "http://section-lambda");
    EXPECT_EQ(url_of("logs"), "http://section-logs");
    EXPECT_EQ(url_of("s3"), "http://profile");
    set("AWS_ENDPOINT_URL", "http://general");
    EXPECT_EQ(url_of("lambda"), "http://general");
    EXPECT_EQ(url_of("s3"), "http://general");
    set("AWS_ENDPOINT_URL_LAMBDA", "http://lambda");
    set("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://logs");
    EXPECT_EQ(url_of("lambda"), "http://lambda");
    EXPECT_EQ(url_of("logs"), "http://logs");
    EXPECT_EQ(url_of("iam"), "http://general");
}

TEST_F(Endpoints_Test, environment_or_profile_can_ignore_all_endpoint_settings) {
    set("AWS_ENDPOINT_URL_LAMBDA", "http://lambda");
    config("[default]\nendpoint_url = http://profile\nignore_configured_endpoint_urls = TRUE\n");
    EXPECT_EQ(url_of("lambda"), "");
    set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    EXPECT_EQ(url_of("lambda"), "http://lambda");
    set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True");
    EXPECT_EQ(url_of("lambda"), "");
    EXPECT_EQ(url_of("s3"), "");
}

TEST_F(Endpoints_Test, missing_services_section_is_an_error_that_names_it) {
    config("[default]\nservices = missing\n");
    EXPECT_THAT(configured_endpoint_urls(),
                Fails_with_message("InvalidConfigError",
                                   "The profile is configured to use the services section but the "
                                   "\"missing\" services configuration does not exist."));
}

TEST(Endpoint_Url, requires_a_scheme_a_host_and_a_valid_port) {
    for (const char* url : {"http://127.0.0.1:4566", "https://lambda.eu-west-1.amazonaws.com", "http://[::1]:4566/",
                            "http://localhost:4566/path", "http://my_host"})
        EXPECT_TRUE(is_endpoint_url(url)) << url;
    for (const char* text : {"", "foo", "localhost:4566", "127.0.0.1:4566", "ftp://host", "http://", "http://:4566",
                             "http://host:99999", "http://host:0", "http://a b", "http://user@host", "http//host"})
        EXPECT_FALSE(is_endpoint_url(text)) << text;
}

TEST_F(Endpoints_Test, value_that_is_not_a_url_is_an_error_that_names_the_setting) {
    const auto message = [](const std::string& name) {
        return "invalid " + name + " 'foo': expected a URL such as http://127.0.0.1:4566";
    };
    const auto fails_for = [&](const std::string& name) {
        return Fails_with_message("ConfigurationError", message(name));
    };
    set("AWS_ENDPOINT_URL_LAMBDA", "foo");
    EXPECT_THAT(configured_endpoint_urls(), fails_for("AWS_ENDPOINT_URL_LAMBDA"));
    ::unsetenv("AWS_ENDPOINT_URL_LAMBDA");
    config("[default]\nservices = mine\n[services mine]\ns3 =\n  endpoint_url = foo\n");
    EXPECT_THAT(configured_endpoint_urls(), fails_for("s3.endpoint_url"));
    config("[default]\nendpoint_url = foo\n");
    EXPECT_THAT(configured_endpoint_urls(), fails_for("endpoint_url of the profile"));
    set("AWS_ENDPOINT_URL", "foo");
    EXPECT_THAT(configured_endpoint_urls(), fails_for("AWS_ENDPOINT_URL"));
}

}  // namespace
}  // namespace osbot_aws::client
