"""Tests the type annotations that editors and type checkers use."""
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


def run_type_checker(*command):
    """Runs a type checker in a folder where it finds the package like for a user, not in this source tree."""
    installed = PACKAGE.parent.name == "site-packages"  # mypy searches it automatically and rejects it in MYPYPATH
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"} | ({} if installed else {"MYPYPATH": str(PACKAGE.parent)})
    process = subprocess.run(command, cwd=HERE if installed else PACKAGE.parent, capture_output=True, text=True, check=False, env=environment)
    assert process.returncode == 0, process.stdout + process.stderr


def test_mypy_accepts_package_and_typed_calls(tmp_path):
    run_type_checker(sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "-p", "osbot_aws")
    run_type_checker(sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(HERE / "typed_calls.py"))


# These tests also run for each installed wheel, in environments that have only pytest; `make test` provides pyright.
@pytest.mark.skipif(shutil.which("pyright", path=os.path.dirname(sys.executable)) is None, reason="pyright is not installed")
def test_pyright_accepts_package_and_typed_calls():
    pyright = os.path.join(os.path.dirname(sys.executable), "pyright")
    run_type_checker(pyright, "--pythonpath", sys.executable, str(PACKAGE), str(HERE / "typed_calls.py"))


def test_stub_has_all_names_of_native_module():
    tree = ast.parse((PACKAGE / "_core.pyi").read_text())
    typed = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")}
    assert set(typed) == {name for name in dir(_core) if not name.startswith("_")}
    for name, node in typed.items():
        if isinstance(node, ast.ClassDef):
            assert members_of(node) == {member for member in vars(getattr(_core, name)) if not member.startswith("_")}


def members_of(node):
    """Lists the public methods and attributes of a class in the stub."""
    names = [member.name if isinstance(member, ast.FunctionDef) else member.target.id
             for member in node.body if isinstance(member, (ast.FunctionDef, ast.AnnAssign))]
    return {name for name in names if not name.startswith("_")}


def test_stub_types_the_keyword_arguments_of_all_settings():
    classes = {node.name: node for node in ast.parse((PACKAGE / "_core.pyi").read_text()).body if isinstance(node, ast.ClassDef)}
    assert members_of(classes["_Lambda_Values"]) | {"name"} == members_of(classes["Lambda_Settings"])
