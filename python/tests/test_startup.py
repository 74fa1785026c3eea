"""What importing the package costs: what a program waits for before its first call."""
import pathlib
import subprocess
import sys

import pytest

import osbot_aws

PACKAGES = str(pathlib.Path(osbot_aws.path).resolve().parent)
# Each takes longer than all of this package does.
SLOW = {"asyncio", "boto3", "collections", "contextlib", "dataclasses", "email", "enum", "functools", "http", "importlib.util", "inspect", "json",
        "logging", "re", "subprocess", "tempfile", "threading", "typing", "urllib.parse", "zipfile"}


def loaded(statement):
    """The modules that a bare Python has after the statement."""
    program = f"import sys; sys.path.insert(0, {PACKAGES!r}); before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    return set(subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_package_imports_nothing_else():
    assert loaded("import osbot_aws") - loaded("import os") == {"osbot_aws"}


@pytest.mark.parametrize("name", ["aws.iam.IAM_Role.IAM_Role", "aws.lambda_.Lambda.Lambda", "aws.lambda_.Lambda_Layer.Lambda_Layer",
                                  "deploy.Deploy_Lambda.Deploy_Lambda"])
def test_a_class_needs_none_of_the_modules_that_are_slow_to_import(name):
    module, _, member = name.rpartition(".")
    assert loaded(f"from osbot_aws.{module} import {member}") & SLOW == set()
