"""Tests versions, aliases, reserved concurrency and tags of functions with boto3."""

import collections
import concurrent.futures

import botocore.exceptions
import pytest

from conftest import Functions, zip_of
from test_boto3_lambda import error_of

RETURNS = "def handler(event, context):\n    return [%r, context.function_version, context.invoked_function_arn]\n"


@pytest.fixture
def two_versions(functions):
    """A function whose version 1 returns "one" and whose version 2 and $LATEST return "two"."""
    name = functions.python("two-versions", RETURNS % "one", Publish=True)
    second = functions.lambda_.update_function_code(FunctionName=name, ZipFile=zip_of({"app.py": RETURNS % "two"}), Publish=True)
    assert second["Version"] == "2" and second["FunctionArn"].endswith(":two-versions:2")
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    return name


def test_versions_retain_code_and_have_their_number(functions, two_versions):
    arn = "arn:aws:lambda:us-east-1:000000000000:function:two-versions"
    for qualifier, expected in (("1", "one"), ("2", "two")):
        payload, response = functions.invoke(two_versions, Qualifier=qualifier)
        assert payload == [expected, qualifier, f"{arn}:{qualifier}"]
        assert response["ExecutedVersion"] == qualifier
    assert functions.invoke(f"{two_versions}:1")[0][0] == "one"
    assert functions.invoke(two_versions)[0] == ["two", "$LATEST", arn]
    listed = functions.lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=two_versions, PaginationConfig={"PageSize": 1})
    assert [v["Version"] for page in listed for v in page["Versions"]] == ["$LATEST", "1", "2"]
    everything = functions.lambda_.list_functions(FunctionVersion="ALL")["Functions"]
    assert [f["Version"] for f in everything if f["FunctionName"] == two_versions] == ["$LATEST", "1", "2"]


def test_each_update_is_published_as_a_version(functions):
    """moto, tests/test_awslambda/test_lambda.py, test_update_function_zip, which ran on AWS."""
    lambda_, code = functions.lambda_, "def handler(event, context):\n    return 1\n"
    name = functions.python("updates", code)

    def updated():
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})

    zipped = zip_of({"app.py": code})
    assert lambda_.publish_version(FunctionName=name)["Version"] == "1"
    lambda_.update_function_code(FunctionName=name, ZipFile=zipped)
    updated()
    second = lambda_.publish_version(FunctionName=name)
    assert (second["Version"], lambda_.publish_version(FunctionName=name)["Version"]) == ("2", "2")
    third = lambda_.update_function_code(FunctionName=name, ZipFile=zipped, Publish=True)
    assert (third["Version"], third["FunctionArn"].split(":")[-1], third["CodeSha256"]) == ("3", "3", second["CodeSha256"])
    updated()
    lambda_.update_function_configuration(FunctionName=name, Description="only a description")
    updated()
    assert lambda_.publish_version(FunctionName=name)["Version"] == "4"


