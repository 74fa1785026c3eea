#include "packing/node_packages.hpp"

#include <gmock/gmock.h>

#include "base/environment.hpp"
#include "base/files.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

struct Export_Case {
    const char* source;
    const char* handler;  ///< empty: HandlerNotFound
};

TEST(Node_Packages_Test, handler_is_found_among_the_exports) {
    const Export_Case cases[] = {
        {"exports.handler = async () => 1;", "handler"},
        {"module.exports.run = () => 1", "run"},
        {"module.exports = {first, handler, last: () => 1};", "handler"},
        {"module.exports = {only: (a, b) => ({a, b})};", "only"},
        {"module.exports = {async only(event) { return {event}; }};", "only"},
        {"export const handler = 1;", "handler"},
        {"export async function price(event) {}", "price"},
        {"export function* numbers() {}", "numbers"},
        {"const a = 1; export { a as lambdaHandler };", "lambdaHandler"},
        {"// exports.handler = 1\n/* export const b = 2 */ export let c = 'exports.d = 1';", "c"},
        {"if (exports.handler == 1) exports.a = `exports.b = 1`;", "a"},
        {"exports.one = exports.two = 1;", ""},
        {"", ""},
        {"exports.", ""},
        {"export {", ""},
        {"'not closed", ""},
        {"/* not closed", ""},
    };
    for (const auto& [source, handler] : cases) {
        const auto found = find_node_handler(source);
        if (*handler != '\0')
            EXPECT_EQ(found ? *found : found.error().message, handler) << source;
        else
            EXPECT_EQ(found ? *found : found.error().code, "HandlerNotFound") << source;
    }
}

TEST(Node_Packages_Test, main_file_is_that_of_package_json) {
    const base::Temporary_Folder folder;
    EXPECT_EQ(node_main_file(folder.path()).value(), "");
    base::write_file(folder.path() / "app.cjs", "").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "app.cjs");
    base::write_file(folder.path() / "index.js", "").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "index.js");
    fs::create_directory(folder.path() / "lib");
    base::write_file(folder.path() / "lib/main.mjs", "").value();
    base::write_file(folder.path() / "package.json", R"({"main": "./lib/main.mjs"})").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "lib/main.mjs");
    base::write_file(folder.path() / "package.json", "[1]").value();
    EXPECT_EQ(node_main_file(folder.path()).error().code, "InvalidRequirements");
}

TEST(Node_Packages_Test, main_outside_of_the_folder_is_ignored) {
    const base::Temporary_Folder folder;
    const fs::path app = folder.path() / "app";
    for (const char* name : {"app/..lib", "app/lib"}) fs::create_directories(folder.path() / name);
    for (const char* name : {"outside.js", "app/..lib/main.js", "app/lib/index.js", "app/index.js"})
        base::write_file(folder.path() / name, "").value();
    const std::pair<std::string, const char*> cases[] = {{(folder.path() / "outside.js").string(), "index.js"},
                                                         {"../outside", "index.js"},
                                                         {"lib/../../outside.js", "index.js"},
                                                         {"..lib/main", "..lib/main.js"},
                                                         {"./lib", "lib/index.js"},
                                                         {".", "index.js"},
                                                         {"", "index.js"}};
    for (const auto& [main, expected] : cases) {
        base::write_file(app / "package.json", R"({"main": ")" + main + R"("})").value();
        EXPECT_EQ(node_main_file(app).value(), expected) << main;
    }
}

/// A folder with a lock file, and programs npm and node. npm creates the package `one`.
struct Npm_Test : testing::Test {
    Npm_Test() {
        program("npm", "mkdir -p node_modules/one && ls -A > node_modules/one/files");
        program("node", "echo v20.1.0");
        write("package-lock.json", "{}");
        ::setenv("PATH", ((folder.path() / "bin").string() + ":/usr/bin:/bin").c_str(), 1);
        ::setenv("XDG_CACHE_HOME", (folder.path() / "cache").c_str(), 1);
    }
    ~Npm_Test() override {
        ::setenv("PATH", path_before.c_str(), 1);
        cache_before.empty() ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", cache_before.c_str(), 1);
    }

    void program(const std::string& name, const std::string& script) const {
        fs::create_directories(folder.path() / "bin");
        base::write_file(folder.path() / "bin" / name, "#!/bin/sh\n" + script + "\n").value();
        fs::permissions(folder.path() / "bin" / name, fs::perms::owner_all);
    }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories(app);
        base::write_file(app / name, text).value();
    }
    Result<Installed_Packages> install() const { return install_node_packages(app, {"nodejs20.x", "x86_64"}); }

    std::string path_before = base::variable("PATH"), cache_before = base::variable("XDG_CACHE_HOME");
    base::Temporary_Folder folder;
    fs::path app = folder.path() / "app";
};

TEST_F(Npm_Test, packages_are_cached_by_files_and_version_of_node) {
    EXPECT_FALSE(install().value().cached);
    EXPECT_TRUE(install().value().cached);
    program("node", "echo v22.1.0");
    EXPECT_FALSE(install().value().cached);
    fs::rename(app / "package-lock.json", app / "npm-shrinkwrap.json");
    EXPECT_FALSE(install().value().cached);
    write(".npmrc", "");
    EXPECT_FALSE(install().value().cached);
    EXPECT_TRUE(install().value().cached);
}

TEST_F(Npm_Test, npm_reads_copies_that_are_removed_afterwards) {
    write(".npmrc", "registry=http://localhost/");
    const auto installed = install().value();
    EXPECT_EQ(base::read_file(installed.folder / "node_modules/one/files").value(),
              ".npmrc\nnode_modules\npackage-lock.json\n");
    EXPECT_EQ(installed.count, 1);
    EXPECT_FALSE(fs::exists(installed.folder / ".npmrc"));
}

TEST_F(Npm_Test, unreadable_settings_are_an_error_with_their_name) {
    fs::create_symlink(".npmrc", app / ".npmrc");  // to itself
    const auto installed = install();
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code, "FileError");
    EXPECT_THAT(installed.error().message, testing::HasSubstr("/app/.npmrc: "));
}

}  // namespace
}  // namespace osbot_aws::packing
