"""Fixtures for tests of the installed package, or of the package that `make test` builds (PYTHONPATH=build/release/python)."""
import os
import signal
import sys

import pytest

from osbot_aws.testing.pytest_plugin import OTHER_TARGETS, osbot_local, osbot_local_session  # noqa: F401: imported, because pytest finds the plugin only in an installed package


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """Restores the default SIGINT handler, which the tests need: background jobs of a script inherit an ignored SIGINT."""
    previous_handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous_handler)


@pytest.fixture(autouse=True, scope="session")
def standard_input():
    """Replaces a closed standard input: IPython reads its encoding."""
    with pytest.MonkeyPatch.context() as patch, open(os.devnull) as empty:
        if sys.__stdin__ is None:
            patch.setattr(sys, "__stdin__", empty)
        yield


@pytest.fixture(autouse=True, scope="session")
def isolated_environment(tmp_path_factory):
    """Hides the developer's AWS account and local engine from the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name in (*OTHER_TARGETS, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "LAMBDA_SHELL__AUTH_KEY"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("OSBOT_AWS_RUNTIME_SUPPORT", "off")  # tests/functional/test_runtime_support.py tests it
        environment.setenv("OSBOT_AWS_STATE", str(tmp_path_factory.mktemp("state")))
        yield
