#include "services/images/layer.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/regular_file.hpp"
#include "support/printers.hpp"
#include "support/tar.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using test_support::Tar;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

struct Layer_Test : testing::Test {
    Layer_Test() { fs::create_directory(root); }

    Result<void> unpack(const std::string& tar) {
        base::write_file(scratch.path() / "layer", tar).value();
        Tar_Reader reader(base::Unique_Fd(::open((scratch.path() / "layer").c_str(), O_RDONLY | O_CLOEXEC)));
        return unpack_layer(reader, Root_Folder::open(root).value(), budget);
    }
    Result<void> unpack(const Tar& tar) { return unpack(tar.bytes()); }
    std::string text(const std::string& path) const { return base::read_file(root / path).value(); }
    std::vector<std::string> names(const std::string& folder = "") const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(root / folder)) found.push_back(entry.path().filename());
        return found;
    }
    struct stat status_of(const std::string& path) const {
        struct stat status = {};
        EXPECT_EQ(::lstat((root / path).c_str(), &status), 0) << path;
        return status;
    }

    base::Temporary_Folder scratch;
    fs::path root = scratch.path() / "root";
    Image_Budget budget;
};

// Each level costs stack and a descriptor when the image is deleted.
TEST_F(Layer_Test, limits_the_depth_of_folders) {
    std::string deep;
    for (int level = 0; level < 40; ++level) deep += "a/";
    Tar layer;
    std::string link = "l";
    layer.folder(deep + "end").symbolic_link(link, deep + "end");
    for (int times = 0; times < 20; ++times) {  // each link leads 40 levels deeper than the last one
        layer.folder(link + "/" + deep + "end").symbolic_link("l" + std::to_string(times), link + "/" + deep + "end");
        link = "l" + std::to_string(times);
    }

    const auto unpacked = unpack(layer);

    ASSERT_THAT(unpacked, Fails_with("BadImage"));
    EXPECT_THAT(unpacked.error().message, HasSubstr("more than 256 folders deep"));
    EXPECT_GT(fs::remove_all(root), 200U);
}

TEST_F(Layer_Test, limits_the_size_of_an_archive_and_of_its_content) {
    constexpr std::int64_t bytes_max = 4'000'000;
    const auto read_all = [&](const std::string& bytes) {
        base::write_file(scratch.path() / "layer", bytes).value();
        Tar_Reader reader(base::open_regular_file(scratch.path() / "layer").value(), bytes_max);
        Tar_Reader::Entry entry;
        for (;;) {
            const auto more = reader.next(entry);
            if (!more) return more.error().message;
            if (!*more) break;
        }
        const auto sha256 = reader.sha256();
        return sha256 ? std::string("read") : sha256.error().message;
    };
    const Tar small = Tar().file(".wh.a", std::string(1'000'000, '0')),
              large = Tar().file(".wh.a", std::string(9'000'000, '0'));

    EXPECT_EQ(read_all(small.bytes()), "read");
    EXPECT_EQ(read_all(large.bytes()), "the archive has more than 4000000 bytes");
    EXPECT_THAT(read_all(small.bytes() + std::string(9'000'000, '0')), HasSubstr("File too large"));
}

