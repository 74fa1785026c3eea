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

/// Folders of 1000 bytes each that stand for unpacked code.
struct Housekeeping_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    base::Temporary_Folder folder;
    fs::path code_folder = folder.path() / "code";
    Context context{.loop = loop, .store = *store};
    Code_Folders code{context, code_folder};
    Images images{context, folder.path() / "images", unpack_image};
    Housekeeping housekeeping{context, code, images, {.code_bytes_max = 2'500}};

    /// The one unpacked first was used least lately.
    void unpacked(const std::string& name) {
        fs::create_directories(code_folder / name / "deep");
        base::write_file(code_folder / name / "deep/file", std::string(1'000, 'x')).value();
        fs::last_write_time(code_folder / name, fs::file_time_type::clock::now() - std::chrono::hours(24) +
                                                    std::chrono::seconds(++seconds_));
    }
    std::vector<std::string> there() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(code_folder)) names.push_back(entry.path().filename().string());
        return names;
    }
    std::vector<std::string> pruned(const Space_Limits& limits, bool dry_run = false) {
        std::vector<std::string> names;
        housekeeping.prune(limits, dry_run, [&](const std::vector<Pruned>& gone) {
            for (const Pruned& one : gone) names.push_back(fmt::format("{} {} {}", one.kind, one.name, one.bytes));
        });
        loop.run();
        return names;
    }

private:
    int seconds_ = 0;
};

TEST_F(Housekeeping_Test, what_was_used_least_lately_goes_first_until_the_rest_fits) {
    for (const char* name : {"a", "b", "c"}) unpacked(name);
    code.hold({"a"}).reset();  // an environment ran it and has ended: now it is the one used last
    EXPECT_THAT(pruned({.code_bytes_max = 1'500}), ElementsAre("code b 1000", "code c 1000"));
    EXPECT_THAT(there(), ElementsAre("a"));
}

TEST_F(Housekeeping_Test, what_an_environment_runs_from_stays_whatever_the_limit) {
    for (const char* name : {"a", "b"}) unpacked(name);
    const auto held = code.hold({"a"});
    EXPECT_THAT(pruned({.code_bytes_max = 0}), ElementsAre("code b 1000"));
    EXPECT_THAT(there(), ElementsAre("a"));
}

TEST_F(Housekeeping_Test, a_dry_run_says_what_would_go_and_removes_nothing) {
    for (const char* name : {"a", "b"}) unpacked(name);
    EXPECT_THAT(pruned({.code_bytes_max = 0}, true), ElementsAre("code a 1000", "code b 1000"));
    EXPECT_THAT(there(), UnorderedElementsAre("a", "b"));
}

TEST_F(Housekeeping_Test, the_limits_are_kept_without_being_asked) {
    for (const char* name : {"a", "b", "c"}) unpacked(name);
    loop.advance(Housekeeping::interval / 2);
    EXPECT_EQ(there().size(), 3u);
    loop.advance(Housekeeping::interval);
    EXPECT_THAT(there(), UnorderedElementsAre("b", "c"));
}

TEST_F(Housekeeping_Test, a_dry_run_says_how_many_log_events_are_over_the_limit) {
    std::vector<store::Log_Event> events(1'000, {.message = std::string(1'000, 'x')});
    store->append_log("group", "stream", std::move(events));
    store->find_logs({.group = "group", .limit = 1});  // so that they are written
    const auto half = store->space().bytes / 2;
    const auto said = pruned({.logs_bytes_max = half}, true);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_THAT(said.front(), testing::MatchesRegex("logs (4[0-9][0-9]|5[0-9][0-9]) events [0-9]+"));
    EXPECT_EQ(store->space().log_events, 1'000u);
}

TEST_F(Housekeeping_Test, within_the_limits_nothing_goes) {
    unpacked("a");
    EXPECT_THAT(pruned({}), IsEmpty());
    EXPECT_THAT(there(), ElementsAre("a"));
}

}  // namespace
}  // namespace osbot_aws::engine
