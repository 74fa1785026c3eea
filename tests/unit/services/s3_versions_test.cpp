// Versions of objects against a simple model, with random operations; permissions of destinations; forms.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <vector>

#include "services/s3/forms/form_data.hpp"
#include "services/s3/s3.hpp"
#include "services/s3/version_id.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;

/// A version in the model: its ID, its bytes ("": a delete marker) and its key.
struct Model_Version {
    std::string id, text;
    bool operator==(const Model_Version&) const = default;
};

/// The versions of a bucket as a list for each key, the newest first.
using Model = std::map<std::string, std::vector<Model_Version>>;

struct S3_Versions_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    S3 s3{context};
    const Account account;
    std::mt19937 random{20'261'130};
    Model model;
    std::string versioning;

    void SetUp() override { s3.create_bucket(account, "bucket", "").value(); }

    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); }
    std::string any_key() {
        const std::vector<std::string> keys{"a", "a/b", "a/c", "b", "c/d/e", "c/d/f"};
        return keys[below(keys.size())];
    }
    void add(const std::string& key, Model_Version version) {
        auto& versions = model[key];
        std::erase_if(versions, [&](const Model_Version& each) { return each.id == version.id; });
        versions.insert(versions.begin(), std::move(version));
    }
    void erase(const std::string& key, const std::string& id) {
        const auto found = model.find(key);
        if (found == model.end()) return;
        std::erase_if(found->second, [&](const Model_Version& each) { return each.id == id; });
        if (found->second.empty()) model.erase(found);
    }

    void put(const std::string& text) {
        const std::string key = any_key();
        const auto stored =
            s3.put_object(account, "bucket",
                          {.key = key, .blob = store->blobs().put(text).value(), .size = text.size(), .etag = text})
                .value();
        add(key, {stored->version_text(), text});
    }
    void remove() {
        const std::string key = any_key();
        const auto deletion = s3.delete_object(account, "bucket", key).value();
        if (versioning.empty()) return erase(key, "null");
        add(key, {deletion.marker->version_text(), ""});
    }
    void remove_version() {
        const std::string key = any_key();
        const auto versions = model.contains(key) ? model[key] : std::vector<Model_Version>{{"null", ""}};
        const std::string id = versions[below(versions.size())].id;
        s3.delete_version(account, "bucket", key, id == "null" ? "" : id).value();
        erase(key, id);
    }
    void set_versioning() {
        versioning = versioning == "Enabled" ? "Suspended" : "Enabled";
        s3.set_versioning(account, "bucket", versioning).value();
    }

    /// Reads all pages of the list of versions.
    Model listed(int page_size) const {
        Model found;
        List_Versions request{.prefix = {}, .delimiter = {}, .key_after = {}, .version_after = {}};
        request.versions_max = page_size;
        do {
            const auto page = s3.list_versions(account, "bucket", request).value();
            for (const Listed_Version& each : page.versions) {
                auto& versions = found[each.object->key];
                EXPECT_EQ(each.is_latest, versions.empty());
                versions.push_back({each.object->version_text(), each.object->etag});
            }
            request.key_after = page.next_key;
            request.version_after = page.next_version;
        } while (!request.key_after.empty());
        return found;
    }

    void expect_model(const S3& tested) const {
        for (const auto& [key, versions] : model) {
            const bool is_hidden = versions.front().text.empty();
            const auto current = tested.object(account, "bucket", key);
            EXPECT_EQ(current.has_value(), !is_hidden) << key;
            if (current && !is_hidden) { EXPECT_EQ((*current)->etag, versions.front().text); }
            for (const Model_Version& each : versions) {
                const auto version = each.id == "null" ? "" : each.id;
                const auto found = tested.find_version(account, "bucket", key, version).value();
                ASSERT_NE(found, nullptr) << key << " " << each.id;
                EXPECT_EQ(found->etag, each.text);
            }
        }
    }
};

TEST_F(S3_Versions_Test, random_operations_match_a_model) {
    for (int step = 0; step < 2'000; ++step) {
        switch (below(8)) {
            case 0:
                remove();
                break;
            case 1:
            case 2:
                remove_version();
                break;
            case 3:
                if (below(10) == 0) set_versioning();
                break;
            default:
                put(std::to_string(step));
        }
        if (step % 50 != 0) continue;
        EXPECT_EQ(listed(1 + static_cast<int>(below(5))), model);
        expect_model(s3);
    }
    S3 again{context};
    again.load();
    expect_model(again);
}