def test_version_is_published_once_if_nothing_was_updated(functions, two_versions):
    lambda_ = functions.lambda_
    assert lambda_.publish_version(FunctionName=two_versions)["Version"] == "2", "nothing has changed since version 2"
    lambda_.update_function_configuration(FunctionName=two_versions, MemorySize=256)
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=two_versions, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    latest = lambda_.get_function_configuration(FunctionName=two_versions)
    code, message, status = error_of(lambda: lambda_.publish_version(FunctionName=two_versions, CodeSha256="other"))
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert message.startswith(f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({latest['CodeSha256']}).")
    assert error_of(lambda: lambda_.publish_version(FunctionName=two_versions, RevisionId="stale"))[::2] == ("PreconditionFailedException", 412)
    third = lambda_.publish_version(FunctionName=two_versions, CodeSha256=latest["CodeSha256"], RevisionId=latest["RevisionId"], Description="third")
    assert (third["Version"], third["MemorySize"], third["Description"]) == ("3", 256, "third")

    lambda_.delete_function(FunctionName=two_versions, Qualifier="3")
    assert error_of(lambda: lambda_.get_function(FunctionName=two_versions, Qualifier="3"))[0] == "ResourceNotFoundException"
    assert lambda_.get_function(FunctionName=two_versions)["Configuration"]["MemorySize"] == 256
    assert lambda_.publish_version(FunctionName=two_versions)["Version"] == "4", "a version number is never reused"


def test_alias_routes_a_share_to_another_version(functions, two_versions):
    lambda_ = functions.lambda_
    alias = lambda_.create_alias(FunctionName=two_versions, Name="live", FunctionVersion="1")
    payload, response = functions.invoke(two_versions, Qualifier="live")
    assert payload == ["one", "1", alias["AliasArn"]] and response["ExecutedVersion"] == "1"

    def count_results(calls):
        responses = [functions.invoke(alias["AliasArn"]) for _ in range(calls)]
        assert all(payload[1] == response["ExecutedVersion"] for payload, response in responses)
        return collections.Counter(payload[0] for payload, _ in responses)

    lambda_.update_alias(FunctionName=two_versions, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    shares = count_results(100)
    assert shares["one"] + shares["two"] == 100 and min(shares.values()) >= 20, "fails by chance once in 3.7 * 10^9 runs"
    lambda_.update_alias(FunctionName=two_versions, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert count_results(10) == {"two": 10}
    lambda_.update_alias(FunctionName=two_versions, Name="live", RoutingConfig={})
    assert count_results(10) == {"one": 10}

    assert error_of(lambda: lambda_.delete_function(FunctionName=two_versions, Qualifier="1"))[0] == "ResourceConflictException"
    lambda_.delete_alias(FunctionName=two_versions, Name="live")
    assert error_of(lambda: functions.invoke(two_versions, Qualifier="live"))[0] == "ResourceNotFoundException"
    lambda_.delete_function(FunctionName=two_versions, Qualifier="1")


def test_aliases_survive_a_restart(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    name = functions.python("durable", RETURNS % "durable", Publish=True)
    functions.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1", Description="d")
    before = functions.lambda_.get_alias(FunctionName=name, Name="live")
    engine.stop()
    engine.start()
    after = functions.lambda_.get_alias(FunctionName=name, Name="live")
    assert {k: v for k, v in before.items() if k != "ResponseMetadata"} == {k: v for k, v in after.items() if k != "ResponseMetadata"}
    assert functions.invoke(name, Qualifier="live")[0][0] == "durable"


def test_reserved_concurrency_is_shared_by_all_versions(functions, engine):
    name = functions.python("reserved", "import time\ndef handler(event, context):\n    time.sleep(event.get('s', 0))\n", Publish=True, Timeout=10)
    lambda_ = functions.lambda_
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    assert lambda_.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 1}

    def occupy():
        while True:
            try:
                return functions.invoke(name, {"s": 3})
            except lambda_.exceptions.TooManyRequestsException:
                pass  # the invoke below was first

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(occupy)
        throttled = None
        while throttled is None and not running.done():
            try:
                engine.client("lambda").invoke(FunctionName=name, Qualifier="1")
            except botocore.exceptions.ClientError as error:
                throttled = error.response
        assert throttled and throttled["Error"]["Code"] == "TooManyRequestsException", throttled
        assert throttled["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert throttled["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert running.result()[0] is None
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert error_of(lambda: functions.invoke(name))[0] == "TooManyRequestsException", "0 disables the function"
    lambda_.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=name)
    assert functions.invoke(name)[0] is None


def test_tags_are_added_read_and_removed(functions):
    name = functions.python("tagged", "import os\npid = os.urandom(8).hex()\ndef handler(event, context):\n    return pid\n", Tags={"team": "a"})
    lambda_ = functions.lambda_
    arn = lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    process = functions.invoke(name)[0]
    lambda_.tag_resource(Resource=arn, Tags={"team": "b", "cost": "1"})
    assert lambda_.list_tags(Resource=arn)["Tags"] == {"team": "b", "cost": "1"}
    lambda_.untag_resource(Resource=arn, TagKeys=["cost", "unknown"])
    assert lambda_.get_function(FunctionName=name)["Tags"] == {"team": "b"}
    assert functions.invoke(name)[0] == process, "a new tag does not restart the environment"


def test_invalid_tags_are_rejected_as_by_lambda(functions):
    name = functions.python("not-tagged", RETURNS % "x", Publish=True)
    lambda_ = functions.lambda_
    arn = lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert error_of(lambda: lambda_.list_tags(Resource=arn + "-not"))[0] == "ResourceNotFoundException"
    assert error_of(lambda: lambda_.tag_resource(Resource=arn + ":1", Tags={"a": "b"}))[:2] == (
        "InvalidParameterValueException", "Tags on function aliases and versions are not supported. Please specify a function ARN.")
    assert error_of(lambda: lambda_.tag_resource(Resource=name, Tags={"a": "b"}))[0] == "ValidationException"
    assert error_of(lambda: lambda_.tag_resource(Resource=arn, Tags={}))[:2] == (
        "InvalidParameterValueException", "An error occurred and the request cannot be processed.")
    lambda_.tag_resource(Resource=arn, Tags={str(n): "x" for n in range(50)})
    assert error_of(lambda: lambda_.tag_resource(Resource=arn, Tags={"one more": "x"}))[1] == "Number of tags exceeds resource tag limit."
    assert error_of(lambda: lambda_.untag_resource(Resource=arn, TagKeys=[]))[0] == "ValidationException"
