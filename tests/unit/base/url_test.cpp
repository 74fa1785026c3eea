#include "base/url.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::base {
namespace {

TEST(Url_Test, parses_scheme_authority_host_port_and_target) {
    const Url plain = parse_url("http://localhost:4566/a/b?c=d#e").value();
    EXPECT_EQ(plain.origin(), "http://localhost:4566");
    EXPECT_EQ(plain.host, "localhost");
    EXPECT_EQ(plain.port, 4566);
    EXPECT_EQ(plain.target, "/a/b?c=d");
    EXPECT_EQ(parse_url("https://a.example").value().port, 443);
    EXPECT_EQ(parse_url("https://a.example").value().target, "/");
    EXPECT_EQ(parse_url("https://a.example?x").value().target, "/?x");
    const Url six = parse_url("http://[fd00:ec2::254]:8080/x").value();
    EXPECT_EQ(six.host, "fd00:ec2::254");
    EXPECT_EQ(six.authority, "[fd00:ec2::254]:8080");
    EXPECT_EQ(six.port, 8080);
}

TEST(Url_Test, rejects_invalid_urls) {
    for (const char* text : {"", "localhost:4566", "ftp://a", "http://", "http://:80", "http://a:b", "http://a:70000",
                             "http://127.0.0.1@example.com/", "http:///path"})
        EXPECT_FALSE(parse_url(text)) << text;
}

}  // namespace
}  // namespace osbot_aws::base
