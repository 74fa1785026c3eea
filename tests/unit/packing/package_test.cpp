#include "packing/package.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "packing/handlers.hpp"
#include "packing/zip_cache.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::ElementsAre;
using testing::HasSubstr;

class Package_Test : public testing::Test {
protected:
    void file(const fs::path& path, std::string_view bytes = "x") const {
        fs::create_directories((folder_.path() / path).parent_path());
        base::write_file(folder_.path() / path, bytes).value();
    }
    std::vector<std::string> paths(const Package& package) const {
        std::vector<std::string> all;
        for (const Entry& entry : package.entries()) all.push_back(entry.path);
        return all;
    }
    const base::Temporary_Folder folder_;
};

TEST_F(Package_Test, add_folder_excludes_ignored_files_and_pycache) {
    for (const char* path : {"a.py", "b.pyc", "sub/c.py", "sub/__pycache__/c.pyc", "notes/d.md", "notes/e.txt"})
        file(path);
    Package package;
    package.add_folder(folder_.path(), "lib", {.ignore = {"*.pyc", "notes/*.md"}}).value();
    EXPECT_THAT(paths(package), ElementsAre("lib/a.py", "lib/notes/e.txt", "lib/sub/c.py"));
}

TEST_F(Package_Test, adding_an_existing_path_replaces_the_entry) {
    file("a/x", "first");
    file("b/x", "second");
    Package package;
    package.add_folder(folder_.path() / "a").value();
    package.add_folder(folder_.path() / "b").value();
    ASSERT_THAT(paths(package), ElementsAre("x"));
    EXPECT_EQ(package.entries()[0].file, folder_.path() / "b/x");
}

TEST_F(Package_Test, remove_folder_removes_only_its_entries) {
    Package package;
    for (const char* path : {"lib", "a/lib", "lib/x", "lib/y/z", "lib2/x", "lib.js"})
        package.add({.path = path, .file = {}, .bytes = "1"});
    package.remove_folder("lib");
    std::vector<std::string> paths;
    for (const Entry& entry : package.entries()) paths.push_back(entry.path);
    EXPECT_THAT(paths, ElementsAre("a/lib", "lib.js", "lib2/x"));
}

TEST_F(Package_Test, zip_does_not_depend_on_order_and_dates) {
    file("a", "1");
    file("b", "2");
    Package one, other;
    one.add_file(folder_.path() / "a").value();
    one.add_file(folder_.path() / "b").value();
    other.add_file(folder_.path() / "b").value();
    fs::last_write_time(folder_.path() / "a", fs::file_time_type::clock::now() - std::chrono::hours(5));
    other.add_file(folder_.path() / "a").value();
    EXPECT_EQ(one.zip().value().sha256_base64, other.zip().value().sha256_base64);
}

TEST_F(Package_Test, links_inside_are_preserved_and_links_outside_are_resolved) {
    file("outside/secret", "content");
    file("in/real", "x");
    fs::create_symlink("real", folder_.path() / "in/near");
    fs::create_symlink("../outside/secret", folder_.path() / "in/far");
    fs::create_symlink(folder_.path() / "in/real", folder_.path() / "in/absolute");
    Package package;
    package.add_folder(folder_.path() / "in").value();
    ASSERT_THAT(paths(package), ElementsAre("absolute", "far", "near", "real"));
    EXPECT_FALSE(package.entries()[0].symlink);
    EXPECT_FALSE(package.entries()[1].symlink);
    EXPECT_EQ(package.entries()[2].bytes, "real");
    EXPECT_TRUE(package.entries()[2].symlink);
}

TEST_F(Package_Test, link_to_a_folder_outside_fails_and_is_named) {
    file("outside/x");
    fs::create_directories(folder_.path() / "in");
    fs::create_symlink("../outside", folder_.path() / "in/far");
    Package package;
    const auto added = package.add_folder(folder_.path() / "in");
    EXPECT_THAT(added, Fails_with("FileError"));
    EXPECT_THAT(added.error().message, HasSubstr("in/far: it is a link to a folder outside"));
    EXPECT_TRUE(package.empty());
    EXPECT_TRUE(package.add_folder(folder_.path() / "in", "", {.ignore = {"far"}}).has_value())
        << "the message recommends ignoring it";
}

