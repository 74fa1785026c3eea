#include "cli/functions/source_watch.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/files.hpp"

namespace osbot_aws::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

struct Source_Watch_Test : testing::Test {
    base::Temporary_Folder folder;
    fs::path root = fs::canonical(folder.path());

    static void write(const fs::path& file, std::string_view text) { base::write_file(file, text).value(); }
    Source_Watch watch(const std::vector<fs::path>& sources) {
        return Source_Watch::create(sources, [](const fs::path& path) { return is_scratch(path); }).value();
    }
};

TEST_F(Source_Watch_Test, reports_files_saved_together_once) {
    Source_Watch watched = watch({root});
    for (const char* text : {"one", "two"}) {
        write(root / "b.py", text);
        write(root / "a.py", text);
    }
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "a.py", root / "b.py"));
}

TEST_F(Source_Watch_Test, reports_a_file_when_its_writer_closes_it) {
    Source_Watch watched = watch({root});
    std::ofstream slow(root / "slow.py");
    slow << "half" << std::flush;
    write(root / "quick.py", "whole");
    std::thread writer([&] {
        slow << " and half" << std::flush;
        slow.close();
    });
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "quick.py", root / "slow.py"));
    writer.join();
}

TEST_F(Source_Watch_Test, waits_until_a_replaced_file_exists_again) {
    const fs::path file = root / "app.py";
    write(file, "old");
    write(root / "unwatched.py", "not a source");
    Source_Watch watched = watch({file});
    write(root / "unwatched.py", "still not a source");
    fs::rename(file, root / "app.py~");
    write(root / "new.py", "new");
    fs::rename(root / "new.py", file);
    EXPECT_THAT(watched.wait().value(), ElementsAre(file));
}

TEST_F(Source_Watch_Test, watches_a_new_folder_and_reports_its_files) {
    Source_Watch watched = watch({root});
    fs::create_directories(root / "deep/deeper");
    write(root / "deep/deeper/one.py", "1");
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "deep/deeper/one.py"));
    write(root / "deep/deeper/two.py", "2");
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "deep/deeper/two.py"));
}

TEST_F(Source_Watch_Test, ignores_scratch_files_of_editors) {
    Source_Watch watched = watch({root});
    for (const char* name : {"4913", "app.py~", ".app.py.swp", ".#app.py", "#app.py#"}) write(root / name, "scratch");
    write(root / "app.py", "source");
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "app.py"));
}

TEST_F(Source_Watch_Test, removal_of_a_watched_folder_is_an_error_that_names_it) {
    fs::create_directory(root / "app");
    Source_Watch watched = watch({root / "app"});
    fs::remove_all(root / "app");
    const auto changed = watched.wait();
    ASSERT_FALSE(changed.has_value());
    EXPECT_THAT(changed.error().message, testing::HasSubstr((root / "app").string()));
}

TEST_F(Source_Watch_Test, watches_a_link_by_its_name_and_its_target) {
    fs::create_directory(root / "real");
    write(root / "real/app.py", "one");
    fs::create_symlink("real/app.py", root / "app.py");
    Source_Watch watched = watch({root / "app.py"});
    write(root / "real/app.py", "two");
    EXPECT_THAT(watched.wait().value(), ElementsAre(root / "real/app.py"));
}

}  // namespace
}  // namespace osbot_aws::cli
