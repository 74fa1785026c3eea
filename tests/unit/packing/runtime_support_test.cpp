#include "packing/runtime_support.hpp"

#include <gmock/gmock.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr auto pinned = Support_Versions::pinned, newest = Support_Versions::newest;

/// A fake `uv`, first on PATH, installs boto3, and stores its arguments and the requirements file. A fake interpreter
/// compiles nothing.
struct Runtime_Support_Test : testing::Test {
    Runtime_Support_Test() {
        ::setenv("XDG_CACHE_HOME", (folder.path() / "cache").c_str(), 1);
        ::setenv("PATH", (folder.path().string() + ":" + path_before).c_str(), 1);
        script("uv", "[ \"$1\" = --version ] && echo uv 0.13.9 && exit\n" + commands() +
                         "mkdir -p $4/boto3 $4/boto3-1.44.8.dist-info\ntouch $4/boto3-1.44.8.dist-info/RECORD\n");
        interpreter = script("python", "echo \"$@\" > " + file("compiled"));
    }
    ~Runtime_Support_Test() override {
        ::unsetenv("XDG_CACHE_HOME");
        ::setenv("PATH", path_before.c_str(), 1);
    }
    std::string file(const std::string& name) const { return (folder.path() / name).string(); }
    std::string commands() const {
        return "echo \"$@\" > " + file("arguments") + "\nwhile [ $# -gt 1 ]; do [ $1 = -r ] && cp $2 " +
               file("requirements") + "; shift; done\nset -- $(cat " + file("arguments") + ")\n";
    }
    /// Returns the lines of a fake npm that install a client.
    static std::string node_client(const std::string& version) {
        return "mkdir -p node_modules/@aws-sdk/client-s3\necho '{\"version\": \"" + version +
               "\"}' > node_modules/@aws-sdk/client-s3/package.json\n";
    }
    fs::path script(const std::string& name, const std::string& text) const {
        base::write_file(folder.path() / name, "#!/bin/sh\n" + text).value();
        fs::permissions(folder.path() / name, fs::perms::owner_all);
        return folder.path() / name;
    }

    base::Temporary_Folder folder;
    std::string path_before = base::variable("PATH");
    fs::path interpreter;
};

TEST_F(Runtime_Support_Test, pinned_versions_are_installed_with_hashes_and_compiled) {
    EXPECT_THAT(find_runtime_support("python3.12").string(), IsEmpty());
    const auto installed = install_runtime_support("python3.12", interpreter, pinned).value();
    EXPECT_EQ(find_runtime_support("python3.12"), installed.folder);
    EXPECT_THAT(packages_in(installed.folder), UnorderedElementsAre(Pair("boto3", "1.44.8")));
    EXPECT_THAT(base::read_file(file("requirements")).value(), HasSubstr("\nbotocore==1.44.8 --hash=sha256:"));
    EXPECT_THAT(base::read_file(file("arguments")).value(), HasSubstr("--python-version 3.12 --only-binary :all:"));
    EXPECT_THAT(base::read_file(file("compiled")).value(), HasSubstr("-m compileall"));
    EXPECT_TRUE(install_runtime_support("python3.12", interpreter, pinned)->cached);
}

TEST_F(Runtime_Support_Test, each_python_has_versions_that_support_it) {
    for (const auto& [runtime, version] :
         {std::pair{"python3.8", "boto3==1.37."}, {"python3.9", "boto3==1.42."}, {"python3.14", "boto3==1.44."}}) {
        install_runtime_support(runtime, interpreter, pinned).value();
        EXPECT_THAT(base::read_file(file("requirements")).value(), HasSubstr(version)) << runtime;
    }
    for (const char* other : {"python3.7", "nodejs.x", "nodejs22", "nodejs22/../x", "python3", "python3.11/../x", ""}) {
        EXPECT_THAT(install_runtime_support(other, interpreter, pinned), Fails_with("InvalidRuntime")) << other;
        EXPECT_THAT(find_runtime_support(other).string(), IsEmpty()) << other;
    }
}

TEST_F(Runtime_Support_Test, node_sdk_is_installed_from_the_lock_file) {
    script("npm", "echo \"$@\" > " + file("arguments") + "\ncp package-lock.json " + file("lock") + "\n" +
                      node_client("3.966.0"));
    const auto installed =
        install_runtime_support("nodejs22.x", interpreter, Support_Versions::pinned_if_missing).value();
    EXPECT_EQ(find_runtime_support("nodejs22.x"), installed.folder);
    EXPECT_TRUE(install_runtime_support("nodejs22.x", interpreter, pinned)->cached);
    EXPECT_THAT(packages_in(installed.folder), UnorderedElementsAre(Pair("@aws-sdk/client-s3", "3.966.0")));
    EXPECT_THAT(base::read_file(file("arguments")).value(), HasSubstr("ci --omit=dev --ignore-scripts"));
    EXPECT_THAT(base::read_file(file("lock")).value(), HasSubstr("\"integrity\": \"sha512-"));
}

