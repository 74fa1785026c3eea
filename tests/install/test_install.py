"""Checks the installed files: builds users' projects with them and runs their functions.

Usage: OSBOT_BUILD=build/release python3 tests/install/test_install.py
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

BUILD = pathlib.Path(os.environ["OSBOT_BUILD"]).resolve()
OUTSIDE = pathlib.Path(__file__).resolve().parent / "outside"
SOURCE = OUTSIDE.parents[2]
FETCHING = f"""cmake_minimum_required(VERSION 3.25)
project(fetching CXX)
include(FetchContent)
FetchContent_Declare(osbot_aws SOURCE_DIR {SOURCE})
FetchContent_MakeAvailable(osbot_aws)
if(OSBOT_TESTS OR OSBOT_COMMAND OR OSBOT_INSTALL OR TARGET osbot)
    message(FATAL_ERROR "more than the library was added")
endif()
add_library(greeting OBJECT {OUTSIDE}/main.cpp)
target_link_libraries(greeting PRIVATE osbot_aws::osbot_aws)
"""
COMPILER_MAJOR = int(subprocess.check_output(["g++", "-dumpversion"], text=True).split(".")[0])
HANDLER_ZIP_BYTES_MAX = 9 << 19 if COMPILER_MAJOR <= 12 else 5 << 20  # the standard library of newer compilers is larger
# Measured: 0.3 KB for all headers of events, and 6 KB for a handler of SQS events.
UNUSED_EVENTS_BYTES_MAX, SQS_EVENTS_BYTES_MAX = 2 << 10, 16 << 10
QUEUE_HANDLER = """
osbot_aws::Json drain(const osbot_aws::Json& event, const osbot_aws::Context&) {
    return osbot_aws::events::process_each(event.get<osbot_aws::events::Sqs_Event>(),
                                           [](const osbot_aws::events::Sqs_Record& record) { std::cout << record.body; });
}
const auto& drain_is_registered = osbot_aws::handler<drain>;
"""


def run(*command, cwd=None, **environment):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


class Install_Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="osbot_install."))
        first = cls.work / "first"
        run("cmake", "--install", BUILD, "--prefix", first, "--strip")
        # The installed tree must be relocatable, so the tests use it after a move.
        cls.prefix = first.rename(cls.work / "moved")
        cls.pkg_config_path = next(cls.prefix.rglob("pkgconfig"))
        cls.environment = {"OSBOT_AWS_TARGET": "local", "OSBOT_AWS_RUNTIME_SUPPORT": "off", "OSBOT_AWS_STATE": str(cls.work / "state"), "XDG_CACHE_HOME": str(cls.work / "cache")}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    def assert_deploys_and_responds(self, program):
        output = run(program, **self.environment)
        self.assertIn('"Hello, Ada!"', output)
        self.assertLessEqual(int(re.search(r"CodeSize (\d+)", output)[1]), HANDLER_ZIP_BYTES_MAX)

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, PKG_CONFIG_PATH=str(self.pkg_config_path)).split()

    def compile(self, program, *packages, compiler="g++"):
        self.compile_file(OUTSIDE / f"{program.name}.cpp", program, *packages, compiler=compiler)

    def compile_file(self, source, program, *packages, compiler="g++"):
        run(compiler, "-std=c++20", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", program, *self.pkg_config("--cflags", "--libs", *packages))

    def zip_bytes(self, name, source):
        """Compiles the text and returns the size of the zip of its handler `greeting`."""
        (self.work / f"{name}.cpp").write_text(source)
        self.compile_file(self.work / f"{name}.cpp", self.work / name, "osbot_aws")
        output = run(self.prefix / "bin/osbot", "package", self.work / name, "--handler", "greeting", "-o", self.work / f"{name}.zip", "--json", **self.environment)
        return json.loads(output)["bytes"]

    def test_program_contains_only_the_events_it_uses(self):
        plain = (OUTSIDE / "main.cpp").read_text()
        headers = sorted(file.name for file in (self.prefix / "include/osbot_aws/events").iterdir())
        self.assertIn("Sqs_Event.hpp", headers)
        included = "".join(f"#include <osbot_aws/events/{header}>\n" for header in headers) + plain
        without, unused, used = [self.zip_bytes(name, source) for name, source in
                                 (("plain", plain), ("unused", included), ("used", included + QUEUE_HANDLER))]
        self.assertLessEqual(without, HANDLER_ZIP_BYTES_MAX)
        with zipfile.ZipFile(self.work / "plain.zip") as packed:
            self.assertEqual([name for name in packed.namelist() if "libm.so" in name], [])
        self.assertLessEqual(unused - without, UNUSED_EVENTS_BYTES_MAX)
        self.assertLessEqual(used - unused, SQS_EVENTS_BYTES_MAX)

    def test_cmake_project_deploys_a_function(self):
        build = self.work / "cmake"
        run("cmake", "-S", OUTSIDE, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.assert_deploys_and_responds(build / "greeting")
        self.assertIn("[  PASSED  ] 1 test.", run(build / "greeting_test", **self.environment))

    def test_fetch_content_builds_only_the_library(self):
        project = self.work / "fetching"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(FETCHING)
        run("cmake", "-S", project, "-B", project / "build", "-G", "Ninja")
        # Builds the object and its dependencies; building the library as well would take minutes.
        run("cmake", "--build", project / "build", "--target", "greeting")
        libraries = re.findall(r"static library \S*lib(\w+)\.a", run("cmake", "--build", project / "build", "--", "-n"))
        self.assertEqual([name for name in libraries if name != "osbot_aws"], [])

    def test_find_package_rejects_another_version(self):
        project = self.work / "newer"
        project.mkdir()
        (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(newer CXX)\nfind_package(osbot_aws 99 REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, "compatible with requested version \"99\""):
            run("cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_pkg_config_builds_a_program_and_its_test(self):
        self.compile(self.work / "main", "osbot_aws")
        self.assert_deploys_and_responds(self.work / "main")
        self.compile(self.work / "greeting_test", "osbot_aws_gtest_main")
        self.assertIn("[  PASSED  ] 1 test.", run(self.work / "greeting_test", **self.environment))

    def test_clang_builds_programs_with_the_installed_library(self):
        # The name of a handler is parsed from text that differs between clang and g++.
        for compiler in filter(shutil.which, ["clang++-14", "clang++-16", "clang++-19"]):
            with self.subTest(compiler=compiler):
                self.compile(self.work / "main", "osbot_aws", compiler=compiler)
                self.assert_deploys_and_responds(self.work / "main")

    def test_command_and_packages_have_the_same_version(self):
        version = self.pkg_config("--modversion", "osbot_aws")[0]
        self.assertEqual(run(self.prefix / "bin/osbot", "version").strip(), f"osbot {version}")
        self.assertIn(version, (self.prefix / "share/man/man1/osbot.1").read_text().splitlines()[0])

    def test_container_examples_use_existing_options(self):
        text = "\n".join(file.read_text() for file in sorted((SOURCE / "examples/containers").iterdir()))
        text = re.sub(r'", *"', " ", text)  # ["osbot", "local"] is `osbot local`
        commands = [command.split() for command in re.findall(r"(?:^|[\s\"'/])osbot ((?:[a-z]+ ?)+(?:--.*)?)", text)]
        self.assertIn(["local", "status"], [command[:2] for command in commands])
        for command in commands:
            words = [word for word in command if not word.startswith("-")]
            names = words[:2] if words[0] == "local" else words[:1]
            usage = run(self.prefix / "bin/osbot", *names, "--help")
            for option in re.findall(r"--[a-z-]+", " ".join(command)):
                self.assertIn(option, usage, command)

    def test_manuals_completions_and_license_are_installed(self):
        for path in ["share/man/man1/osbot-deploy.1", "share/bash-completion/completions/osbot", "share/zsh/site-functions/_osbot",
                     "share/fish/vendor_completions.d/osbot.fish", "share/doc/osbot_aws/LICENSE", "share/doc/osbot_aws/NOTICE"]:
            self.assertTrue((self.prefix / path).stat().st_size > 0, path)

    def test_installed_files_contain_no_build_paths(self):
        for file in self.prefix.rglob("*"):
            if file.is_file() and file.suffix in {".cmake", ".pc", ".hpp", ".1", ".fish"}:
                text = file.read_text()
                self.assertNotIn(str(BUILD), text, file)
                self.assertNotIn(str(self.work / "first"), text, file)

    def test_uninstall_removes_all_files_and_its_folders(self):
        prefix, manifest = self.work / "again", self.work / "install_manifest.txt"
        output = run("cmake", "--install", BUILD, "--prefix", prefix)
        manifest.write_text("".join(f"{path}\n" for path in re.findall(r"^-- Installing: (.+)$", output, re.M) if pathlib.Path(path).is_file()))
        missing = prefix / "bin/osbot"
        missing.unlink()
        removed = len(manifest.read_text().splitlines()) - 1
        output = run("cmake", f"-DMANIFEST={manifest}", "-P", pathlib.Path(__file__).parents[2] / "cmake/uninstall.cmake")
        self.assertEqual(output.splitlines(), [f"-- not found: {missing}", f"-- {removed} files removed"])
        self.assertEqual([path for path in prefix.rglob("*") if path.is_file()], [])
        self.assertEqual(list(prefix.rglob("osbot_aws")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
