"""Tests that importing the package loads no slow modules, which would delay the first call of a program."""
import pathlib
import subprocess
import sys

import pytest

import osbot_aws

PACKAGES = str(pathlib.Path(osbot_aws.path).resolve().parent)
# Importing any of these takes longer than importing this whole package.
SLOW = {"asyncio", "boto3", "collections", "contextlib", "dataclasses", "email", "enum", "functools", "http", "importlib.util", "inspect", "json",
        "logging", "re", "subprocess", "tempfile", "threading", "typing", "urllib.parse", "zipfile"}


def modules_loaded_by(statement):
    """Returns the modules that the statement loads in a bare Python."""
    program = f"import sys; sys.path.insert(0, {PACKAGES!r}); before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    return set(subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True).stdout.split())


def test_package_import_loads_no_other_module():
    assert modules_loaded_by("import osbot_aws") - modules_loaded_by("import os") == {"osbot_aws"}


@pytest.mark.parametrize("name", ["aws.iam.IAM_Role.IAM_Role", "aws.lambda_.Lambda.Lambda", "aws.lambda_.Lambda_Layer.Lambda_Layer",
                                  "deploy.Deploy_Lambda.Deploy_Lambda"])
def test_class_import_loads_no_slow_module(name):
    module, _, member = name.rpartition(".")
    assert modules_loaded_by(f"from osbot_aws.{module} import {member}") & SLOW == set()
