"""The types that editors and checkers see are there, and true."""
import ast
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import osbot_aws
from osbot_aws import _core

PACKAGE = pathlib.Path(osbot_aws.__file__).parent
HERE = pathlib.Path(__file__).parent


def checked(*command):
    """From another folder: the package is found as users find it, not as a folder of this tree."""
    installed = PACKAGE.parent.name == "site-packages"  # where mypy looks by itself, and wants not to be told
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"} | ({} if installed else {"MYPYPATH": str(PACKAGE.parent)})
    ended = subprocess.run(command, cwd=HERE if installed else PACKAGE.parent, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_mypy_is_content_with_the_package_and_its_use(tmp_path):
    checked(sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "-p", "osbot_aws")
    checked(sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(HERE / "typed_calls.py"))


# The package's tests also run where a wheel was installed, with each Python, which has pytest alone; `make test` has pyright.
@pytest.mark.skipif(shutil.which("pyright", path=os.path.dirname(sys.executable)) is None, reason="pyright is not installed")
def test_pyright_is_content_with_the_package_and_its_use():
    pyright = os.path.join(os.path.dirname(sys.executable), "pyright")
    checked(pyright, "--pythonpath", sys.executable, str(PACKAGE), str(HERE / "typed_calls.py"))


def test_the_stub_of_the_native_module_has_just_its_names():
    tree = ast.parse((PACKAGE / "_core.pyi").read_text())
    typed = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert set(typed) == {name for name in dir(_core) if not name.startswith("_")}
    for name, node in typed.items():
        if isinstance(node, ast.ClassDef):
            members = {member.name for member in node.body if isinstance(member, ast.FunctionDef)}
            assert members == {member for member in vars(getattr(_core, name)) if not member.startswith("_")}
