#include "packing/python_installer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <sstream>
#include <thread>

#include "base/subprocess.hpp"
#include "packing/wheels.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr const char* no_pip = "echo 'No module named pip' >&2; exit 1";
constexpr const char* pip_version = "echo 'pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)'";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Only the programs that a test writes are on PATH. Each call is recorded as a line in the file `calls`.
class Python_Installer_Test : public testing::Test {
protected:
    Python_Installer_Test() {
        fs::create_directory(bin());
        ::setenv("PATH", bin().c_str(), 1);
        ::setenv("XDG_CACHE_HOME", cache().c_str(), 1);
    }
    ~Python_Installer_Test() override {
        ::setenv("PATH", path_.c_str(), 1);
        cache_before_.empty() ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", cache_before_.c_str(), 1);
    }

    void program(const fs::path& file, const std::string& script) const {
        fs::create_directories(file.parent_path());
        base::write_file(file, "#!/bin/sh\nPATH=/usr/bin:/bin\necho \"${0##*/} $*\" >> " +
                                   (folder_.path() / "calls").string() + "\n" + script + "\n")
            .value();
        fs::permissions(file, fs::perms::owner_all);
    }
    void program(const char* name, const std::string& script) const { program(bin() / name, script); }

    /// Writes an interpreter without pip that creates environments with the given pip.
    void python(const char* name, const std::string& venv, const std::string& pip_in_environment = pip_version) const {
        program(fs::path(folder_.path() / "template"), pip_in_environment);
        program(name, "case \"$*\" in\n*'-m pip'*) " + std::string(no_pip) + " ;;\n*'-m venv'*) " + venv +
                          " ;;\n*) printf python3.11 ;;\nesac");
    }
    std::string creates_environment() const {
        return "mkdir -p $4/bin && cp " + (folder_.path() / "template").string() + " $4/bin/python";
    }

    int calls(const std::string& part) const {
        const std::string all = base::read_file(folder_.path() / "calls").value();
        int count = 0;
        for (std::size_t at = all.find(part); at != std::string::npos; at = all.find(part, at + 1)) ++count;
        return count;
    }
    static std::string installer_name(const std::string& runtime = "python3.11") {
        return find_python_installer(runtime).value().name;
    }

    fs::path bin() const { return folder_.path() / "bin"; }
    fs::path cache() const { return folder_.path() / "cache"; }
    fs::path environment() const { return cache() / "osbot_aws/pip/python3.11"; }

    std::vector<std::string> names_in_cache() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(environment().parent_path()))
            names.push_back(entry.path().filename().string());
        return names;
    }

    const base::Temporary_Folder folder_;
    const std::string path_ = variable("PATH"), cache_before_ = variable("XDG_CACHE_HOME");
};

TEST_F(Python_Installer_Test, prefers_uv) {
    program("uv", "echo uv 0.5.14");
    program("python3.11", pip_version);
    const auto installer = find_python_installer("python3.11").value();
    EXPECT_TRUE(installer.uv);
    EXPECT_THAT(installer.command, ElementsAre((bin() / "uv").string(), "pip", "install"));
    EXPECT_EQ(calls("python3.11"), 0);
}

TEST_F(Python_Installer_Test, prefers_pip_of_the_runtimes_interpreter) {
    program("python3.11", pip_version);
    program("python3", pip_version);
    program("pip3", pip_version);
    const auto installer = find_python_installer("python3.11").value();
    EXPECT_FALSE(installer.uv);
    EXPECT_THAT(installer.command, ElementsAre((bin() / "python3.11").string(), "-I", "-m", "pip", "install"));
    EXPECT_EQ(installer_name("python3.12"), "python3 -m pip");
}

TEST_F(Python_Installer_Test, prefers_pip_on_path_over_an_environment) {
    python("python3", creates_environment());
    program("pip3", "exit 127");
    program("pip", pip_version);
    EXPECT_EQ(installer_name(), "pip");
    EXPECT_EQ(calls("venv"), 0);
}

