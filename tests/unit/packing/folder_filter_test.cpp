#include "packing/folder_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "packing/package.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder_Filter_Test : public testing::Test {
protected:
    void file(const fs::path& path, std::string_view bytes = "x") const {
        fs::create_directories((root() / path).parent_path());
        base::write_file(root() / path, bytes).value();
    }
    void link(const fs::path& target, const fs::path& path) const { fs::create_symlink(target, root() / path); }
    fs::path root() const { return folder_.path() / "app"; }
    Package packed(const Folder_Rules& rules = {}) const {
        Package package;
        package.add_folder(root(), "", rules).value();
        return package;
    }
    std::vector<std::string> paths(const Folder_Rules& rules = {}) const {
        const Package package = packed(rules);
        std::vector<std::string> all;
        for (const Entry& entry : package.entries()) all.push_back(entry.path);
        return all;
    }
    const base::Temporary_Folder folder_;
};

// ---- the defaults ----

TEST_F(Folder_Filter_Test, secrets_caches_and_editor_files_are_left_out) {
    for (const char* path : {".env",
                             ".env.local",
                             ".envrc",
                             "sub/.env",
                             ".git/config",
                             ".hg/x",
                             ".svn/x",
                             ".venv/x",
                             "venv/x",
                             "sub/__pycache__/a.pyc",
                             "b.pyc",
                             "node_modules/.cache/x",
                             "web/node_modules/.cache/x",
                             ".mypy_cache/x",
                             ".pytest_cache/x",
                             ".ruff_cache/x",
                             ".tox/x",
                             ".idea/x",
                             ".vscode/x",
                             ".DS_Store",
                             "a.py~",
                             ".a.py.swp",
                             ".#a.py",
                             "#a.py#",
                             ".osbotignore",
                             "osbot.toml",
                             ".aws/credentials",
                             "terraform.tfstate",
                             "terraform.tfstate.backup"})
        file(path);
    for (const char* path : {"a.py", ".gitignore", "node_modules/lib/index.js", "dist/env.py", "sub/venv/a.py"})
        file(path);
    EXPECT_THAT(paths(),
                ElementsAre(".gitignore", "a.py", "dist/env.py", "node_modules/lib/index.js", "sub/venv/a.py"));
}

TEST_F(Folder_Filter_Test, virtual_environment_of_any_name_is_left_out) {
    file("a.py");
    file("sub/environment/pyvenv.cfg");
    file("sub/environment/lib/x.py");
    EXPECT_THAT(paths(), ElementsAre("a.py"));
    EXPECT_THAT(packed().left_out(), ElementsAre("sub/environment"));
}

TEST_F(Folder_Filter_Test, left_out_counts_a_folder_as_one) {
    for (const char* path : {"a.py", ".git/HEAD", ".git/objects/1", ".env"}) file(path);
    EXPECT_THAT(packed().left_out(), ElementsAre(".env", ".git"));
}

TEST_F(Folder_Filter_Test, without_defaults_everything_is_added) {
    for (const char* path : {".env", ".osbotignore", "a.py"}) file(path, "*.py\n");
    EXPECT_THAT(paths({.defaults = false}), ElementsAre(".env", ".osbotignore", "a.py"));
}

// ---- links ----

TEST_F(Folder_Filter_Test, links_to_secrets_are_left_out) {
    file("a.py");
    file(".env");
    file("../.env", "outside");
    file("../home/.ssh/id", "outside");
    file("../shared.py", "outside");
    link(".env", "inside");
    link("inside", "chained");
    link(root() / ".env", "absolute");
    link("../.env", "outside");
    link("../home/.ssh/id", "key");
    link("../shared.py", "shared.py");
    EXPECT_THAT(paths(), ElementsAre("a.py", "shared.py"));
    EXPECT_THAT(packed().left_out(), ElementsAre(".env", "absolute", "chained", "inside", "key", "outside"));
    EXPECT_THAT(paths({.include = {"outside"}}), ElementsAre("a.py", "outside", "shared.py"));
}

TEST_F(Folder_Filter_Test, link_below_an_excluded_parent_folder_is_added) {
    const fs::path project = folder_.path() / ".env/project";
    fs::create_directories(project);
    base::write_file(project / "a.py", "x").value();
    fs::create_symlink("a.py", project / "b.py");
    Package package;
    package.add_folder(project).value();
    EXPECT_EQ(package.entries().size(), 2U) << "only the part of the path below the common folder counts";
}

// ---- patterns ----

struct Pattern_Case {
    const char* name;
    const char* pattern;
    std::vector<std::string> excluded, added;
};
void PrintTo(const Pattern_Case& c, std::ostream* out) { *out << c.pattern; }

class Pattern_Test : public Folder_Filter_Test, public testing::WithParamInterface<Pattern_Case> {};

TEST_P(Pattern_Test, follows_gitignore) {
    file(".osbotignore", std::string(GetParam().pattern) + "\n");
    const Folder_Filter filter = Folder_Filter::create(root(), {}).value();
    const auto excludes = [&](std::string path) {
        const bool is_folder = path.ends_with('/');
        if (is_folder) path.pop_back();
        return filter.excludes(path, is_folder);
    };
    for (const std::string& path : GetParam().excluded) EXPECT_TRUE(excludes(path)) << path;
    for (const std::string& path : GetParam().added) EXPECT_FALSE(excludes(path)) << path;
}

