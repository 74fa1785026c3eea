"""Fixtures for tests of code that calls AWS: a local engine in memory, fresh for each test or for the session.

While a test has one, the environment points every AWS client there: boto3, the command line, and this package.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from osbot_aws.core.Session import Session

REGION = "us-east-1"
# What an AWS client may find in an environment; a developer's own account must not be what a test reaches.
OTHER_TARGETS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_IAM",
                 "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
                 "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "OSBOT_AWS_TARGET", "OSBOT_LAMBDA_S3_BUCKET")


class Osbot_Local:
    """A local engine that is running."""

    def __init__(self, session: Session) -> None:
        self.session = session  # for `session_kwargs__lambda=` and its kin; the environment says the same
        self.endpoint_url: str = session.endpoint_url() or ""
        self.region_name = REGION

    def __repr__(self) -> str:
        return f"Osbot_Local({self.endpoint_url!r})"


def running_engine() -> Iterator[Osbot_Local]:
    """A local engine in memory, with an environment that points every AWS client at it; both go when the generator is resumed."""
    from osbot_aws.core.Session import Session  # here: the plugin is loaded for tests that don't use it, too

    with pytest.MonkeyPatch.context() as environment:
        for name in OTHER_TARGETS:
            environment.delenv(name, raising=False)
        engine = Osbot_Local(Session.in_memory())
        environment.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_REGION", REGION)
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        yield engine


@pytest.fixture
def osbot_local() -> Iterator[Osbot_Local]:
    """An engine in memory for this test alone; it ends with the test."""
    yield from running_engine()


@pytest.fixture(scope="session")
def osbot_local_session() -> Iterator[Osbot_Local]:
    """One engine for the whole run."""
    yield from running_engine()
