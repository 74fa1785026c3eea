#include "packing/requirements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A fake `uv`, first on PATH, installs a package and counts its calls. The cache is a folder of the test.
class Requirements_Test : public testing::Test {
protected:
    Requirements_Test() {
        ::setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1);
        ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
        const fs::path uv = folder_.path() / "uv";
        base::write_file(uv, "#!/bin/sh\n[ \"$1\" = --version ] && echo uv 0.13.9 && exit\necho \"$@\" >> " +
                                 (folder_.path() / "calls").string() +
                                 "\nmkdir -p $4/idna $4/idna-3.10.dist-info\nprintf 12345 > $4/idna/core.py\n"
                                 "printf 'idna/core.py,,\\n' > $4/idna-3.10.dist-info/RECORD\n")
            .value();
        fs::permissions(uv, fs::perms::owner_all);
    }
    ~Requirements_Test() override {
        ::unsetenv("XDG_CACHE_HOME");
        ::setenv("PATH", path_.c_str(), 1);
    }
    void file(const fs::path& path, std::string_view text) const {
        fs::create_directories((app() / path).parent_path());
        base::write_file(app() / path, text).value();
    }
    fs::path app() const { return folder_.path() / "app"; }
    std::optional<Requirements> found(const std::vector<std::string>& packages = {}) const {
        return requirements_of(app(), packages, "python3.11").value();
    }
    std::ptrdiff_t calls() const {
        const auto text = base::read_file(folder_.path() / "calls");
        return text ? std::count(text->begin(), text->end(), '\n') : 0;
    }

    const base::Temporary_Folder folder_;
    const std::string path_ = std::getenv("PATH");
};

// ---- reading ----

TEST_F(Requirements_Test, folder_without_requirements_has_none) {
    file("app.py", "");
    EXPECT_FALSE(found().has_value());
    file("requirements.txt", "# nothing\n\n");
    EXPECT_FALSE(found().has_value());
    EXPECT_FALSE(requirements_of("", {}, "python3.11").value().has_value());
}

TEST_F(Requirements_Test, requirements_txt_is_passed_as_a_file) {
    file("requirements.txt", "idna==3.10  # pinned\n");
    file("pyproject.toml", "[project]\ndependencies = ['requests']\n");
    const Requirements requirements = found({"pandas"}).value();
    EXPECT_EQ(requirements.source, "requirements.txt and --packages");
    EXPECT_EQ(requirements.file, app() / "requirements.txt");
    EXPECT_THAT(requirements.packages, ElementsAre("pandas"));
    EXPECT_EQ(requirements.key, "pandas\nidna==3.10");
}

TEST_F(Requirements_Test, key_contains_included_files) {
    file("requirements.txt", "-r sub/base.txt\n--constraint=limits.txt\n");
    file("sub/base.txt", "idna\n");
    file("limits.txt", "idna<4\n");
    const std::string before = found()->key;
    EXPECT_THAT(before, HasSubstr("idna<4"));
    file("sub/base.txt", "idna==3.10\n");
    EXPECT_NE(found()->key, before);
    file("sub/base.txt", "-r ../requirements.txt\n");
    EXPECT_THAT(requirements_of(app(), {}, "python3.11").error().message, HasSubstr("nested deeper than 8"));
}

TEST_F(Requirements_Test, pyproject_dependencies_are_read) {
    file("pyproject.toml",
         "[project]\nname = 'x'\ndependencies = ['requests>=2', \"idna ; python_version > '3.8'\"]\n");
    EXPECT_THAT(found()->packages, ElementsAre("requests>=2", "idna ; python_version > '3.8'"));
    EXPECT_EQ(found()->source, "pyproject.toml");
    file("pyproject.toml", "[tool.poetry.dependencies]\nrequests = '*'\n");
    EXPECT_THAT(found()->warning, HasSubstr("poetry export"));
    file("pyproject.toml", "[tool.ruff]\n");
    EXPECT_FALSE(found().has_value());
    file("pyproject.toml", "[project\n");
    EXPECT_THAT(requirements_of(app(), {}, "python3.11"), Fails_with("InvalidRequirements"));
}

TEST_F(Requirements_Test, lists_the_requirements_of_a_file) {
    file("base.txt", "six==1.16.0\n");
    file("requirements.txt",
         "# comment\n\n-r base.txt\nrequests >= 2.0  # why\nflask \\\r\n  ==3.0\npandas; python_version > '3.8'");
    EXPECT_THAT(requirements_in(app() / "requirements.txt", "python3").value(),
                ElementsAre("six==1.16.0", "requests >= 2.0", "flask ==3.0", "pandas; python_version > '3.8'"));
    file("pyproject.toml", "[project]\ndependencies = ['requests>=2', 'rich']\n");
    EXPECT_THAT(requirements_in(app() / "pyproject.toml", "python3").value(), ElementsAre("requests>=2", "rich"));
}