TEST_F(Python_Installer_Test, skips_broken_and_old_programs) {
    program("uv", "echo uv 0.5.13");
    program("python3.11", "echo 'ImportError: cannot import name x' >&2; exit 1");
    program("python3", "echo 'pip 20.3 from /lib/pip (python 3.8)'");
    program("pip3", "echo 'pip 20.3.4 from /lib/pip (python 2.7)'");
    program("pip", "echo 'pip 20.3.4 from /lib/pip (python 3.9)'");
    const auto installer = find_python_installer("python3.11").value();
    EXPECT_EQ(installer.name, "pip");
    EXPECT_FALSE(installer.has_dry_run);
}

TEST_F(Python_Installer_Test, creates_an_environment_once) {
    python("python3.11", creates_environment());
    const auto installer = find_python_installer("python3.11").value();
    EXPECT_THAT(installer.command, ElementsAre((environment() / "bin/python").string(), "-I", "-m", "pip", "install"));
    EXPECT_EQ(installer.environment, nullptr);
    installer_name();
    EXPECT_EQ(calls("-m venv"), 1);
    EXPECT_THAT(names_in_cache(), UnorderedElementsAre("python3.11", "python3.11.lock"));
}

TEST_F(Python_Installer_Test, checks_one_interpreter_with_two_names_once) {
    python("python3", creates_environment());
    fs::create_symlink("python3", bin() / "python3.11");
    installer_name();
    EXPECT_EQ(calls("python3.11 -I -m pip --version") + calls("python3 -I -m pip --version"), 1);
}

TEST_F(Python_Installer_Test, recreates_a_broken_environment) {
    python("python3", creates_environment());
    program(environment() / "bin/python", "exit 1");
    fs::create_directories(environment() / "lib");
    EXPECT_THAT(installer_name(), HasSubstr(environment().string()));
    EXPECT_FALSE(fs::exists(environment() / "lib"));
    EXPECT_THAT(names_in_cache(), UnorderedElementsAre("python3.11", "python3.11.lock"));
}

TEST_F(Python_Installer_Test, removes_old_unfinished_environments) {
    python("python3", creates_environment());
    const fs::path young = environment().parent_path() / "unfinished1",
                   old = environment().parent_path() / "unfinished2";
    fs::create_directories(young / "replacement");
    fs::create_directories(old / "replacement");
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
    EXPECT_THAT(installer_name(), HasSubstr(environment().string()));
    EXPECT_TRUE(fs::exists(young));
    EXPECT_FALSE(fs::exists(old));
}

TEST_F(Python_Installer_Test, failed_venv_leaves_no_environment) {
    python("python3", creates_environment() + "; exit 1");
    EXPECT_FALSE(find_python_installer("python3.11"));
    EXPECT_THAT(names_in_cache(), ElementsAre("python3.11.lock"));
}

/// Returns whether a thread of any process waits for a lock of the file.
bool is_waited_for(const base::Unique_Fd& file) {
    struct stat info {};
    ::fstat(file.fd(), &info);
    std::istringstream locks(base::read_file("/proc/locks").value());
    for (std::string line; std::getline(locks, line);)
        if (line.find("-> FLOCK") != std::string::npos &&
            line.find(fmt::format(":{} ", info.st_ino)) != std::string::npos)
            return true;
    return false;
}

