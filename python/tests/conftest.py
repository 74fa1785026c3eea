"""The package as it is installed, or as `make test` built it (PYTHONPATH=build/release/python)."""
import os
import signal

import pytest

from osbot_aws.testing.pytest_plugin import OTHER_TARGETS, osbot_local, osbot_local_session  # noqa: F401: when not installed


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """Tests interrupt this process and its children. A job in the background of a script inherits an ignored SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True, scope="session")
def nothing_of_this_machine(tmp_path_factory):
    """Neither the developer's account nor an engine of theirs."""
    with pytest.MonkeyPatch.context() as environment:
        for name in (*OTHER_TARGETS, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "LAMBDA_SHELL__AUTH_KEY"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("OSBOT_AWS_STATE", str(tmp_path_factory.mktemp("state")))
        yield
