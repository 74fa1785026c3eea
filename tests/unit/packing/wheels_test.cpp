#include "packing/wheels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST(Platform_Tags_Test, tags_depend_on_the_glibc_of_the_runtime) {
    EXPECT_THAT(platform_tags({"python3.11", "x86_64"}), Not(Contains("manylinux_2_28_x86_64")));
    EXPECT_THAT(platform_tags({"python3.11", "x86_64"}), Contains("manylinux1_x86_64"));
    EXPECT_EQ(platform_tags({"python3.12", "x86_64"}).front(), "manylinux_2_34_x86_64");
    EXPECT_THAT(platform_tags({"python3.12", "x86_64"}), Contains("manylinux2014_x86_64"));
    EXPECT_THAT(platform_tags({"python3.12", "arm64"}), Contains("manylinux_2_17_aarch64"));
    EXPECT_THAT(platform_tags({"python3.12", "arm64"}), Not(Contains("manylinux1_aarch64")));
}

/// A fake `uv`, first on PATH, writes its arguments to the file `arguments` and runs the test's script.
class Install_Wheels_Test : public testing::Test {
protected:
    Install_Wheels_Test() { ::setenv("PATH", (folder_.path().string() + ":/usr/bin:/bin").c_str(), 1); }
    ~Install_Wheels_Test() override { ::setenv("PATH", path_.c_str(), 1); }

    void uv(const std::string& script) const {
        const fs::path file = folder_.path() / "uv";
        base::write_file(file, "#!/bin/sh\n[ \"$1\" = --version ] && echo uv 0.13.9 && exit\necho \"$@\" >> " +
                                   (folder_.path() / "arguments").string() + "\ntarget=$4\n" + script)
            .value();
        fs::permissions(file, fs::perms::owner_all);
    }
    /// Only this pip is on PATH; an install prints the script's output and fails.
    void pip(const std::string& version, const std::string& script) const {
        const fs::path file = folder_.path() / "pip";
        base::write_file(file, "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pip " + version +
                                   " from /usr/lib/python3/dist-packages/pip (python 3.10)' && exit\n" + script +
                                   "\nexit 1\n")
            .value();
        fs::permissions(file, fs::perms::owner_all);
        ::setenv("PATH", folder_.path().c_str(), 1);
    }
    std::string arguments() const { return base::read_file(folder_.path() / "arguments").value(); }
    fs::path target() const { return folder_.path() / "target"; }

    const base::Temporary_Folder folder_;
    const std::string path_ = std::getenv("PATH");
};

TEST_F(Install_Wheels_Test, passes_the_target_and_only_binary_to_the_installer) {
    uv("mkdir -p $target");
    install_wheels({"requests==2.32.3"}, {"python3.12", "arm64"}, target()).value();
    EXPECT_EQ(arguments(), "pip install --target " + target().string() +
                               " --python-version 3.12 --only-binary :all: --python-platform aarch64-manylinux_2_34 "
                               "--no-progress requests==2.32.3\n");
}

TEST_F(Install_Wheels_Test, removes_files_that_differ_between_machines) {
    uv(R"(mkdir -p $target/bin $target/a/__pycache__ $target/a-1.dist-info
printf '#!/home/me/bin/python3\n' > $target/bin/a
printf 'ELF' > $target/bin/tool
touch $target/a/__init__.py $target/a/__pycache__/x.pyc $target/.lock
echo uv > $target/a-1.dist-info/INSTALLER
printf 'bin/tool,,\r\na-1.dist-info/RECORD,,\na-1.dist-info/INSTALLER,,\nbin/a,,\na/__init__.py,,\n' > $target/a-1.dist-info/RECORD)");
    install_wheels({"a"}, {}, target()).value();
    EXPECT_FALSE(fs::exists(target() / "bin/a"));
    EXPECT_TRUE(fs::exists(target() / "bin/tool"));
    EXPECT_FALSE(fs::exists(target() / "a/__pycache__"));
    EXPECT_FALSE(fs::exists(target() / ".lock"));
    EXPECT_FALSE(fs::exists(target() / "a-1.dist-info/INSTALLER"));
    EXPECT_EQ(base::read_file(target() / "a-1.dist-info/RECORD").value(),
              "a-1.dist-info/RECORD,,\na/__init__.py,,\nbin/tool,,\n");
}

TEST_F(Install_Wheels_Test, missing_wheel_names_the_newest_version_with_a_wheel) {
    // The output of uv 0.13.
    uv(R"(case "$*" in
*--dry-run*) echo ' + scipy==1.13.1' >&2 ;;
*) echo 'Because scipy==1.17.0 has no usable wheels and you require scipy==1.17.0, we can conclude that' >&2; exit 1 ;;
esac)");
    const auto installed = install_wheels({"scipy==1.17.0"}, {"python3.9", "x86_64"}, target());
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code, "WheelNotFound");
    EXPECT_EQ(installed.error().message,
              "scipy==1.17.0 has no wheel for python3.9 on x86_64; the newest version that has one is 1.13.1");
    EXPECT_THAT(arguments(), HasSubstr("--dry-run --no-deps scipy\n"));
}