TEST_F(Python_Installer_Test, cancellation_ends_the_wait_for_another_process) {
    python("python3", creates_environment());
    fs::create_directories(environment().parent_path());
    const base::Unique_Fd other(::open((environment().string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(::flock(other.fd(), LOCK_EX), 0);
    const base::Unique_Fd cancellation(::eventfd(0, EFD_CLOEXEC));
    auto search = std::async(std::launch::async, [&] {
        base::cancellation_fd = cancellation.fd();
        return find_python_installer("python3.11");
    });
    while (!is_waited_for(other)) std::this_thread::yield();
    ::eventfd_write(cancellation.fd(), 1);
    const auto found = search.get();
    EXPECT_THAT(found, test_support::Fails_with("InstallerNotFound"));
    EXPECT_THAT(found.error().message, HasSubstr("the installation was cancelled"));
    EXPECT_EQ(calls("-m venv"), 0);
}

TEST_F(Python_Installer_Test, concurrent_searches_create_one_environment) {
    python("python3", "sleep 0.2; " + creates_environment());
    auto other = std::async(std::launch::async, [] { return installer_name(); });
    EXPECT_EQ(installer_name(), other.get());
    EXPECT_EQ(calls("-m venv"), 1);
}

TEST_F(Python_Installer_Test, updates_an_old_pip_in_the_environment) {
    python("python3", creates_environment(), R"(case "$*" in
*--upgrade*) touch "$0.new" ;;
*) [ -e "$0.new" ] && echo 'pip 25.0 from /x (python 3.8)' || echo 'pip 20.0.2 from /x (python 3.8)' ;;
esac)");
    EXPECT_THAT(installer_name(), HasSubstr(environment().string()));
}

TEST_F(Python_Installer_Test, uses_a_temporary_environment_without_a_cache) {
    python("python3", creates_environment());
    base::write_file(cache(), "not a folder").value();
    auto installer = find_python_installer("python3.11").value();
    ASSERT_NE(installer.environment, nullptr);
    const fs::path interpreter = installer.command.front();
    EXPECT_TRUE(fs::exists(interpreter));
    installer.environment.reset();
    EXPECT_FALSE(fs::exists(interpreter));
}

TEST_F(Python_Installer_Test, error_names_the_causes_and_three_solutions) {
    // The output of Debian 12.
    python("python3.11", R"(echo 'The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv
'; exit 1)");
    program("uv", "exit 127");
    const Error error = find_python_installer("python3.11").error();
    EXPECT_EQ(error.code, "InstallerNotFound");
    EXPECT_EQ(
        error.message,
        "installing packages from PyPI needs uv, pip or venv, and none of them works (uv: exited with status 127; "
        "python3.11 -m pip: No module named pip; python3.11 -m venv: The virtual environment was not created "
        "successfully because ensurepip is not available. On Debian/Ubuntu systems, you need to install the "
        "python3-venv package using the following command. apt install python3.11-venv). Install one of: uv "
        "(https://docs.astral.sh/uv/getting-started/installation/), pip (`apt install python3-pip`), venv (`apt "
        "install python3-venv`)");
    EXPECT_FALSE(fs::exists(environment()));
}

TEST_F(Python_Installer_Test, error_without_any_program_names_the_missing_programs) {
    EXPECT_THAT(find_python_installer("python3.11").error().message,
                HasSubstr("neither uv, pip nor python3 is on PATH"));
}

// ---- with a real interpreter and PyPI ----

/// The interpreter of this host, without its pip. It is resolved, because python3 on PATH may be a wrapper (pyenv).
class Real_Environment_Test : public Python_Installer_Test {
protected:
    void SetUp() override {
        ::setenv("PATH", path_.c_str(), 1);
        const auto real = base::run_program({.argv = {"python3", "-c", "import sys; print(sys.executable, end='')"}});
        const auto venv = base::run_program({.argv = {"python3", "-I", "-c", "import ensurepip, venv"}});
        ::setenv("PATH", bin().c_str(), 1);
        if (!real || !venv || venv->exit_code != 0) GTEST_SKIP() << "python3 has no venv and ensurepip";
        program("python3",
                "case \"$*\" in *'-m pip'*) " + std::string(no_pip) + " ;; esac\nexec " + real->output + " \"$@\"");
    }
};

TEST_F(Real_Environment_Test, installs_packages_with_pip_of_a_new_environment) {
    const fs::path target = folder_.path() / "target";
    install_wheels({"markupsafe==3.0.2"}, {"python3.12", "arm64"}, target).value();
    EXPECT_TRUE(fs::exists(target / "markupsafe/_speedups.cpython-312-aarch64-linux-gnu.so"));
    EXPECT_THAT(installer_name("python3.12"), HasSubstr("cache/osbot_aws/pip/python3."));
    EXPECT_EQ(calls("-m venv"), 1);

    const auto missing = install_wheels({"markupsafe==0.1"}, {"python3.12", "arm64"}, target);
    EXPECT_EQ(missing.error().code, "WheelNotFound");
}

}  // namespace
}  // namespace osbot_aws::packing
