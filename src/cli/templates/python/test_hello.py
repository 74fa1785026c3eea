"""Runs the function as a Lambda on an in-memory engine. The package osbot_aws provides the fixture osbot_local."""

import pytest
from hello import handler
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


@pytest.fixture
def hello(osbot_local):
    deploy = Deploy_Lambda(handler, "hello")
    assert deploy.deploy(), deploy.last_error
    return deploy


def test_greets_by_name(hello):
    assert hello.invoke({"name": "Ada"}) == {"greeting": "Hello, Ada!"}


def test_greets_the_world_without_a_name(hello):
    assert hello.invoke({}) == {"greeting": "Hello, world!"}
