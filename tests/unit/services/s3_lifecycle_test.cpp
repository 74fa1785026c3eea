#include "services/s3/lifecycle/lifecycle.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <future>

#include "base/time_text.hpp"
#include "services/s3/multipart.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::hours day{24};

struct S3_Lifecycle_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    S3 s3{context};
    Account account;
    std::vector<std::string> events;

    void SetUp() override {
        s3.create_bucket(account, "bucket", "").value();
        s3.connect({.objection = [](const S3_Bucket&, const std::string&) { return ""; },
                    .send =
                        [this](const S3_Bucket&, const std::string&, const S3_Event& event) {
                            events.push_back(Json::parse(event.text)["Records"][0]["eventName"]);
                        }});
    }

    void set_rule(const std::string& rule) {
        Json json = Json::parse(rule);
        json["Status"] = "Enabled";
        if (!json.contains("Filter")) json["Filter"] = Json::object();
        s3.set_setting(account, "bucket", "lifecycle", {{"Rules", Json::array({json})}}).value();
    }
    void send_events() {
        const Json queue{{"QueueArn", "arn:aws:sqs:us-east-1:0:q"}, {"Events", {"s3:LifecycleExpiration:*"}}};
        s3.set_setting(account, "bucket", "notification", {{"QueueConfigurations", Json::array({queue})}}).value();
    }
    void set_versioning() { s3.set_versioning(account, "bucket", "Enabled").value(); }
    S3_Object_Ptr put(S3_Object object) {
        object.blob = store->blobs().put("x").value();
        return s3.put_object(account, "bucket", std::move(object)).value();
    }
    S3_Object_Ptr put(const std::string& key) { return put(S3_Object{.key = key}); }
    /// Advances the time, with the passes until then. A step waits for the writer thread of the store.
    void pass(std::chrono::nanoseconds time) {
        S3_Lifecycle lifecycle{s3};
        loop.advance(time);
        run_steps();
    }
    void run_steps() {
        constexpr int steps = 20;
        for (int step = 0; step < steps; ++step) {
            std::promise<void> written;
            store->when_durable(store->last_change(), [&](const Result<void>&) { written.set_value(); });
            written.get_future().wait();
            loop.advance(S3_Lifecycle::pause);
        }
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> found;
        const auto listed = s3.list_objects(account, "bucket", {.prefix = {}, .delimiter = {}, .after = {}}).value();
        for (const auto& object : listed.objects) found.push_back(object->key);
        return found;
    }
    /// Returns the versions as "key@id", and delete markers as "key!".
    std::vector<std::string> versions() const {
        std::vector<std::string> found;
        const List_Versions all{.prefix = {}, .delimiter = {}, .key_after = {}, .version_after = {}};
        const Listed_Versions listed = s3.list_versions(account, "bucket", all).value();
        for (const auto& [object, is_latest] : listed.versions)
            found.push_back(object->key + (object->is_delete_marker ? "!" : "@" + object->version));
        return found;
    }
};

TEST_F(S3_Lifecycle_Test, objects_expire_at_midnight_after_their_days) {
    set_rule(R"({"ID":"r","Expiration":{"Days":1}})");
    send_events();
    loop.advance(std::chrono::hours{5});
    put("k");
    pass(std::chrono::hours{42});  // one hour before the second midnight
    EXPECT_THAT(keys(), ElementsAre("k"));
    EXPECT_THAT(events, IsEmpty());
    pass(std::chrono::hours{3});
    EXPECT_THAT(keys(), IsEmpty());
    EXPECT_THAT(events, ElementsAre("LifecycleExpiration:Delete"));
}

TEST_F(S3_Lifecycle_Test, rules_are_parsed_once_until_the_settings_change) {
    set_rule(R"({"ID":"first","Expiration":{"Days":1}})");
    const S3_Bucket& bucket = *s3.bucket(account, "bucket").value();
    const S3_Lifecycle_Rules rules = lifecycle_rules(bucket);
    EXPECT_EQ(lifecycle_rules(bucket), rules);
    set_rule(R"({"ID":"second","Expiration":{"Days":1}})");
    EXPECT_EQ(lifecycle_rules(bucket)->at(0).id, "second");
    EXPECT_EQ(rules->at(0).id, "first") << "a step that runs is not affected";
    s3.set_setting(account, "bucket", "lifecycle", nullptr).value();
    EXPECT_THAT(*lifecycle_rules(bucket), IsEmpty());
}