TEST_F(Layer_Test, unpacks_files_folders_and_links_with_modes_and_times) {
    unpack(Tar()
               .folder("./usr/", 0750)
               .file("usr/tool", "run", 0755)
               .symbolic_link("bin", "usr")
               .hard_link("usr/same", "usr/tool"))
        .value();

    EXPECT_EQ(text("usr/tool"), "run");
    EXPECT_EQ(status_of("usr/tool").st_mode & 07777, 0755U);
    EXPECT_EQ(status_of("usr").st_mode & 07777, 0750U);
    EXPECT_EQ(status_of("usr/tool").st_mtime, 1'700'000'000);
    EXPECT_EQ(fs::read_symlink(root / "bin"), "usr");
    EXPECT_EQ(status_of("usr/same").st_ino, status_of("usr/tool").st_ino);
    EXPECT_EQ(budget.bytes_used, 3U);
}

TEST_F(Layer_Test, creates_parents_and_follows_links_inside_the_root) {
    unpack(Tar().folder("usr/lib").symbolic_link("lib", "/usr/lib")).value();
    unpack(Tar().file("lib/libx.so", "x").file("a/b/c", "c")).value();

    EXPECT_EQ(text("usr/lib/libx.so"), "x");
    EXPECT_TRUE(fs::is_symlink(root / "lib"));
    EXPECT_EQ(text("a/b/c"), "c");
}

TEST_F(Layer_Test, upper_layer_replaces_entries_and_keeps_folders) {
    unpack(Tar().file("d/kept", "1").file("d/changed", "1").file("was_file", "1").symbolic_link("was_link", "d"))
        .value();
    unpack(Tar().folder("d", 0700).file("d/changed", "2").folder("was_file").folder("was_link").file("was_link/x", "x"))
        .value();

    EXPECT_EQ(text("d/kept"), "1");
    EXPECT_EQ(text("d/changed"), "2");
    EXPECT_TRUE(fs::is_directory(root / "was_file"));
    EXPECT_FALSE(fs::is_symlink(root / "was_link"));
    EXPECT_FALSE(fs::exists(root / "d/x"));
}

TEST_F(Layer_Test, whiteout_removes_entries_of_lower_layers) {
    unpack(Tar().file("etc/removed", "1").file("etc/retained", "1").file("var/log/a", "1")).value();
    unpack(Tar().file("etc/.wh.removed", "").file("var/.wh.log", "").file("never/.wh.there", "")).value();

    EXPECT_THAT(names("etc"), UnorderedElementsAre("retained"));
    EXPECT_THAT(names("var"), testing::IsEmpty());
    EXPECT_FALSE(fs::exists(root / "never"));
}

TEST_F(Layer_Test, opaque_whiteout_hides_lower_layers_only) {
    unpack(Tar().file("app/old", "1").file("app/sub/old", "1")).value();
    unpack(Tar().file("app/new", "2").file("app/sub/new", "2").file("app/.wh..wh..opq", "")).value();

    EXPECT_THAT(names("app"), UnorderedElementsAre("new", "sub"));
    EXPECT_THAT(names("app/sub"), UnorderedElementsAre("new"));
}

TEST_F(Layer_Test, no_entry_leaves_the_root) {
    fs::create_directory(scratch.path() / "outside");
    EXPECT_THAT(unpack(Tar().file("../outside/x", "1")), Fails_with("BadImage"));
    EXPECT_THAT(unpack(Tar().file("a/../../outside/x", "1")), Fails_with("BadImage"));
    // A file below a link to the host is created in the root's folder with that path, or not at all.
    EXPECT_THAT(unpack(Tar().symbolic_link("out", "../outside").file("out/x", "1")), Fails_with("FileError"));
    const std::string absolute = (scratch.path() / "outside").string();
    EXPECT_THAT(unpack(Tar().symbolic_link("abs", absolute).file("abs/x", "1")), Fails_with("FileError"));
    unpack(Tar().file("/abs2", "1")).value();
    EXPECT_THAT(unpack(Tar().hard_link("stolen", "../outside/secret")), Fails_with("BadImage"));
    EXPECT_THAT(unpack(Tar().hard_link("stolen", "out/secret")), Fails_with("FileError"));
    // A whiteout below such a link removes nothing on the host.
    base::write_file(scratch.path() / "outside/secret", "s").value();
    unpack(Tar().file("out/.wh.secret", "").file("abs/.wh..wh..opq", "")).value();
    EXPECT_THAT(unpack(Tar().file(".wh...", "")), Fails_with("BadImage"));

    EXPECT_EQ(text("abs2"), "1");
    EXPECT_EQ(base::read_file(scratch.path() / "outside/secret").value(), "s");
    EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path() / "outside"), {}), 1);
}

TEST_F(Layer_Test, rejects_paths_with_too_many_folders) {
    std::string deep;
    for (int i = 0; i < 300; ++i) deep += "a/";
    EXPECT_THAT(unpack(Tar().file(deep + "x", "1")), Fails_with("BadImage"));
}

TEST_F(Layer_Test, file_over_a_link_replaces_the_link_not_its_target) {
    base::write_file(scratch.path() / "host", "mine").value();
    unpack(Tar().symbolic_link("link", (scratch.path() / "host").string())).value();
    unpack(Tar().file("link", "theirs")).value();

    EXPECT_EQ(text("link"), "theirs");
    EXPECT_EQ(base::read_file(scratch.path() / "host").value(), "mine");
}

TEST_F(Layer_Test, skips_devices_pipes_and_set_user_id_bits) {
    unpack(Tar().device("dev/mem").pipe("run/pipe").file("sudo", "x", 06755)).value();

    EXPECT_FALSE(fs::exists(root / "dev/mem"));
    EXPECT_FALSE(fs::exists(root / "run/pipe"));
    EXPECT_EQ(status_of("sudo").st_mode & 07777, 0755U);
}

TEST_F(Layer_Test, layer_over_the_budget_is_rejected) {
    budget.bytes = 10;
    EXPECT_THAT(unpack(Tar().file("a", "123456").file("b", "12345")), Fails_with("BadImage"));
    budget = {.bytes = 100, .entries = 2};
    EXPECT_THAT(unpack(Tar().file("a", "").file("b", "").file("c", "")), Fails_with("BadImage"));
}

TEST_F(Layer_Test, invalid_or_truncated_tar_is_rejected) {
    EXPECT_THAT(unpack(std::string(2000, 'x')), Fails_with("BadImage"));
    const std::string whole = Tar().file("a", std::string(5000, 'a')).bytes();
    EXPECT_THAT(unpack(whole.substr(0, 2000)), Fails_with("BadImage"));
}

}  // namespace
}  // namespace osbot_aws::services
