"""Tests asynchronous invokes with boto3: their options, destinations and dead-letter queues; and provisioned concurrency."""

import json

import pytest

from conftest import Engine, functions_on
from test_sqs import arn_of, until

FAILS = """
    def handler(event, context):
        raise ValueError("it failed")
"""
RETURNS = """
    def handler(event, context):
        return {"returned": event}
"""
INIT_TYPE = """
    import os
    def handler(event, context):
        return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
"""


@pytest.fixture(scope="module")
def fast_engine(osbot_path, tmp_path_factory):
    """An engine that retries after one and two seconds."""
    engine = Engine(osbot_path, tmp_path_factory.mktemp("async") / "state", "--event-speed", "60").start()
    yield engine
    engine.stop()


@pytest.fixture
def functions(fast_engine):
    yield from functions_on(fast_engine)


@pytest.fixture
def sqs(fast_engine):
    return fast_engine.client("sqs")


@pytest.fixture
def queue(sqs, request):
    """The URL and the ARN of a queue."""
    url = sqs.create_queue(QueueName=request.node.name[:80])["QueueUrl"]
    yield url, arn_of(sqs, url)
    sqs.delete_queue(QueueUrl=url)


def receive(sqs, queue):
    message, = until(lambda: sqs.receive_message(QueueUrl=queue[0], WaitTimeSeconds=20, MessageAttributeNames=["All"]).get("Messages"), seconds=60)
    return message


def arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def test_failed_event_is_retried_and_its_record_is_sent_to_a_queue(functions, sqs, queue):
    name = functions.python("fails", FAILS)
    functions.lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": queue[1]}})
    _, response = functions.invoke(name, {"n": 1.50}, InvocationType="Event")
    record = json.loads(receive(sqs, queue)["Body"])
    assert record["version"] == "1.0" and record["timestamp"].endswith("Z")
    assert record["requestContext"] == {"requestId": response["ResponseMetadata"]["RequestId"], "functionArn": arn(name) + ":$LATEST",
                                        "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    assert record["requestPayload"] == {"n": 1.5}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert (record["responsePayload"]["errorType"], record["responsePayload"]["errorMessage"]) == ("ValueError", "it failed")


def test_options_of_an_alias_limit_its_retries(functions, sqs, queue):
    name = functions.python("aliased", FAILS, Publish=True)
    functions.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    functions.lambda_.put_function_event_invoke_config(FunctionName=name, Qualifier="live", MaximumRetryAttempts=0,
                                                       DestinationConfig={"OnFailure": {"Destination": queue[1]}})
    functions.invoke(name, {}, InvocationType="Event", Qualifier="live")
    record = json.loads(receive(sqs, queue)["Body"])
    assert record["requestContext"]["functionArn"] == arn(name) + ":live"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responseContext"]["executedVersion"] == "1"


def test_event_that_is_too_old_is_not_retried(functions, sqs, queue):
    name = functions.python("too-old", FAILS)
    functions.lambda_.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60,
                                                       DestinationConfig={"OnFailure": {"Destination": queue[1]}})
    functions.invoke(name, {}, InvocationType="Event")
    assert json.loads(receive(sqs, queue)["Body"])["requestContext"]["condition"] == "EventAgeExceeded"


def test_failed_event_is_sent_to_the_dead_letter_queue(functions, sqs, queue):
    name = functions.python("dead-letters", FAILS, DeadLetterConfig={"TargetArn": queue[1]})
    functions.lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    _, response = functions.invoke(name, {"raise_error": 1}, InvocationType="Event")
    message = receive(sqs, queue)
    assert json.loads(message["Body"]) == {"raise_error": 1}
    assert message["MessageAttributes"] == {"RequestID": {"DataType": "String", "StringValue": response["ResponseMetadata"]["RequestId"]},
                                            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
                                            "ErrorMessage": {"DataType": "String", "StringValue": "it failed"}}


def test_results_pass_from_function_to_function_to_queue(functions, sqs, queue):
    first, second = functions.python("first", RETURNS), functions.python("second", RETURNS)
    put = functions.lambda_.put_function_event_invoke_config
    put(FunctionName=first, DestinationConfig={"OnSuccess": {"Destination": arn(second)}})
    put(FunctionName=second, DestinationConfig={"OnSuccess": {"Destination": queue[1]}})
    functions.lambda_.invoke_async(FunctionName=first, InvokeArgs=b'{"n": 7}')
    record = json.loads(receive(sqs, queue)["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestPayload"]["requestContext"]["functionArn"] == arn(first) + ":$LATEST"
    assert record["responsePayload"]["returned"]["responsePayload"] == {"returned": {"n": 7}}


def test_record_of_a_failed_event_is_stored_in_a_bucket(functions, fast_engine):
    s3 = fast_engine.client("s3")
    s3.create_bucket(Bucket="records")
    name = functions.python("to-bucket", FAILS)
    functions.lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0,
                                                       DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::records"}})
    functions.invoke(name, {"n": 1}, InvocationType="Event")
    stored, = until(lambda: s3.list_objects_v2(Bucket="records").get("Contents"), seconds=60)
    assert stored["Key"].startswith(f"aws/lambda/async/{name}/")
    assert json.load(s3.get_object(Bucket="records", Key=stored["Key"])["Body"])["requestPayload"] == {"n": 1}


def test_provisioned_environments_start_before_events(functions):
    name = functions.python("provisioned", INIT_TYPE, Publish=True)
    lambda_ = functions.lambda_
    put = lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2)
    assert (put["Status"], put["RequestedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 2)
    ready = until(lambda: (found := lambda_.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1"))["Status"] == "READY" and found, seconds=60)
    assert (ready["AllocatedProvisionedConcurrentExecutions"], ready["AvailableProvisionedConcurrentExecutions"]) == (2, 2)
    assert functions.invoke(name, Qualifier="1")[0] == "provisioned-concurrency"
    assert functions.invoke(name)[0] == "on-demand"
    lambda_.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
    assert lambda_.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []


def test_failed_init_of_a_provisioned_environment_is_reported(functions):
    name = functions.python("cannot-start", "import no_such_module\n", Publish=True)
    get = functions.lambda_.get_provisioned_concurrency_config
    functions.lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)
    failed = until(lambda: (found := get(FunctionName=name, Qualifier="1"))["Status"] == "FAILED" and found, seconds=60)
    assert failed["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"


def test_configurations_survive_a_restart_and_end_with_their_function(functions, fast_engine):
    name = functions.python("restarts", RETURNS, Publish=True)
    lambda_ = functions.lambda_
    lambda_.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    lambda_.put_provisioned_concurrency_config(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)
    lambda_.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    signing = lambda_.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [
        "arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij"]})["CodeSigningConfig"]["CodeSigningConfigArn"]
    lambda_.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=signing)
    fast_engine.stop()
    fast_engine.start()
    lambda_ = fast_engine.client("lambda")
    assert lambda_.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1
    assert lambda_.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    assert lambda_.get_function_code_signing_config(FunctionName=name)["CodeSigningConfigArn"] == signing
    until(lambda: lambda_.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")["Status"] == "READY", seconds=60)
    lambda_.delete_function(FunctionName=name)
    assert lambda_.list_functions_by_code_signing_config(CodeSigningConfigArn=signing)["FunctionArns"] == []
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.get_function_event_invoke_config(FunctionName=name)
