// A state folder that commit d8372fb wrote: tests/data/state_d8372fb/README.md. Its records have no versions.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "base/files.hpp"
#include "base/time_text.hpp"
#include "services/iam/iam.hpp"
#include "services/images/images.hpp"
#include "services/lambda/event_sources.hpp"
#include "services/logs/logs.hpp"
#include "services/s3/multipart.hpp"
#include "services/s3/s3.hpp"
#include "services/sqs/sqs.hpp"
#include "store/blobs.hpp"
#include "support/lambda_world.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

/// The services of an engine on a copy of the folder.
struct Old_State_Test : testing::Test {
    base::Temporary_Folder folder;
    std::unique_ptr<store::Store> store = open_copy();
    test_support::Fake_Loop loop;
    Context context{.loop = loop, .store = *store};
    Logs logs{context};
    Iam iam{context};
    S3 s3{context};
    Sqs sqs{context};
    Images images{context, folder.path() / "state/images", nullptr};
    Code_Folders code{context, folder.path() / "code"};
    test_support::Fake_Invocations invocations;
    Functions functions{context, code, invocations, {.role_exists = [](const auto&, auto) { return true; }}};
    Event_Sources sources{context, sqs, functions.registry, invocations};
    const Account account;

    Old_State_Test() {
        for (State* state : std::initializer_list<State*>{&logs, &iam, &s3, &sqs, &images, &functions, &sources})
            state->load();
        images.delete_unknown_folders();
        store->blobs().erase_unreferenced();
        loop.run();
    }
    ~Old_State_Test() override { sources.clear(); }

    std::unique_ptr<store::Store> open_copy() const {
        fs::copy(fs::path(TEST_DATA) / "state_d8372fb", folder.path() / "state", fs::copy_options::recursive);
        return store::Store::open(folder.path() / "state").value();
    }
    std::string bytes_of(const std::string& key) const {
        std::string bytes;
        const auto blobs = s3.object_blobs(account, "bucket", key).value();
        for (const auto& blob : blobs) bytes += store->blobs().read(*blob).value();
        return bytes;
    }
};

TEST_F(Old_State_Test, all_records_are_readable_and_blobs_stay) {
    EXPECT_EQ(store->unreadable_records(), 0U);
    EXPECT_EQ(bytes_of("plain"), "bytes");
    EXPECT_EQ(bytes_of("in/parts"), "firstsecond");
    EXPECT_EQ(s3.object(account, "bucket", "in/parts").value()->parts.at(1).checksum, "c2");
    EXPECT_THAT(s3.object(account, "bucket", "plain").value()->tags, ElementsAre(Pair("k", "v")));
    EXPECT_THAT(s3.bucket(account, "bucket").value()->tags, ElementsAre(Pair("team", "a")));
    const auto uploads = s3.uploads().list(account, "bucket").value();
    ASSERT_THAT(uploads, SizeIs(1));
    EXPECT_EQ(uploads[0]->checksum_algorithm, "CRC32");
    EXPECT_THAT(uploads[0]->parts.at(1).unrequested_checksums, SizeIs(1));
}

TEST_F(Old_State_Test, image_is_found_with_its_files) {
    const Image_Ptr image = images.find("000000000000.dkr.ecr.us-east-1.amazonaws.com/my-repo:latest");
    ASSERT_NE(image, nullptr);
    EXPECT_THAT(image->config.entry_point, ElementsAre("/hello"));
    EXPECT_THAT(image->config.command, ElementsAre("world"));
    EXPECT_EQ(image->bytes, 6U);
    EXPECT_EQ(base::iso8601_ms_z(image->imported_at), "2026-11-30T09:59:35.207Z");
    EXPECT_EQ(base::read_file(*image->root / "hello").value(), "hello\n");
}

TEST_F(Old_State_Test, roles_policies_and_logs_are_complete) {
    const Role& role = *iam.all<Role>().find(account, "lambda");
    EXPECT_THAT(role.attached, ElementsAre("arn:aws:iam::000000000000:policy/read"));
    EXPECT_THAT(role.inline_policies, SizeIs(1));
    EXPECT_THAT(role.tags, ElementsAre(Pair("team", "a")));
    const Policy& policy = *iam.policy(account, role.attached[0]);
    EXPECT_THAT(policy.versions, SizeIs(2));
    EXPECT_EQ(policy.default_version, 2);

    const auto groups = logs.describe_groups(account, {}).value().items;
    ASSERT_THAT(groups, SizeIs(1));
    EXPECT_EQ(groups[0].retention_days, 3653);
    EXPECT_EQ(logs.get_events(account, {.group = "group", .stream = "stream"}).value().events.at(0).message, "a line");
}

TEST_F(Old_State_Test, queues_and_mappings_are_complete) {
    const Queue& queue = *sqs.find(account, "queue").value();
    EXPECT_EQ(queue.settings.visibility, std::chrono::seconds(60));
    const auto received = sqs.receive(queue, 1).value();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].message.attributes.at("bin").value, std::string("\0\xff", 2));

    const auto mappings = sources.list(account, "", "hello", "", {}).value().mappings;
    ASSERT_THAT(mappings, SizeIs(1));
    EXPECT_FALSE(mappings[0].enabled);
    EXPECT_THAT(mappings[0].filter_patterns, SizeIs(1));
    EXPECT_EQ(mappings[0].concurrency_max, std::nullopt);
}

TEST_F(Old_State_Test, functions_are_complete_and_the_interrupted_update_ends) {
    const Function_Ptr latest = functions.registry.find(account, "hello").value();
    EXPECT_EQ(latest->account, account);
    EXPECT_EQ(latest->memory_mb, 256);
    EXPECT_EQ(latest->last_update_status, "Successful");
    EXPECT_EQ(latest->reserved_concurrency, 5);
    EXPECT_THAT(latest->environment, ElementsAre(Pair("NAME", "value")));
    const Function_Ptr version = functions.registry.invocable(account, "hello", "live").value().function;
    EXPECT_EQ(version->version, "1");
    EXPECT_EQ(version->memory_mb, 128);
    EXPECT_EQ(store->blobs().read(*version->zip).value().size(), version->code_size);
    ASSERT_THAT(version->layers, SizeIs(1));
    EXPECT_EQ(functions.layers.policy(account, "tools", 1).value().statements.size(), 1U);
    EXPECT_EQ(functions.layers.find_arn(account, version->layers[0].arn).value()->zip.blob, version->layers[0].zip);
    const Function_Url url = functions.urls.find(account, "hello", "live").value();
    EXPECT_EQ(functions.urls.target(url.id).value().function, version);
    EXPECT_TRUE(url.cors.contains("AllowOrigins"));
    EXPECT_THAT(functions.policies.find(account, "hello", "").value().text, testing::HasSubstr("s3.amazonaws.com"));
}

TEST_F(Old_State_Test, start_upgrades_the_records) {
    for (const store::Record& record : store->load("iam_policy")) EXPECT_EQ(record.version, 2) << record.key;
    store.reset();
    EXPECT_TRUE(store::Store::open(folder.path() / "state").has_value());
}

}  // namespace
}  // namespace osbot_aws::services