TEST_F(Runtime_Support_Test, newest_node_sdk_must_run_with_this_node) {
    script("npm", "[ $1 = install ] || exit 1\ngrep -q '\"@aws-sdk/client-s3\": *\"latest\"' package.json || exit 1\n" +
                      node_client("4.0.0"));
    EXPECT_THAT(packages_in(install_runtime_support("nodejs22.x", interpreter, newest)->folder),
                UnorderedElementsAre(Pair("@aws-sdk/client-s3", "4.0.0")));
    EXPECT_THAT(base::read_file(file("compiled")).value(), HasSubstr("--eval require('@aws-sdk/client-s3')"));
    const auto rejected =
        install_runtime_support("nodejs18.x", script("node", "echo SyntaxError: Unexpected token; exit 1"), newest);
    EXPECT_THAT(rejected, Fails_with("InstallFailed"));
    EXPECT_THAT(rejected.error().message, HasSubstr("SyntaxError: Unexpected token"));
}

TEST_F(Runtime_Support_Test, update_replaces_pinned_versions_until_they_are_installed) {
    const fs::path first = install_runtime_support("python3.12", interpreter, pinned)->folder;
    const fs::path updated = install_runtime_support("python3.12", interpreter, newest)->folder;
    EXPECT_NE(first, updated);
    EXPECT_THAT(base::read_file(file("arguments")).value(), HasSubstr(" boto3 botocore "));
    EXPECT_EQ(find_runtime_support("python3.12"), updated);
    install_runtime_support("python3.12", interpreter, pinned).value();
    EXPECT_EQ(find_runtime_support("python3.12"), first);

    install_runtime_support("python3.12", interpreter, newest).value();
    fs::remove_all(find_runtime_support("python3.12"));
    EXPECT_EQ(find_runtime_support("python3.12"), first);
}

TEST_F(Runtime_Support_Test, failure_is_remembered_for_a_while_and_leaves_no_folder) {
    script("uv", "[ \"$1\" = --version ] && echo uv 0.13.9 && exit\nmkdir -p $4/boto3\necho no network >&2\nexit 2\n");
    EXPECT_THAT(install_runtime_support("python3.12", interpreter, pinned), Fails_with("InstallFailed"));
    EXPECT_THAT(find_runtime_support("python3.12").string(), IsEmpty());
    const fs::path state = folder.path() / "cache/osbot_aws/runtime_support";
    EXPECT_TRUE(fs::is_empty(state / "python3.12"));
    ASSERT_TRUE(recent_support_failure("python3.12").has_value());
    EXPECT_THAT(recent_support_failure("python3.12")->message, HasSubstr("no network"));
    EXPECT_FALSE(recent_support_failure("python3.11").has_value());
    fs::last_write_time(state / "python3.12.failure", fs::file_time_type::clock::now() - std::chrono::hours(1));
    EXPECT_FALSE(recent_support_failure("python3.12").has_value());
}

TEST_F(Runtime_Support_Test, packages_that_cannot_be_compiled_are_installed) {
    install_runtime_support("python3.12", script("broken", "echo syntax error; exit 1"), pinned).value();
    EXPECT_NE(find_runtime_support("python3.12"), fs::path());
}

TEST_F(Runtime_Support_Test, success_forgets_the_failure) {
    const fs::path uv = folder.path() / "uv", aside = folder.path() / "aside";
    fs::rename(uv, aside);
    script("uv", "[ \"$1\" = --version ] && echo uv 0.13.9 && exit\nexit 2\n");
    EXPECT_THAT(install_runtime_support("python3.12", interpreter, pinned), Fails_with("InstallFailed"));
    fs::rename(aside, uv);
    install_runtime_support("python3.12", interpreter, pinned).value();
    EXPECT_FALSE(recent_support_failure("python3.12").has_value());
}

TEST_F(Runtime_Support_Test, cancelled_installation_is_not_a_failure) {
    const base::Unique_Fd cancellation(::eventfd(1, EFD_CLOEXEC));
    base::cancellation_fd = cancellation.fd();
    const auto installed = install_runtime_support("python3.12", interpreter, pinned);
    base::cancellation_fd = -1;
    EXPECT_THAT(installed, Fails_with("Cancelled"));
    EXPECT_FALSE(recent_support_failure("python3.12").has_value());
}

TEST_F(Runtime_Support_Test, cache_folder_of_the_call_overrides_the_environment) {
    const base::Temporary_Folder other;
    const auto installed = install_runtime_support("python3.12", interpreter, pinned, other.path()).value();
    EXPECT_EQ(find_runtime_support("python3.12", other.path()), installed.folder);
    EXPECT_THAT(find_runtime_support("python3.12").string(), IsEmpty());
}

TEST_F(Runtime_Support_Test, without_a_cache_folder_a_temporary_one_is_used) {
    ::unsetenv("XDG_CACHE_HOME");
    const std::string home = base::variable("HOME");
    ::setenv("HOME", "", 1);
    const auto installed = install_runtime_support("python3.12", interpreter, pinned).value();
    EXPECT_NE(installed.temporary, nullptr);
    EXPECT_THAT(packages_in(installed.folder), UnorderedElementsAre(Pair("boto3", "1.44.8")));
    EXPECT_THAT(find_runtime_support("python3.12").string(), IsEmpty());
    ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace osbot_aws::packing