TEST_F(Package_Test, unreadable_paths_fail_and_are_named) {
    Package package;
    EXPECT_THAT(package.add_folder(folder_.path() / "none"), Fails_with("FileError"));
    EXPECT_THAT(package.add_file(folder_.path() / "none"), Fails_with("FileError"));
    EXPECT_EQ(package.add_folder(folder_.path() / "none").error().http_status, 0)
        << "the error is not a service's response";
    fs::create_directories(folder_.path() / "tree/pipe");
    ASSERT_EQ(::mkfifo((folder_.path() / "tree/pipe/p").c_str(), 0600), 0);
    EXPECT_THAT(package.add_folder(folder_.path() / "tree").error().message, HasSubstr("pipe/p: it is not a file"));
}

TEST_F(Package_Test, folder_may_end_with_a_slash) {
    base::write_file(folder_.path() / "a", "").value();
    Package package;
    package.add_file(folder_.path() / "a", "config/").value();
    EXPECT_EQ(package.entries().front().path, "config/a");
}

TEST_F(Package_Test, unreadable_subfolder_fails_with_file_error) {
    file("tree/closed/x");
    fs::permissions(folder_.path() / "tree/closed", fs::perms::none);
    fs::permissions(folder_.path(), fs::perms(0755));
    const uid_t user = ::geteuid();
    ASSERT_TRUE(user != 0 || ::seteuid(65534) == 0);  // root can read every folder
    Package package;
    const auto added = package.add_folder(folder_.path() / "tree");
    ASSERT_TRUE(user != 0 || ::seteuid(0) == 0);
    fs::permissions(folder_.path() / "tree/closed", fs::perms::owner_all);
    EXPECT_THAT(added, Fails_with("FileError"));
}

TEST_F(Package_Test, size_above_the_limit_fails_and_names_five_largest_files) {
    Package package;
    for (int i = 0; i < 7; ++i) {
        const fs::path path = folder_.path() / std::to_string(i);
        base::write_file(path, "").value();
        fs::resize_file(path,
                        30'000'000 + static_cast<std::uintmax_t>(i) * 5'000'000);  // sparse, so no disk space is used
        package.add_file(path).value();
    }
    const auto zip = package.zip();
    EXPECT_THAT(zip, Fails_with("CodeStorageExceeded"));
    EXPECT_THAT(zip.error().message,
                HasSubstr("is 315000000 bytes unpacked, over Lambda's limit of 262144000; the largest: 6 (60.0 MB), "
                          "5 (55.0 MB), 4 (50.0 MB), 3 (45.0 MB), 2 (40.0 MB)"));
}

// ---- the cache of zips ----

class Zip_Cache_Test : public Package_Test {
protected:
    Zip_Cache_Test() {
        ::setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1);
        file("a", "1");
        package_.add_file(folder_.path() / "a").value();
    }
    ~Zip_Cache_Test() override {
        was_set_ ? ::setenv("XDG_CACHE_HOME", before_.c_str(), 1) : ::unsetenv("XDG_CACHE_HOME");
    }
    Zip_Cache cache(std::chrono::seconds later = std::chrono::hours(1)) const {
        return {package_.entries(), std::chrono::system_clock::now() + later};
    }
    fs::path cached_file() const {
        std::error_code none;
        const fs::directory_iterator at(folder_.path() / "cache/osbot_aws", none);
        return none || at == fs::directory_iterator() ? fs::path() : at->path();
    }
    static std::string digest(const std::string& bytes) { return base::sha256_raw(bytes); }

    Package package_;
    const bool was_set_ = std::getenv("XDG_CACHE_HOME") != nullptr;
    const std::string before_ = was_set_ ? std::getenv("XDG_CACHE_HOME") : "";
};