TEST_F(S3_Versions_Test, list_of_versions_groups_by_delimiter) {
    s3.set_versioning(account, "bucket", "Enabled").value();
    for (const char* key : {"a", "b/1", "b/2", "c"})
        s3.put_object(account, "bucket", {.key = key, .blob = store->blobs().put("x").value()}).value();
    s3.delete_object(account, "bucket", "b/1").value();
    List_Versions request{.prefix = {}, .delimiter = "/", .key_after = {}, .version_after = {}};
    request.versions_max = 2;
    const auto first = s3.list_versions(account, "bucket", request).value();
    EXPECT_THAT(first.common_prefixes, testing::ElementsAre("b/"));
    EXPECT_EQ(first.next_key, "b/");
    request.key_after = first.next_key;
    const auto second = s3.list_versions(account, "bucket", request).value();
    EXPECT_THAT(second.common_prefixes, testing::IsEmpty());
    ASSERT_EQ(second.versions.size(), 1U);
    EXPECT_EQ(second.versions[0].object->key, "c");
    EXPECT_EQ(second.next_key, "");
}

TEST_F(S3_Versions_Test, key_marker_without_version_skips_its_key) {
    s3.set_versioning(account, "bucket", "Enabled").value();
    for (const char* key : {"a", "a", "b"})
        s3.put_object(account, "bucket", {.key = key, .blob = store->blobs().put("x").value()}).value();
    const auto page =
        s3.list_versions(account, "bucket", {.prefix = {}, .delimiter = {}, .key_after = "a", .version_after = {}})
            .value();
    ASSERT_EQ(page.versions.size(), 1U);
    EXPECT_EQ(page.versions[0].object->key, "b");
}

// With work in proportion to the number of versions, each of these operations would take milliseconds, and the test
// many minutes.
TEST_F(S3_Versions_Test, key_with_many_versions_remains_fast) {
    constexpr std::uint64_t count = 100'000;
    S3_Descriptions descriptions;
    S3_Object_Versions objects;
    const store::Blob_Ptr blob = store->blobs().put("x").value();
    std::vector<std::string> ids;
    for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
        ids.push_back(new_version_id(sequence));
        objects.add({.key = "k", .blob = blob, .version = ids.back(), .sequence = sequence}, descriptions);
    }
    objects.put({.key = "k", .blob = blob, .sequence = count + 1}, descriptions);  // with suspended versioning
    objects.put({.key = "k", .blob = blob, .sequence = count + 2}, descriptions);
    for (std::size_t at = 0; at < ids.size(); ++at) {
        const std::string& id = ids[at % 2 == 0 ? at / 2 : ids.size() - 1 - at / 2];
        ASSERT_EQ(objects.find("k", id)->version, id);
        ASSERT_EQ(objects.erase("k", id)->version, id);
    }
    EXPECT_EQ(objects.newest("k")->sequence, count + 2);
    ASSERT_NE(objects.erase("k", ""), nullptr);
    EXPECT_TRUE(objects.empty());
}

TEST_F(S3_Versions_Test, bucket_with_a_delete_marker_is_not_empty) {
    s3.set_versioning(account, "bucket", "Enabled").value();
    const auto deletion = s3.delete_object(account, "bucket", "k").value();
    EXPECT_THAT(s3.delete_bucket(account, "bucket"), Fails_with("BucketNotEmpty"));
    s3.delete_version(account, "bucket", "k", deletion.marker->version).value();
    EXPECT_TRUE(s3.delete_bucket(account, "bucket"));
}

TEST_F(S3_Versions_Test, settings_survive_a_restart) {
    s3.set_setting(account, "bucket", "cors", {{"CORSRules", Json::array()}}).value();
    S3 again{context};
    again.load();
    EXPECT_EQ(*again.bucket(account, "bucket").value()->setting("cors"), Json({{"CORSRules", Json::array()}}));
}

// ---- forms ----

TEST(S3_Form_Test, fields_precede_the_file) {
    const auto form = parse_form("multipart/form-data; boundary=b",
                                 "--b\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\nk\r\n"
                                 "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"/tmp/f.txt\"\r\n"
                                 "Content-Type: text/plain\r\n\r\nline\r\n--a\r\n--b--\r\n")
                          .value();
    EXPECT_EQ(form.text("key"), "k");
    EXPECT_EQ(form.file, "line\r\n--a");
    EXPECT_EQ(form.file_name, "f.txt");
}

TEST(S3_Form_Test, malformed_bodies_are_rejected) {
    for (const char* body :
         {"", "--b", "--b\r\n", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", "--c--"})
        EXPECT_THAT(parse_form("multipart/form-data; boundary=b", body), Fails_with("MalformedPOSTRequest")) << body;
    EXPECT_THAT(parse_form("multipart/form-data", "--\r\n"), Fails_with("MalformedPOSTRequest"));
}

}  // namespace
}  // namespace osbot_aws::services
