#include "engine/housekeeping.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/files.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Uses folders of 1000 bytes as unpacked code.
struct Housekeeping_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    base::Temporary_Folder folder;
    fs::path code_folder = folder.path() / "code";
    services::Context context{.loop = loop, .store = *store};
    services::Code_Folders code{context, code_folder};
    services::Images images{context, folder.path() / "images", services::unpack_image};
    services::Logs logs{context};
    Housekeeping housekeeping{context, code, images, logs, {.code_bytes_max = 2'500}};

    /// Adds a folder that is more recently used than the folders added before.
    void add_unpacked(const std::string& name) {
        fs::create_directories(code_folder / name / "deep");
        base::write_file(code_folder / name / "deep/file", std::string(1'000, 'x')).value();
        fs::last_write_time(code_folder / name, fs::file_time_type::clock::now() - std::chrono::hours(24) +
                                                    std::chrono::seconds(++seconds_));
    }
    std::vector<std::string> folders() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(code_folder)) names.push_back(entry.path().filename().string());
        return names;
    }
    std::vector<std::string> pruned(const Space_Limits& limits, bool dry_run = false) {
        std::vector<std::string> names;
        housekeeping.prune(limits, dry_run, [&](const std::vector<Pruned_Item>& items) {
            for (const Pruned_Item& item : items)
                names.push_back(fmt::format("{} {} {}", item.kind, item.name, item.bytes));
        });
        loop.run();
        return names;
    }

private:
    int seconds_ = 0;
};

TEST_F(Housekeeping_Test, code_of_an_earlier_boot_is_discarded) {
    code.discard_after_reboot("first boot");
    for (const char* name : {"a", "merged-b"}) add_unpacked(name);
    code.discard_after_reboot("first boot");
    EXPECT_EQ(folders().size(), 2U);
    code.discard_after_reboot("second boot");
    EXPECT_THAT(folders(), testing::IsEmpty()) << "a power failure may have damaged files that were not fsynced";
    add_unpacked("c");
    code.discard_after_reboot("");
    EXPECT_THAT(folders(), testing::IsEmpty()) << "a host without a boot id";
}

TEST_F(Housekeeping_Test, removes_least_recently_used_code_until_the_rest_fits) {
    for (const char* name : {"a", "b", "c"}) add_unpacked(name);
    code.hold({"a"}).reset();  // an environment used it and stopped: now it is the most recently used
    EXPECT_THAT(pruned({.code_bytes_max = 1'500}), ElementsAre("code b 1000", "code c 1000"));
    EXPECT_THAT(folders(), ElementsAre("a"));
}

TEST_F(Housekeeping_Test, never_removes_code_in_use) {
    for (const char* name : {"a", "b"}) add_unpacked(name);
    const auto reference = code.hold({"a"});
    EXPECT_THAT(pruned({.code_bytes_max = 0}), ElementsAre("code b 1000"));
    EXPECT_THAT(folders(), ElementsAre("a"));
}

TEST_F(Housekeeping_Test, dry_run_lists_code_without_removing_it) {
    for (const char* name : {"a", "b"}) add_unpacked(name);
    EXPECT_THAT(pruned({.code_bytes_max = 0}, true), ElementsAre("code a 1000", "code b 1000"));
    EXPECT_THAT(folders(), UnorderedElementsAre("a", "b"));
}

TEST_F(Housekeeping_Test, enforces_the_limits_periodically) {
    for (const char* name : {"a", "b", "c"}) add_unpacked(name);
    loop.advance(Housekeeping::interval / 2);
    EXPECT_EQ(folders().size(), 3u);
    loop.advance(Housekeeping::interval);
    EXPECT_THAT(folders(), UnorderedElementsAre("b", "c"));
}

TEST_F(Housekeeping_Test, dry_run_counts_log_events_over_the_limit) {
    std::vector<store::Log_Event> events(1'000, {.message = std::string(1'000, 'x')});
    store->append_log("group", "stream", std::move(events));
    store->find_logs({.group = "group", .limit = 1});  // waits until they are written
    const auto half = store->space().bytes / 2;
    const auto items = pruned({.logs_bytes_max = half}, true);
    ASSERT_EQ(items.size(), 1u);
    EXPECT_THAT(items.front(), testing::MatchesRegex("logs (4[0-9][0-9]|5[0-9][0-9]) events [0-9]+"));
    EXPECT_EQ(store->space().log_events, 1'000u);
}

TEST_F(Housekeeping_Test, removes_nothing_within_the_limits) {
    add_unpacked("a");
    EXPECT_THAT(pruned({}), IsEmpty());
    EXPECT_THAT(folders(), ElementsAre("a"));
}

}  // namespace
}  // namespace osbot_aws::engine