TEST_F(Install_Wheels_Test, package_without_any_wheel_names_a_solution) {
    uv("echo 'Because all versions of pycrypto have no usable wheels and you require pycrypto,' >&2; exit 1");
    EXPECT_THAT(install_wheels({"pycrypto"}, {}, target()).error().message,
                HasSubstr("no version of pycrypto has one: build it on a machine with that platform"));
}

constexpr const char* unknown_name =
    "the package index has no package named pandsa-zz: check the spelling, and the name on https://pypi.org (it may "
    "differ from the name of the module)";

TEST_F(Install_Wheels_Test, unknown_name_is_not_a_missing_wheel_with_uv) {
    uv("echo 'Because pandsa-zz was not found in the package registry and you require pandsa-zz,' >&2; exit 1");
    const Error error = install_wheels({"pandsa-zz"}, {}, target()).error();
    EXPECT_EQ(error.code, "PackageNotFound");
    EXPECT_EQ(error.message, unknown_name);
    EXPECT_THAT(arguments(), Not(HasSubstr("--dry-run")));
}

/// pip's output for a name without versions, and for one without a wheel.
constexpr const char* pip_found_nothing =
    R"(*) echo 'ERROR: Could not find a version that satisfies the requirement pandsa-zz (from versions: none)' >&2 ;;
esac)";

TEST_F(Install_Wheels_Test, unknown_name_is_not_a_missing_wheel_with_pip) {
    pip("23.0.1", std::string(R"(case "$*" in
"index versions --ignore-requires-python --pre --disable-pip-version-check pandsa-zz")
    echo 'ERROR: No matching distribution found for pandsa-zz' >&2 ;;
)") + pip_found_nothing);
    const Error error = install_wheels({"pandsa-zz"}, {}, target()).error();
    EXPECT_EQ(error.code, "PackageNotFound");
    EXPECT_EQ(error.message, unknown_name);
}

TEST_F(Install_Wheels_Test, known_name_without_wheels_is_a_missing_wheel_with_pip) {
    pip("23.0.1", std::string("case \"$*\" in\nindex*) echo 'pandsa-zz (0.6.2)'; exit 0 ;;\n") + pip_found_nothing);
    const Error error = install_wheels({"pandsa-zz"}, {}, target()).error();
    EXPECT_EQ(error.code, "WheelNotFound");
    EXPECT_THAT(error.message, HasSubstr("no version of pandsa-zz has one"));
}

TEST_F(Install_Wheels_Test, other_failures_contain_the_installers_output) {
    uv("echo 'error: no space left' >&2; exit 2");
    const auto installed = install_wheels({"requests"}, {}, target());
    EXPECT_EQ(installed.error().code, "InstallFailed");
    EXPECT_THAT(installed.error().message, HasSubstr("exited with status 2: error: no space left"));
}

// std::regex overflowed the stack with such an output.
TEST_F(Install_Wheels_Test, long_output_of_an_installer_is_searched) {
    uv(R"(printf 'Because %01000000d\nrequirement %01000000d (from versions: 1)\n' 1 2 >&2; exit 1)");
    const Error error = install_wheels({"a"}, {}, target()).error();
    EXPECT_TRUE(error.code == "InstallFailed" || error.code == "WheelNotFound") << error.code;
}

TEST_F(Install_Wheels_Test, old_pip_is_not_called_with_dry_run) {
    pip("22.0.2",
        "echo 'ERROR: Could not find a version that satisfies the requirement scipy==9 (from versions: 1.13.1)' >&2");
    EXPECT_EQ(install_wheels({"scipy==9"}, {}, target()).error().message,
              "scipy==9 has no wheel for python3.11 on x86_64; request another version of scipy; pip 22.2 and newer "
              "can find a version that has a wheel");
}

TEST_F(Install_Wheels_Test, pip_without_a_connection_is_not_a_missing_wheel) {
    pip("23.0.1",
        R"(echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(1)': /simple/idna/" >&2
echo 'ERROR: Could not find a version that satisfies the requirement idna (from versions: none)' >&2)");
    const Error error = install_wheels({"idna"}, {}, target()).error();
    EXPECT_EQ(error.code, "InstallFailed");
    EXPECT_THAT(error.message, HasSubstr("SSLError"));
}

TEST_F(Install_Wheels_Test, rejects_options_and_unsupported_targets) {
    uv("exit 0");
    EXPECT_EQ(install_wheels({"--index-url=http://elsewhere"}, {}, target()).error().code, "InvalidRequirement");
    EXPECT_EQ(install_wheels({""}, {}, target()).error().code, "InvalidRequirement");
    EXPECT_EQ(install_wheels({"a"}, {"provided.al2023", "x86_64"}, target()).error().code, "InvalidRuntime");
    EXPECT_EQ(install_wheels({"a"}, {"python3.11", "riscv"}, target()).error().code, "InvalidArchitecture");
    EXPECT_FALSE(fs::exists(folder_.path() / "arguments"));
}

TEST_F(Install_Wheels_Test, missing_installer_fails_with_installer_not_found) {
    ::setenv("PATH", folder_.path().c_str(), 1);
    EXPECT_EQ(install_wheels({"a"}, {}, target()).error().code, "InstallerNotFound");
}

}  // namespace
}  // namespace osbot_aws::packing
