"""The fixtures of the functional tests, and programs and packages of other projects, which are installed when a test first needs them."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

FUNCTIONAL = pathlib.Path(__file__).resolve().parent.parent / "functional" / "conftest.py"
specification = importlib.util.spec_from_file_location("functional_conftest", FUNCTIONAL)
functional = importlib.util.module_from_spec(specification)
specification.loader.exec_module(functional)
globals().update({name: value for name, value in vars(functional).items() if not name.startswith("__")})

HERE = pathlib.Path(__file__).resolve().parent
BUILD = functional.ROOT / "build" / "clients"
FETCH_S, BUILD_S = 900, 1800  # on two slow processors


def program_or_skip(name):
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def fetch(command, **options):
    """Runs a command that downloads packages. Skips the test if they cannot be had on this host."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=FETCH_S, **options)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        pytest.skip(f"cannot download packages with {pathlib.Path(command[0]).name}: {lines[-1]}")


def build(command, **options):
    """Runs a compiler, whose failure fails the test."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=BUILD_S, **options)
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"


def create_function(functions, name, zip, handler=""):
    """Creates a function whose program selects its handler by the variable HANDLER."""
    return functions.create(name, zip, "provided.al2023", "bootstrap", Timeout=10, Environment={"Variables": {"HANDLER": handler}})


def log_of(engine, function):
    """Returns the log of a function; "" if it has not run yet."""
    return engine.run("logs", function, "--lines", 200, check=False).stdout


@pytest.fixture(scope="session")
def programs():
    """Returns the folder with the programs of requirements.txt."""
    folder = functional.ROOT / "build" / "venv_clients"
    fetch([functional.ROOT / "tools/make_venv", folder, HERE / "requirements.txt"])
    return folder / "bin"


@pytest.fixture(scope="session")
def function_packages():
    """Returns a folder with the packages of function_packages.txt."""
    pins, folder = HERE / "function_packages.txt", BUILD / "packages"
    stamp = folder / ".pins"
    if not stamp.exists() or stamp.read_text() != pins.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        fetch([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, "--requirement", pins])
        stamp.write_text(pins.read_text())
    return folder


@pytest.fixture(scope="session")
def go_programs():
    """Returns the folder with the Go programs `function` and `sdk`."""
    go, environment = program_or_skip("go"), {**os.environ, "CGO_ENABLED": "0"}
    fetch([go, "mod", "download"], cwd=HERE / "go", env=environment)
    BUILD.mkdir(parents=True, exist_ok=True)
    build([go, "build", "-o", str(BUILD / "go") + "/", "./..."], cwd=HERE / "go", env=environment)
    return BUILD / "go"


@pytest.fixture(scope="session")
def rust_function():
    """Returns the program of the folder `rust`."""
    cargo = program_or_skip("cargo")
    fetch([cargo, "fetch", "--locked"], cwd=HERE / "rust")
    build([cargo, "build", "--locked", "--offline", "--target-dir", BUILD / "rust"], cwd=HERE / "rust")
    return BUILD / "rust/debug/rust_function"


@pytest.fixture(scope="session")
def web_adapter():
    """Returns AWS's Lambda Web Adapter, built from its crate with its own Cargo.lock."""
    cargo, version = program_or_skip("cargo"), "1.0.0-rc1"
    fetch([cargo, "info", f"lambda_web_adapter@{version}"], cwd=HERE / "rust")
    # Without debug information, with which the program is larger than a layer may be. With the release profile, the build takes minutes.
    build([cargo, "install", "lambda_web_adapter", "--version", version, "--locked", "--debug", "--bin", "lambda-adapter",
           "--root", BUILD / "adapter", "--target-dir", BUILD / "rust"], env={**os.environ, "CARGO_PROFILE_DEV_DEBUG": "0"})
    return BUILD / "adapter/bin/lambda-adapter"