INSTANTIATE_TEST_SUITE_P(
    cases, Pattern_Test,
    testing::Values(Pattern_Case{"name", "data", {"data", "sub/data", "data/x"}, {"data.csv", "mydata"}},
                    Pattern_Case{"folder", "build/", {"build/", "build/x", "sub/build/x"}, {"build"}},
                    Pattern_Case{"anchored", "/top.txt", {"top.txt"}, {"sub/top.txt"}},
                    Pattern_Case{"path", "doc/*.txt", {"doc/a.txt"}, {"doc/sub/a.txt", "sub/doc/a.txt"}},
                    Pattern_Case{"any_folders", "a/**/b", {"a/b", "a/x/b", "a/x/y/b"}, {"a/xb", "b"}},
                    Pattern_Case{"any_start", "**/logs/x", {"logs/x", "a/b/logs/x"}, {"logs/y"}},
                    Pattern_Case{"inside", "abc/**", {"abc/x", "abc/x/y"}, {"abc", "abc/"}},
                    Pattern_Case{"star", "*.log", {"a.log", "sub/.log"}, {"a.logs"}},
                    Pattern_Case{"star_stays_in_a_name", "a*z/x", {"abz/x"}, {"a/z/x"}},
                    Pattern_Case{"question", "a?c", {"abc"}, {"ac", "abbc"}},
                    Pattern_Case{"class", "[a-c].py", {"a.py", "c.py"}, {"d.py"}},
                    Pattern_Case{"not_class", "[!a].py", {"b.py"}, {"a.py"}},
                    Pattern_Case{"escape", "\\#x", {"#x"}, {"x"}},
                    Pattern_Case{"comment", "# data", {}, {"# data", "data"}},
                    Pattern_Case{"negated", "*.txt\n!keep.txt", {"a.txt"}, {"keep.txt"}},
                    Pattern_Case{"last_decides", "!keep.txt\n*.txt", {"keep.txt"}, {}},
                    Pattern_Case{"parent_decides", "data/\n!data/keep", {"data/keep"}, {}},
                    Pattern_Case{"default_negated", "!.env.example", {".env"}, {".env.example"}},
                    Pattern_Case{"spaces", "a.txt  \r", {"a.txt"}, {}}),
    [](const auto& c) { return std::string(c.param.name); });

TEST_F(Folder_Filter_Test, include_wins_over_every_other_rule) {
    for (const char* path : {".env", ".env.example", "data/a.csv", "a.py"}) file(path);
    file(".osbotignore", "data/\n");
    EXPECT_THAT(paths({.ignore = {"a.py"}, .include = {".env.example", "a.py", "data"}}),
                ElementsAre(".env.example", "a.py", "data/a.csv"));
}

TEST_F(Folder_Filter_Test, include_reaches_into_excluded_folders_by_path_only) {
    for (const char* path : {"node_modules/.cache/prisma/engine", "node_modules/.cache/other", ".venv/lib/engine"})
        file(path);
    EXPECT_THAT(paths({.include = {"engine"}}), IsEmpty());
    EXPECT_THAT(paths({.include = {"node_modules/.cache/prisma"}}), ElementsAre("node_modules/.cache/prisma/engine"));
    EXPECT_THAT(paths({.include = {".venv/**/engine"}}), ElementsAre(".venv/lib/engine"));
}

TEST_F(Folder_Filter_Test, gitignore_is_not_read) {
    file(".gitignore", "dist\n");
    file("dist/app.py");
    EXPECT_THAT(paths(), ElementsAre(".gitignore", "dist/app.py"));
}

// ---- limits ----

TEST_F(Folder_Filter_Test, invalid_patterns_and_large_files_fail_and_are_named) {
    fs::create_directories(root());
    const auto error = [&](const Folder_Rules& rules) { return Folder_Filter::create(root(), rules); };
    EXPECT_THAT(error({.ignore = {"/"}}), Fails_with("InvalidPattern"));
    EXPECT_THAT(error({.include = {"a*a*a*a*a*a*a*a*a*a*b"}}), Fails_with("InvalidPattern"));
    EXPECT_THAT(error({.ignore = {std::string(5'000, 'x')}}).error().message, HasSubstr("longer than 4096 bytes"));
    file(".osbotignore", "*.txt\n/\n");
    EXPECT_THAT(error({}).error().message, HasSubstr(".osbotignore: invalid pattern '/': it is empty"));
    fs::resize_file(root() / ".osbotignore", 1'000'001);
    EXPECT_THAT(error({}).error().message, HasSubstr("larger than the limit of 1000000 bytes"));
    fs::remove(root() / ".osbotignore");
    fs::create_directories(root() / ".osbotignore");
    EXPECT_THAT(error({}), Fails_with("FileError"));
}

}  // namespace
}  // namespace osbot_aws::packing