TEST_F(S3_Lifecycle_Test, step_counts_the_parts_of_objects) {
    set_rule(R"({"ID":"r","Expiration":{"Date":"1990-01-01T00:00:00Z"}})");
    const auto blob = store->blobs().put("x").value();
    for (char name = 'a'; name <= 't'; ++name) {
        S3_Object object{.key = std::string(1, name)};
        object.parts.assign(10'000, S3_Part{.blob = blob, .checksum = ""});
        s3.put_object(account, "bucket", std::move(object)).value();
    }
    S3_Lifecycle lifecycle{s3};
    loop.advance(S3_Lifecycle::start_delay_max);  // the first step; the next one waits
    EXPECT_THAT(keys(), testing::SizeIs(testing::AllOf(testing::Ge(14), testing::Lt(20))));
    run_steps();
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(S3_Lifecycle_Test, filter_selects_objects) {
    set_rule(R"({"ID":"r","Expiration":{"Days":1},"Filter":{"And":{"Prefix":"logs/",
                 "Tags":[{"Key":"keep","Value":"no"}],"ObjectSizeGreaterThan":10,"ObjectSizeLessThan":20}}})");
    put({.key = "logs/a", .size = 15, .tags = {{"keep", "no"}}});
    put({.key = "logs/tag", .size = 15, .tags = {{"keep", "yes"}}});
    put({.key = "logs/small", .size = 10, .tags = {{"keep", "no"}}});
    put({.key = "logs/large", .size = 20, .tags = {{"keep", "no"}}});
    put({.key = "other", .size = 15, .tags = {{"keep", "no"}}});
    pass(3 * day);
    EXPECT_THAT(keys(), ElementsAre("logs/large", "logs/small", "logs/tag", "other"));
}

TEST_F(S3_Lifecycle_Test, date_of_the_past_expires_objects) {
    const std::string yesterday = base::iso8601_ms_z(std::chrono::floor<std::chrono::days>(context.now()) - day);
    set_rule(R"({"ID":"r","Expiration":{"Date":")" + yesterday + R"("}})");
    put("k");
    pass(S3_Lifecycle::start_delay_max);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(S3_Lifecycle_Test, disabled_rule_deletes_nothing) {
    const Json rule = Json::parse(R"({"ID":"r","Status":"Disabled","Filter":{},"Expiration":{"Days":1}})");
    s3.set_setting(account, "bucket", "lifecycle", {{"Rules", Json::array({rule})}}).value();
    put("k");
    pass(9 * day);
    EXPECT_THAT(keys(), ElementsAre("k"));
}

TEST_F(S3_Lifecycle_Test, versioned_object_gets_a_delete_marker) {
    set_versioning();
    set_rule(R"({"ID":"r","Expiration":{"Days":1}})");
    send_events();
    const auto object = put("k");
    pass(2 * day + std::chrono::hours{2});
    EXPECT_THAT(versions(), ElementsAre("k!", "k@" + object->version));
    EXPECT_THAT(events, ElementsAre("LifecycleExpiration:DeleteMarkerCreated"));
    pass(9 * day);
    EXPECT_EQ(versions().size(), 2U) << "the marker hides a version";
}

TEST_F(S3_Lifecycle_Test, delete_marker_without_versions_is_removed) {
    set_versioning();
    set_rule(R"({"ID":"r","Expiration":{"ExpiredObjectDeleteMarker":true}})");
    const auto object = put("k");
    s3.delete_object(account, "bucket", "k").value();
    pass(day);
    EXPECT_EQ(versions().size(), 2U);
    s3.delete_version(account, "bucket", "k", object->version).value();
    pass(day);
    EXPECT_THAT(versions(), IsEmpty());
}

TEST_F(S3_Lifecycle_Test, noncurrent_versions_expire_by_age_and_number) {
    set_versioning();
    set_rule(R"({"ID":"r","NoncurrentVersionExpiration":{"NoncurrentDays":2,"NewerNoncurrentVersions":1}})");
    put("k");
    put("k");
    const auto retained = put("k"), latest = put("k");
    pass(2 * day);
    EXPECT_EQ(versions().size(), 4U) << "they are noncurrent since less than two days";
    pass(2 * day);
    EXPECT_THAT(versions(), ElementsAre("k@" + latest->version, "k@" + retained->version));
}

TEST_F(S3_Lifecycle_Test, locked_versions_remain) {
    set_versioning();
    set_rule(R"({"ID":"r","NoncurrentVersionExpiration":{"NoncurrentDays":1}})");
    const std::string until = base::iso8601_ms_z(context.now() + 30 * day);
    const auto held = put({.key = "k", .headers = {{"x-amz-object-lock-legal-hold", "ON"}}});
    const auto retained =
        put({.key = "k",
             .headers = {{"x-amz-object-lock-mode", "GOVERNANCE"}, {"x-amz-object-lock-retain-until-date", until}}});
    put("k");
    const auto latest = put("k");
    pass(9 * day);
    EXPECT_THAT(versions(), ElementsAre("k@" + latest->version, "k@" + retained->version, "k@" + held->version));
}

TEST_F(S3_Lifecycle_Test, incomplete_uploads_are_aborted) {
    set_rule(R"({"ID":"r","AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1},"Filter":{"Prefix":"a"}})");
    s3.uploads().create(account, "bucket", {.id = {}, .object = {.key = "a"}}).value();
    s3.uploads().create(account, "bucket", {.id = {}, .object = {.key = "b"}}).value();
    pass(std::chrono::hours{20});
    EXPECT_EQ(s3.uploads().list(account, "bucket").value().size(), 2U);
    pass(2 * day);
    ASSERT_EQ(s3.uploads().list(account, "bucket").value().size(), 1U);
    EXPECT_EQ(s3.uploads().list(account, "bucket").value()[0]->object.key, "b");
}

