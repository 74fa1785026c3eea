"""Tests projects created by `osbot init`: builds, tests and deploys them as a new user would."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, cwd, env=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def init(engine, folder, *arguments):
    return subprocess.run([engine.osbot, "init", *arguments], cwd=folder, env=engine.environment, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module", params=["installed", "built"])
def command(request, osbot_path, tmp_path_factory):
    """Returns an osbot that is installed with the library, or one in its build folder, which also has the library."""
    build = osbot_path.parents[1]
    if not list(build.glob("**/libosbot_aws.a")):
        pytest.skip("the library is not built")
    if request.param == "built":
        return osbot_path
    folder = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", build, "--prefix", folder, "--component", "development", cwd=folder)
    (folder / "bin").mkdir()
    return pathlib.Path(shutil.copy(osbot_path, folder / "bin"))


def test_cpp_project_builds_passes_its_test_and_deploys(engine, command, tmp_path):
    """Uses only the commands that init prints, and PATH."""
    environment = {**engine.environment, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    build, test, deploy, invoke = json.loads(run("osbot", "init", "greeter", "--language", "cpp", "--json", cwd=tmp_path, env=environment))["next"]
    run("sh", "-c", build, cwd=tmp_path, env=environment)
    assert "100% tests passed" in run("sh", "-c", test, cwd=tmp_path, env={"OSBOT_AWS_TARGET": "", "HOME": str(tmp_path)})
    run("sh", "-c", deploy, cwd=tmp_path, env=environment)
    try:
        assert json.loads(run("sh", "-c", invoke, cwd=tmp_path, env=environment)) == {"greeting": "Hello, Ada!"}
        assert '"Hello, Ada!"' in run("greeter/build/greeter", cwd=tmp_path, env=environment)
    finally:
        engine.run("delete", "greeter")


def test_cmake_explains_a_missing_library(engine, tmp_path):
    init(engine, tmp_path, "greeter")
    done = subprocess.run(["cmake", "-S", "greeter", "-B", "build", "-DCMAKE_DISABLE_FIND_PACKAGE_osbot_aws=ON"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "-DCMAKE_PREFIX_PATH=PREFIX" in done.stderr and "-DOSBOT_AWS_SOURCE=FOLDER" in done.stderr


def test_cmake_uses_the_sources_of_the_library(engine, tmp_path):
    init(engine, tmp_path, "greeter")
    run("cmake", "-S", "greeter", "-B", "build", f"-DOSBOT_AWS_SOURCE={ROOT}", cwd=tmp_path)
    targets = run("cmake", "--build", "build", "--target", "help", cwd=tmp_path)
    assert "greeter" in targets and "greeter_test" in targets


def test_python_function_deploys_and_passes_its_test(engine, osbot_path, tmp_path):
    done = init(engine, tmp_path, "greeter", "--language", "python", "--folder", "lambdas/greeter", "--json")
    assert done.returncode == 0, done.stderr
    environment = {**engine.environment, "PATH": f"{osbot_path.parent}:{os.environ['PATH']}"}
    deploy, invoke = json.loads(done.stdout)["next"]
    try:
        run("sh", "-c", deploy, cwd=tmp_path, env=environment)
        assert json.loads(run("sh", "-c", invoke, cwd=tmp_path, env=environment)) == {"greeting": "Hello, Ada!"}
    finally:
        engine.run("delete", "greeter", check=False)
    package = osbot_path.parents[1] / "python"
    if not list(package.glob("osbot_aws/_core*")):
        pytest.skip("the Python package is not built")
    plugin = ["-p", "osbot_aws.testing.pytest_plugin"]  # an installed package registers this plugin automatically
    report = run(sys.executable, "-m", "pytest", "-q", *plugin, ".", cwd=tmp_path / "lambdas/greeter", env={"PYTHONPATH": str(package)})
    assert "2 passed" in report


@pytest.mark.parametrize("language", ["cpp", "python"])
def test_init_writes_nothing_if_a_file_exists(engine, tmp_path, language):
    (tmp_path / "greeter").mkdir()
    mine = tmp_path / "greeter" / "README.md"
    mine.write_text("mine")
    done = init(engine, tmp_path, "greeter", "--language", language)
    assert done.returncode == 1 and "README.md already exists" in done.stderr
    assert mine.read_text() == "mine" and [path.name for path in mine.parent.iterdir()] == ["README.md"]


@pytest.mark.parametrize("name, proposed", [("my-function", "my_function"), ("2fast", "f_2fast"), ("class", "class_function"), ("a/b", "a_b"), ("a b", "a_b")])
def test_invalid_name_is_rejected_with_a_proposal(engine, tmp_path, name, proposed):
    done = init(engine, tmp_path, name)
    assert done.returncode == 2 and f"'{proposed}'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_prints_the_next_commands(engine, tmp_path):
    build, *others = init(engine, tmp_path, "greeter").stdout.split("Next:\n  ")[1].splitlines()
    assert re.fullmatch(r"cmake -S greeter -B greeter/build( '?-D(CMAKE_PREFIX_PATH|OSBOT_AWS_SOURCE)=/.*)? && cmake --build greeter/build", build)
    assert [line.strip() for line in others] == ["ctest --test-dir greeter/build", "osbot deploy greeter/build/greeter", "osbot invoke greeter @greeter/event.json --logs"]


def test_init_passes_the_sources_if_the_library_is_not_built(engine, osbot_path, tmp_path):
    """The printed path is one shell word, even with spaces and quotes."""
    (tmp_path / "it's a build/bin").mkdir(parents=True)
    (tmp_path / "it's a source/include/osbot_aws").mkdir(parents=True)
    (tmp_path / "it's a build/CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={tmp_path}/it's a source\n")
    built = shutil.copy(osbot_path, tmp_path / "it's a build/bin")
    build = json.loads(run(built, "init", "greeter", "--json", cwd=tmp_path, env=engine.environment))["next"][0]
    assert f"-DOSBOT_AWS_SOURCE={tmp_path}/it's a source" in shlex.split(build)