TEST_F(Zip_Cache_Test, find_returns_the_zip_until_an_entry_changes) {
    EXPECT_FALSE(cache().find());
    cache().store("zip");
    EXPECT_EQ(cache().find()->bytes, "zip");
    EXPECT_EQ(fs::status(cached_file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    file("a", "2");  // of the same size
    EXPECT_FALSE(cache().find());
    package_.add({.path = "b", .file = {}, .bytes = "made of bytes"});
    EXPECT_FALSE(cache().find());
}

TEST_F(Zip_Cache_Test, files_changed_just_before_are_not_cached) {
    cache(std::chrono::seconds(0)).store("zip");
    EXPECT_TRUE(cached_file().empty()) << "another change may result in the same times";
    cache().store("zip");
    EXPECT_FALSE(cache(std::chrono::seconds(0)).find());
}

TEST_F(Zip_Cache_Test, damaged_zip_is_not_found) {
    cache().store("zip");
    std::string bytes = base::read_file(cached_file()).value();
    bytes.back() ^= 1;
    base::write_file(cached_file(), bytes).value();
    EXPECT_FALSE(cache().find());
}

TEST_F(Zip_Cache_Test, store_evicts_the_least_recently_used_zips) {
    for (int i = 0; i < 20; ++i) {
        package_.add({.path = "n", .file = {}, .bytes = std::to_string(i)});
        cache().store("zip");
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(cached_file().parent_path()), {}), 16);
    EXPECT_TRUE(cache().find()) << "the most recent zip";
}

// ---- the handler of a Python file ----

struct Source {
    const char* text;
    const char* handler;  ///< empty: the handler is ambiguous or missing
};

class Python_Handler_Test : public testing::TestWithParam<Source> {};

TEST_P(Python_Handler_Test, finds_the_handler) {
    const auto handler = find_python_handler(GetParam().text);
    EXPECT_EQ(handler ? *handler : "", GetParam().handler) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Sources, Python_Handler_Test,
    testing::Values(
        Source{"def handler(event, context): pass", "handler"},
        Source{"def main(e, c): pass\ndef run(e, c): pass\ndef lambda_handler(e, c): pass", "lambda_handler"},
        Source{"def price(order, context):\n    pass\ndef _help(a, b):\n    pass\ndef one(a): pass\n", "price"},
        Source{"def a(e, c): pass\ndef b(e, c): pass\n", ""}, Source{"x = 1\n", ""},
        Source{"class A:\n    def handler(self, event): pass\n", ""},
        Source{"\"\"\"\ndef handler(event, context):\n\"\"\"\ndef real(event, context): pass\n", "real"},
        Source{"# def handler(e, c):\ndef real(event, context): pass\n", "real"},
        Source{"\xef\xbb\xbf"
               "def only(event, context): pass\n",
               "only"},
        Source{"def only(event, context):\r\n    pass\r\n", "only"},
        Source{"async def only(event, context): pass\n", "only"},
        Source{"def only(\n    event: dict[str, tuple[int, int]] = {},  # a, b\n    context=None,\n    *,\n    "
               "loud=False,\n    **more): pass\n",
               "only"},
        Source{"def takes_all(*arguments): pass\ndef only(event, context, /): pass\n", "only"},
        Source{"def only(event, context", "only"}, Source{"def", ""}, Source{"def (", ""},
        Source{"'''never ends", ""}));

TEST(Python_Handler_Error_Test, error_lists_the_candidates) {
    EXPECT_THAT(find_python_handler("def a(e, c): pass\ndef b(e): pass\n").value(), "a");
    EXPECT_THAT(
        find_python_handler("def a(e, c): pass\ndef b(x, y): pass\n").error().message,
        AllOf(HasSubstr("a (2 parameters), b (2 parameters); name one in Deploy_Options::handler (C++), handler= "),
              HasSubstr("--handler")));
}

}  // namespace
}  // namespace osbot_aws::packing