TEST_F(S3_Lifecycle_Test, a_step_has_a_limit_and_a_pass_has_none) {
    constexpr int objects = 3 * S3_Lifecycle::versions_per_step;
    s3.create_bucket(account, "second", "").value();
    set_rule(R"({"ID":"r","Expiration":{"Days":1}})");
    for (int i = 0; i < objects; ++i) put(std::to_string(i));
    loop.advance(3 * day);
    S3_Lifecycle lifecycle{s3};
    loop.advance(S3_Lifecycle::start_delay_max);
    const auto left = s3.bucket(account, "bucket").value()->objects.current().size();
    EXPECT_LT(left, static_cast<std::size_t>(objects));
    EXPECT_GE(left, static_cast<std::size_t>(objects - S3_Lifecycle::versions_per_step));
    run_steps();
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(S3_Lifecycle_Test, one_key_with_many_versions_is_walked_in_steps) {
    set_versioning();
    set_rule(R"({"ID":"r","NoncurrentVersionExpiration":{"NoncurrentDays":1,"NewerNoncurrentVersions":7}})");
    for (int i = 0; i < 3 * S3_Lifecycle::versions_per_step; ++i) put("k");
    pass(3 * day);
    EXPECT_EQ(versions().size(), 8U);
}

TEST_F(S3_Lifecycle_Test, deletions_survive_a_restart) {
    set_rule(R"({"ID":"r","Expiration":{"Days":1}})");
    put("k");
    pass(3 * day);
    S3 again{context};
    again.load();
    EXPECT_TRUE(again.bucket(account, "bucket").value()->objects.empty());
}

TEST_F(S3_Lifecycle_Test, scaled_day_ends_at_its_multiples) {
    const auto time = [](std::int64_t ms, std::int64_t days, base::Time::duration length) {
        return base::unix_ms(time_after_days(ms, days, length));
    };
    EXPECT_EQ(time(0, 1, day), 2 * 86'400'000LL);
    EXPECT_EQ(time(86'399'999, 1, day), 2 * 86'400'000LL);
    EXPECT_EQ(time(86'400'000, 1, day), 3 * 86'400'000LL);
    EXPECT_EQ(time(5'500, 3, std::chrono::seconds{1}), 9'000);
    EXPECT_EQ(time_after_days(0, INT64_MAX, day), base::Time::max());
}

TEST_F(S3_Lifecycle_Test, header_names_the_first_rule_to_act) {
    const Json rules = Json::parse(R"([{"ID":"late","Status":"Enabled","Filter":{},"Expiration":{"Days":9}},
                                       {"ID":"a b","Status":"Enabled","Filter":{},"Expiration":{"Days":2}}])");
    s3.set_setting(account, "bucket", "lifecycle", {{"Rules", rules}}).value();
    const auto* bucket = s3.bucket(account, "bucket").value();
    EXPECT_EQ(expiration_of(*bucket, {.key = "k", .modified_ms = 1'000}, day),
              "expiry-date=\"Sun, 04 Jan 1970 00:00:00 GMT\", rule-id=\"a%20b\"");
}

}  // namespace
}  // namespace osbot_aws::services
