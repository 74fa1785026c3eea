"""Fixtures for tests of code that calls AWS: a local engine in memory, new for each test or shared by the session.

While a test uses a fixture, the environment points all AWS clients at it: boto3, the AWS CLI, and this package.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from osbot_aws.core.Checked_Attributes import Checked_Attributes

if TYPE_CHECKING:
    from osbot_aws.core.Session import Session

REGION = "us-east-1"
# Variables that select a target; they are removed so that a test never reaches the developer's own account.
OTHER_TARGETS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_IAM",
                 "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
                 "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "OSBOT_AWS_TARGET", "OSBOT_LAMBDA_S3_BUCKET")


class Osbot_Local(Checked_Attributes):
    """Describes a running local engine."""

    def __init__(self, session: Session) -> None:
        self.session = session  # for session_kwargs__lambda= and similar arguments; the environment has the same target
        self.endpoint_url: str = session.endpoint_url() or ""
        self.region_name = REGION

    def __repr__(self) -> str:
        return f"Osbot_Local({self.endpoint_url!r})"


def running_engine() -> Iterator[Osbot_Local]:
    """Starts a local engine in memory and points all AWS clients at it.

    The engine and the environment variables are removed when the generator resumes.
    """
    from osbot_aws.core.Session import Session  # not at the top: pytest loads the plugin in all projects

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
    """Starts an engine in memory for one test and stops it after the test."""
    yield from running_engine()


@pytest.fixture(scope="session")
def osbot_local_session() -> Iterator[Osbot_Local]:
    """Starts one engine in memory for the whole test session."""
    yield from running_engine()
