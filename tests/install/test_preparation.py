"""Tests tools/install_dependencies and tools/check_machine with fake programs and files, and the tools that report test runs."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
PROGRAMS = ["bash", "env", "grep", "sed", "dirname", "mktemp", "rm", "tail", "tr", "cat", "awk", "df"]
DPKG = '[ "$1" = -W ] && cat "$FAKE/installed"'
COMPARE = 'exec /usr/bin/dpkg "$@"'
POLICY = 'echo "$2:"; echo "  Installed: (none)"; echo "  Candidate: $(sed -n "s/^$2 //p" "$FAKE/offered" | grep . || echo "(none)")"'
APT_GET = 'echo "$@" >>"$FAKE/calls"; if [ "$1" = update ]; then cat "$FAKE/update" 2>/dev/null || true; else exit "$(cat "$FAKE/install" 2>/dev/null || echo 0)"; fi'


class Fake_System(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="osbot_preparation."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for name in PROGRAMS:
            (self.bin / name).symlink_to(shutil.which(name))
        self.environment = {"PATH": str(self.bin), "FAKE": str(self.folder)}

    def program(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run_tool(self, name, *arguments, **environment):
        return subprocess.run([TOOLS / name, *map(str, arguments)], env={**self.environment, **environment}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30)

    def fails_with_one_line(self, done, *parts):
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)


@unittest.skipUnless(shutil.which("dpkg"), "compares versions with dpkg, which is not installed")
class Install_Dependencies_Test(Fake_System):
    def setUp(self):
        super().setUp()
        self.program("dpkg-query", DPKG)
        self.program("dpkg", COMPARE)
        self.program("apt-cache", POLICY)
        self.program("apt-get", APT_GET)
        self.user(0)
        self.installed("cmake 3.25.1")
        self.offered("cmake 3.25.1", "ninja-build 1.11", "libboost-dev 1.74.0.3", "libboost1.81-dev 1.81.0-5", "libcurl4t64 8.14")

    def user(self, number):
        self.program("id", f"echo {number}")

    def installed(self, *packages):
        (self.folder / "installed").write_text("".join(f"installed {package}\n" for package in packages))

    def offered(self, *packages):
        (self.folder / "offered").write_text("".join(f"{package}\n" for package in packages))

    def install(self, *entries):
        packages = self.folder / "packages.txt"
        packages.write_text("# a comment\n\n" + "".join(f"{entry}\n" for entry in entries))
        return self.run_tool("install_dependencies", packages)

    def calls(self):
        calls = self.folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def silently_succeeds(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.calls(), [])

    def test_installed_packages_need_neither_root_nor_output(self):
        self.user(1000)
        self.installed("cmake 3.25.1", "libboost1.81-dev 1.81.0-5", "libcurl4t64 8.14")
        self.silently_succeeds(self.install("cmake", "libboost-dev>=1.81|libboost1.81-dev", "libcurl4|libcurl4t64", "nodejs?cat"))

    def test_newer_version_satisfies_entry(self):
        self.installed("libboost-dev 1.83.0.2+b2")
        self.silently_succeeds(self.install("libboost-dev>=1.81|libboost1.81-dev"))

    def test_installs_first_alternative_that_apt_offers(self):
        self.installed("cmake 3.25.1", "libboost-dev 1.74.0.3")
        done = self.install("cmake", "ninja-build", "libboost-dev>=1.81|libboost1.81-dev", "libcurl4|libcurl4t64")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "installing 3 packages: ninja-build libboost1.81-dev libcurl4t64\n")
        self.assertEqual(self.calls(), ["update", "install -y --no-install-recommends ninja-build libboost1.81-dev libcurl4t64"])

    def test_user_without_sudo_sees_the_command_for_root(self):
        self.user(1000)
        done = self.install("cmake", "ninja-build", "libboost-dev>=1.81|libboost1.81-dev")
        self.fails_with_one_line(done, "apt-get install -y --no-install-recommends ninja-build libboost1.81-dev\n")
        self.assertEqual(self.calls(), [])

    def test_sudo_with_a_password_prompt_is_not_used(self):
        self.user(1000)
        self.program("sudo", "exit 1")
        self.fails_with_one_line(self.install("ninja-build"), "run as root: apt-get install")

    def test_user_with_sudo_installs(self):
        self.user(1000)
        self.program("sudo", '[ "$1" != -n ] || shift; exec "$@"')
        self.program("true", "exit 0")
        self.assertEqual(self.install("ninja-build").returncode, 0)
        self.assertEqual(self.calls(), ["update", "install -y --no-install-recommends ninja-build"])

    def test_unreachable_registry_is_a_one_line_error(self):
        self.offered()
        (self.folder / "update").write_text("Ign:1 http://registry.example x InRelease\nErr:1 http://registry.example x InRelease\n"
                                            "  Temporary failure resolving 'registry.example'\n" + "W: Some index files failed to download.\n" * 9)
        self.fails_with_one_line(self.install("ninja-build"), "cannot install packages: apt-get update failed:",
                                 "Temporary failure resolving 'registry.example'", "check the network")
        self.assertEqual(self.calls(), ["update"])

    def test_one_unreachable_registry_of_several_is_ignored(self):
        (self.folder / "update").write_text("W: Failed to fetch http://registry.example\n")
        self.assertEqual(self.install("ninja-build").returncode, 0)

    def test_package_unknown_to_apt_is_a_one_line_error(self):
        self.fails_with_one_line(self.install("clang-format-14"), "apt does not offer clang-format-14")

    def test_failed_install_is_a_one_line_error(self):
        (self.folder / "install").write_text("100")
        done = self.install("ninja-build")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertIn("apt-get install failed", done.stderr)

    def test_system_without_apt_prints_a_note_and_continues(self):
        (self.bin / "apt-get").unlink()
        tools = self.folder / "tree/tools" # a tree that was never configured
        tools.mkdir(parents=True)
        shutil.copy(TOOLS / "install_dependencies", tools)
        (tools / "packages.txt").write_text("cmake\n")
        done = subprocess.run([tools / "install_dependencies"], env=self.environment, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (0, "", 1))
        self.assertIn("tools/packages.txt", done.stderr)
        (tools.parent / "build/release").mkdir(parents=True)
        (tools.parent / "build/release/build.ninja").touch()
        done = subprocess.run([tools / "install_dependencies"], env=self.environment, text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Check_Machine_Test(Fake_System):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        self.memory(available_mb=8000)
        self.environment["OSBOT_MACHINE_ROOT"] = str(self.root)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def memory(self, available_mb, swap_mb=0):
        self.write("proc/meminfo", f"MemTotal: 16000000 kB\nMemAvailable:   {available_mb * 1000000 // 1024} kB\nSwapFree: {swap_mb * 1000000 // 1024} kB\n")

    def check(self, *checks, **environment):
        return self.run_tool("check_machine", *checks, **environment)

    def passes(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def compiler(self, name, *macros):
        self.program(name, "cat <<END\n" + "\n".join(f"#define {macro}" for macro in macros) + "\nEND")

    def test_check_reads_the_real_files_of_the_host(self):
        done = self.check("memory", OSBOT_MACHINE_ROOT="")
        self.assertIn(done.returncode, (0, 1))
        self.assertLessEqual(done.stderr.count("\n"), 1)

    def test_check_rejects_little_memory(self):
        self.memory(available_mb=1500)
        self.fails_with_one_line(self.check("memory"), "too little memory: 1499 MB available", "2000 MB")

    def test_swap_counts_as_memory(self):
        self.memory(available_mb=1500, swap_mb=1000)
        self.passes(self.check("memory"))

    def test_check_rejects_low_control_group_limits(self):
        for lines, file in [("0::/", "memory.max"), ("0::/a/b", "a/memory.max"), ("4:memory:/", "memory/memory.limit_in_bytes"),
                            ("0::/", "memory.max"), ("4:memory:/docker/x\n0::/", "memory/memory.limit_in_bytes")]:
            with self.subTest(lines=lines, file=file):
                shutil.rmtree(self.root / "sys", ignore_errors=True)
                self.write("proc/self/cgroup", lines + "\n")
                self.write(f"sys/fs/cgroup/{file}", "1073741824\n")
                self.fails_with_one_line(self.check("memory"), "the control group allows 1073 MB")

    def test_check_accepts_unlimited_or_no_control_groups(self):
        self.write("proc/self/cgroup", "4:memory:/x\n0::/y\n")
        self.passes(self.check("memory"))
        self.write("sys/fs/cgroup/y/memory.max", "max\n")
        self.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
        self.passes(self.check("memory"))

    def test_check_passes_without_proc(self):
        shutil.rmtree(self.root)
        self.passes(self.check("memory"))

    def test_check_rejects_little_disk_space(self):
        (self.bin / "df").unlink()
        self.program("df", "echo 'Filesystem 1MB-blocks Used Available Capacity Mounted on'; echo /dev/x 9000 8700 300 97% /")
        self.fails_with_one_line(self.check("disk"), "too little disk space: 300 MB available")
        self.passes(self.check("disk", OSBOT_CHECK_MACHINE="off"))

    def test_check_rejects_old_compilers(self):
        self.compiler("c++", "__GNUC__ 11")
        self.fails_with_one_line(self.check("compiler"), "c++ is g++ 11, the build needs g++ 12")
        self.compiler("clang++-13", "__GNUC__ 4", "__clang_major__ 13")
        self.fails_with_one_line(self.check("compiler", CXX="clang++-13"), "clang++-13 is clang 13")

    def test_check_accepts_supported_or_no_compilers(self):
        self.passes(self.check("compiler"))
        self.compiler("c++", "__GNUC__ 12")
        self.passes(self.check())
        self.compiler("clang++", "__GNUC__ 4", "__clang_major__ 19")
        self.passes(self.check("compiler", CXX="clang++ -stdlib=libstdc++"))


class Reports_Test(Fake_System):
    LOG = """Start testing: now
