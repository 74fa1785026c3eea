#include "services/lambda/running/runtimes.hpp"

#include <gmock/gmock.h>

#include "base/architecture.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Not;

/// A host with interpreters that are shell scripts.
struct Host_Programs : testing::Test {
    Host_Programs() { ::setenv("HOME", folder.path().c_str(), 1); }
    ~Host_Programs() override {
        ::setenv("HOME", home_before.c_str(), 1);
        ::setenv("PATH", path_before.c_str(), 1);
    }

    /// Adds `bin/node`, or another program, below a folder, and the folder to PATH.
    fs::path add(const std::string& prefix, const std::string& script, const std::string& name = "node") {
        const fs::path program = folder.path() / prefix / "bin" / name;
        fs::create_directories(program.parent_path());
        base::write_file(program, "#!/bin/sh\n" + script + "\n").value();
        fs::permissions(program, fs::perms::owner_all);
        path = program.parent_path().string() + ":" + path;
        ::setenv("PATH", path.c_str(), 1);
        return program;
    }

    Launch launch(const std::string& runtime, bool inside = false) {
        Function function;
        function.runtime = runtime;
        function.architecture = base::host_architecture;
        return runtimes.launch(function, folder.path(), {}, inside).value();
    }

    std::string path_before = base::variable("PATH"), home_before = base::variable("HOME"), path = "/usr/bin:/bin";
    base::Temporary_Folder folder;
    Runtimes runtimes{folder.path() / "clients", false};
};

TEST_F(Host_Programs, options_are_those_that_the_program_knows) {
    const fs::path runs = folder.path() / "runs";
    add("v20.16.0", "echo run >> " + runs.string() +
                        "\n[ $1 != --no-experimental-require-module ] || { echo 'bad option' >&2; exit 9; }");
    add("v22.1.0", "");
    EXPECT_THAT(launch("nodejs20.x").argv,
                AllOf(Contains("--expose-gc"), Not(Contains("--no-experimental-require-module"))));
    EXPECT_THAT(launch("nodejs22.x").argv,
                AllOf(Contains("--no-experimental-require-module"), Contains("--no-experimental-detect-module")));
    (void)launch("nodejs20.x");
    EXPECT_EQ(base::read_file(runs).value(), "run\n");  // once for each option
}

// Versions above 90, so that they are not those of this host's programs.
TEST_F(Host_Programs, version_is_from_its_folder_only_if_it_is_whole) {
    const fs::path whole = add("v91.11.0", "exit 1"), plain = add("92.0.1", "exit 1");
    const fs::path archive = add("node-v93.11.0-linux-x64", "echo v93.11.0"),
                   short_name = add("node94", "echo v94.1.2");
    const fs::path year = add("2024", "echo v95.1.2"), major = add("v96", "echo v97.0.0-rc.1");
    add("99.1", "");
    const Interpreters found = node_language.find();
    for (const auto& [version, program] :
         {std::pair{91, whole}, {92, plain}, {93, archive}, {94, short_name}, {95, year}, {97, major}}) {
        ASSERT_TRUE(found.contains(version)) << version;
        EXPECT_EQ(found.at(version).program, fs::canonical(program));
    }
    for (const int version : {96, 99, 2024}) EXPECT_FALSE(found.contains(version)) << version;
}

TEST_F(Host_Programs, only_the_program_of_node_is_mounted) {
    const fs::path program = fs::canonical(add("v20.20.0", ""));
    const Launch inside = launch("nodejs20.x", true), outside = launch("nodejs20.x", false);
    EXPECT_EQ(inside.argv.front(), "/var/lang/bin/node");
    ASSERT_EQ(inside.mounts.size(), 2);
    EXPECT_EQ(inside.mounts[0].target, "/var/runtime");
    EXPECT_EQ(inside.mounts[1].source, program);
    EXPECT_EQ(inside.mounts[1].target, "/var/lang/bin/node");
    EXPECT_EQ(outside.argv.front(), program);
}

// Minor version 98, so that it is not a Python of this host.
TEST_F(Host_Programs, only_program_and_libraries_of_python_are_mounted) {
    const fs::path program = fs::canonical(add("home", "", "python3.98")), home = program.parent_path().parent_path();
    fs::create_directories(home / "lib/python3.98");
    const Launch inside = launch("python3.98", true), outside = launch("python3.98", false);
    EXPECT_EQ(inside.argv.front(), "/var/lang/bin/python3.98");
    ASSERT_EQ(inside.mounts.size(), 3);
    EXPECT_EQ(inside.mounts[0].target, "/var/runtime");
    EXPECT_EQ(inside.mounts[1].source, program);
    EXPECT_EQ(inside.mounts[1].target, "/var/lang/bin/python3.98");
    EXPECT_EQ(inside.mounts[2].source, home / "lib");
    EXPECT_EQ(inside.mounts[2].target, "/var/lang/lib");
    EXPECT_EQ(outside.argv.front(), program);
}

TEST_F(Host_Programs, packages_of_an_environment_are_beside_the_interpreter) {
    const fs::path python = add("python", "", "python3.98"), environment = folder.path() / "environment";
    const fs::path packages = environment / "lib/python3.98/site-packages";
    fs::create_directories(packages);
    fs::create_directories(environment / "bin");
    base::write_file(environment / "pyvenv.cfg", "").value();
    fs::create_symlink(python, environment / "bin/python3.98");
    ::setenv("PATH", (environment / "bin").c_str(), 1);
    const Launch inside = launch("python3.98", true), outside = launch("python3.98", false);
    EXPECT_THAT(inside.argv, Contains("-Xosbot_packages=/var/lang/packages"));
    EXPECT_EQ(inside.mounts.back().source, packages);
    EXPECT_EQ(inside.mounts.back().target, "/var/lang/packages");
    EXPECT_THAT(outside.argv, Contains("-Xosbot_packages=" + packages.string()));
}

}  // namespace
}  // namespace osbot_aws::services
