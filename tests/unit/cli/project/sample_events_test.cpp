#include "cli/project/sample_events.hpp"

#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "base/hash.hpp"

namespace osbot_aws::cli {
namespace {

using testing::HasSubstr;
using Ordered = nlohmann::ordered_json;

Ordered first_record(const std::string& kind, const Settings& settings) {
    return sample_event(kind, settings).value().at("Records").at(0);
}

void expect_no_braces_left(const Ordered& part, const std::string& where) {
    if (part.is_string() && !part.get<std::string>().starts_with("{\"")) {
        EXPECT_EQ(part.get<std::string>().find('{'), std::string::npos) << where << " " << part;
    }
    if (part.is_structured())
        for (const auto& [name, member] : part.items()) expect_no_braces_left(member, where + "/" + name);
}

TEST(Sample_Events_Test, each_kind_is_complete_documented_and_uses_its_settings) {
    for (const std::string& kind : event_kinds()) {
        const Sample_Event description = describe_event(kind);
        EXPECT_THAT(description.source, testing::StartsWith("https://docs.aws.amazon.com/")) << kind;
        const Ordered event = sample_event(kind, {}).value();
        expect_no_braces_left(event, kind);
        EXPECT_EQ(sample_event(kind, description.settings).value(), event) << kind;
        for (const auto& [name, value] : description.settings) {
            const std::string other = name == "time"           ? "2027-02-03T04:05:06Z"
                                      : value.starts_with("{") ? "{\"other\": {\"S\": \"x\"}}"
                                      : name == "size"         ? "77"
                                                               : value + "=other";
            EXPECT_NE(sample_event(kind, {{name, other}}).value(), event) << kind << " ignores " << name;
        }
    }
}

TEST(Sample_Events_Test, derived_members_follow_the_settings) {
    const Ordered message = first_record("sqs", {{"body", "hi {queue}"}, {"time", "2026-01-01T00:00:01Z"}});
    EXPECT_EQ(message.at("body"), "hi {queue}");
    EXPECT_EQ(message.at("md5OfBody"), base::md5_hex("hi {queue}"));
    EXPECT_EQ(message.at("attributes").at("SentTimestamp"), "1767225601000");

    const Ordered object =
        first_record("s3", {{"key", "a b/\u00fc+.txt"}, {"size", "5"}, {"bucket", "photos"}}).at("s3");
    EXPECT_EQ(object.at("object").at("key"), "a+b/%C3%BC%2B.txt");
    EXPECT_EQ(object.at("object").at("size"), 5);
    EXPECT_EQ(object.at("bucket").at("arn"), "arn:aws:s3:::photos");

    const Ordered url = sample_event("url", {{"query", "a=1&b=x%20y"}, {"time", "2026-11-25T18:00:00Z"}}).value();
    EXPECT_EQ(url.at("queryStringParameters"), (Ordered{{"a", "1"}, {"b", "x y"}}));
    EXPECT_EQ(url.at("requestContext").at("time"), "25/Nov/2026:18:00:00 +0000");
    EXPECT_EQ(first_record("kinesis", {{"data", "hi"}}).at("kinesis").at("data"), "aGk=");
}

TEST(Sample_Events_Test, empty_settings_are_omitted_or_null_as_in_aws) {
    const Ordered url = sample_event("url", {{"query", ""}}).value();
    EXPECT_FALSE(url.contains("queryStringParameters"));
    EXPECT_FALSE(url.contains("body"));
    const Ordered rest = sample_event("apigateway", {{"query", ""}}).value();
    EXPECT_TRUE(rest.at("queryStringParameters").is_null());
    EXPECT_TRUE(rest.at("body").is_null());
    EXPECT_EQ(sample_event("apigateway", {{"query", "a=1&a=2"}}).value().at("multiValueQueryStringParameters"),
              (Ordered{{"a", {"1", "2"}}}));
}

TEST(Sample_Events_Test, json_setting_is_inserted_as_json) {
    const Ordered event = sample_event("eventbridge", {{"detail", R"({"a": [1, {"b": 2}]})"}}).value();
    EXPECT_EQ(event.at("detail").at("a").at(1).at("b"), 2);
}

TEST(Sample_Events_Test, rejects_invalid_settings_and_lists_the_valid_ones) {
    const auto message = [](const Settings& settings) { return sample_event("s3", settings).error().message; };
    EXPECT_THAT(message({{"buckte", "x"}}), HasSubstr("expected bucket, key, size"));
    EXPECT_THAT(message({{"buckte", "x"}}), HasSubstr("did you mean 'bucket'?"));
    EXPECT_THAT(message({{"size", "big"}}), HasSubstr("invalid size 'big'"));
    EXPECT_THAT(message({{"time", "noon"}}), HasSubstr("invalid time 'noon': expected a time like 2026"));
}

}  // namespace
}  // namespace osbot_aws::cli