TEST_F(Requirements_Test, file_that_cannot_be_listed_is_rejected_with_the_fix) {
    const auto error_of = [&](const char* name, std::string_view text) {
        file(name, text);
        const auto found = requirements_in(app() / name, "python3");
        return found ? "" : found.error().code + ": " + found.error().message;
    };
    file("limits.txt", "idna<4\n");
    EXPECT_THAT(error_of("a.txt", "-c limits.txt\n"), HasSubstr("the option -c is not supported"));
    EXPECT_THAT(error_of("a.txt", "--index-url https://e.com\n"), HasSubstr("PIP_INDEX_URL"));
    EXPECT_THAT(error_of("a.txt", "idna==3.10 --hash=sha256:1\n"), HasSubstr("the option --hash is not supported"));
    EXPECT_THAT(error_of("pyproject.toml", "[tool.ruff]\n"), HasSubstr("no list project.dependencies"));
    EXPECT_THAT(error_of("pyproject.toml", "[project]\ndynamic = ['dependencies']\n"), HasSubstr("are dynamic"));
    EXPECT_THAT(error_of("pyproject.toml", "[project]\ndependencies = [1]\n"), HasSubstr("InvalidRequirements"));
    EXPECT_THAT(error_of("pyproject.toml", "not toml"), HasSubstr("not valid TOML"));
    EXPECT_THAT(requirements_in(app() / "none.txt", "python3"), Fails_with("FileError"));
}

TEST_F(Requirements_Test, packages_that_the_folder_contains_are_not_installed) {
    file("requirements.txt", "Typing-Extensions>=4\nidna\n");
    file("typing_extensions-4.1.dist-info/METADATA", "");
    EXPECT_TRUE(found().has_value());
    file("idna-3.10.dist-info/METADATA", "");
    EXPECT_FALSE(found().has_value());
    EXPECT_TRUE(found({"requests"}).has_value());
}

TEST_F(Requirements_Test, large_file_fails_and_names_the_limit) {
    file("requirements.txt", "");
    fs::resize_file(app() / "requirements.txt", 1'000'001);
    EXPECT_THAT(requirements_of(app(), {}, "python3.11").error().message, HasSubstr("the limit is 1000000"));
}

// ---- installing ----

TEST_F(Requirements_Test, second_installation_comes_from_the_cache) {
    file("requirements.txt", "idna\n");
    const Installed_Packages first = install_cached(found().value(), {}).value();
    EXPECT_FALSE(first.cached);
    EXPECT_EQ(first.count, 1U);
    EXPECT_EQ(base::read_file(first.folder / "idna/core.py").value(), "12345");
    const Installed_Packages second = install_cached(found().value(), {}).value();
    EXPECT_TRUE(second.cached);
    EXPECT_EQ(second.folder, first.folder);
    EXPECT_EQ(second.bytes, first.bytes);
    EXPECT_EQ(calls(), 1);
}

TEST_F(Requirements_Test, text_runtime_and_architecture_select_the_cache_entry) {
    const auto install = [&](const std::string& text, const Wheel_Target& target) {
        file("requirements.txt", text);
        return install_cached(found().value(), target).value().folder;
    };
    std::set<fs::path> folders{install("idna\n", {}), install("idna==3\n", {}),
                               install("idna\n", {"python3.12", "x86_64"}), install("idna\n", {"python3.11", "arm64"}),
                               install("idna  # comment\n", {})};
    EXPECT_EQ(folders.size(), 4U) << "a comment changes nothing";
    EXPECT_EQ(calls(), 4);
}

TEST_F(Requirements_Test, failed_installation_is_not_cached) {
    file("requirements.txt", "idna\n");
    base::write_file(folder_.path() / "uv",
                     "#!/bin/sh\n[ \"$1\" = --version ] && echo uv 0.13.9 && exit\nmkdir -p $4/idna\nexit 2\n")
        .value();
    EXPECT_THAT(install_cached(found().value(), {}), Fails_with("InstallFailed"));
    EXPECT_TRUE(fs::is_empty(folder_.path() / "cache/osbot_aws/python_packages"));
}

TEST_F(Requirements_Test, cache_retains_the_sixteen_most_recently_used) {
    for (int i = 0; i < 20; ++i) {
        file("requirements.txt", "idna==" + std::to_string(i) + "\n");
        const fs::path folder = install_cached(found().value(), {}).value().folder;
        fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(20 - i));
    }
    const fs::directory_iterator cached(folder_.path() / "cache/osbot_aws/python_packages");
    EXPECT_EQ(std::distance(begin(cached), end(cached)), 16);
    install_cached(found().value(), {}).value();
    EXPECT_EQ(calls(), 20) << "the newest is still cached";
}

TEST_F(Requirements_Test, without_a_cache_folder_a_temporary_one_is_used) {
    const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("HOME");
    file("requirements.txt", "idna\n");
    fs::path folder;
    {
        const Installed_Packages installed = install_cached(found().value(), {}).value();
        folder = installed.folder;
        EXPECT_TRUE(fs::exists(folder / "idna"));
    }
    EXPECT_FALSE(fs::exists(folder));
    ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace osbot_aws::packing
