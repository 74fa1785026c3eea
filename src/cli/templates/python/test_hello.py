"""Runs the function as a Lambda, on a local engine in memory: the fixture osbot_local comes with osbot_aws."""

import pytest
from hello import handler
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


@pytest.fixture
def hello(osbot_local):
    deploy = Deploy_Lambda(handler, "hello")
    assert deploy.deploy(), deploy.last_error
    return deploy


def test_it_greets_by_name(hello):
    assert hello.invoke({"name": "Ada"}) == {"greeting": "Hello, Ada!"}


def test_without_a_name_it_greets_the_world(hello):
    assert hello.invoke({}) == {"greeting": "Hello, world!"}