----------------------------------------------------------
1/3 Testing: A.b
1/3 Test: A.b
Command: "/t" "--gtest_filter=A.b"
Directory: /b
"A.b" start time: now
Output:
----------------------------------------------------------
[ RUN      ] A.b
/t.cpp:2: Skipped
no namespaces: EPERM
[  SKIPPED ] A.b (0 ms)
<end of output>
Test time =   0.01 sec
----------------------------------------------------------
2/3 Testing: script
2/3 Test: script
Command: "/script"
Directory: /b
"script" start time: now
Output:
----------------------------------------------------------
preparing
no images on this host
<end of output>
Test time =   0.01 sec
----------------------------------------------------------
3/3 Testing: passed
3/3 Test: passed
Command: "/passed"
Directory: /b
"passed" start time: now
Output:
----------------------------------------------------------
no images on this host
<end of output>
"""

    def test_skips_are_counted_by_reason(self):
        logs = self.folder / "build/Testing/Temporary"
        logs.mkdir(parents=True)
        (logs / "LastTest.log").write_text(self.LOG)
        (logs / "LastTestsDisabled.log").write_text("1:A.b\n2:script\n")
        pytest = self.folder / "pytest.log"
        pytest.write_text("ss.\nSKIPPED [2] tests/x.py:5: no namespaces: EPERM\nSKIPPED [1] tests/y.py: no gdb\n1 passed, 3 skipped in 0.01s\n")
        self.environment["PATH"] = os.environ["PATH"]
        self.assertEqual(self.run_tool("count_skips", self.folder / "build", pytest, self.folder / "absent").stdout,
                         "skipped tests: 5\n  3 x no namespaces: EPERM\n  1 x no gdb\n  1 x no images on this host\n")

    def test_run_tests_runs_all_suites_and_lists_skips_last(self):
        tools = self.folder / "bin"
        python = self.folder / "venv/bin/python"
        python.parent.mkdir(parents=True)
        scripts = {tools / "ctest": "exit 8", python: f"""
            [[ $1 == -m ]] || exec {sys.executable} "$@"
            echo "SKIPPED [1] tests/x.py:5: this host refuses memory cgroups: $1"
            [[ $4 != python/tests ]]"""}
        for path, text in scripts.items():
            path.write_text(f"#!/bin/bash\n{text}\n")
            path.chmod(0o755)
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"
        done = self.run_tool("run_tests", self.folder / "build", self.folder / "venv", "2")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.endswith("skipped tests: 2\n  2 x this host refuses memory cgroups: -m\n"), done.stdout + done.stderr)

    def test_timed_shell_records_seconds_and_returns_the_exit_code(self):
        times = self.folder / "times"
        self.environment.update(PATH=os.environ["PATH"], OSBOT_TIMES=str(times))
        done = self.run_tool("timed_shell", "-eu", "-c", "echo out\necho err >&2; exit 3")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "out\n", "err\n"))
        self.assertRegex(times.read_text(), r"^\d+\.\d+\t[\d.]+\techo out echo err >&2; exit 3\n$")


if __name__ == "__main__":
    unittest.main()
