"""chalice deploys, invokes, redeploys and deletes a project whose functions receive events of SQS and S3."""

import json
import time

import pytest
from conftest import log_of, run_process

APP = """
from chalice import Chalice

app = Chalice(app_name="shop")


@app.lambda_function()
def greet(event, context):
    return {"%s": event.get("name")}


@app.on_sqs_message(queue="shop-orders", batch_size=5)
def take_order(event):
    for record in event:
        print("order", record.body)


@app.on_s3_event(bucket="shop-pictures", events=["s3:ObjectCreated:*"], suffix=".png")
def take_picture(event):
    print("picture", event.bucket, event.key)
"""


@pytest.fixture
def chalice(engine, programs, tmp_path):
    def run(*arguments, folder=tmp_path / "shop", **options):
        environment = {**engine.client_environment(tmp_path), "PATH": f"{programs}:/usr/bin:/bin"}
        return run_process([programs / "chalice", *arguments], environment, options.get("input"), True, folder=folder).stdout

    return run


def wait_for_log(engine, function, text):
    deadline = time.monotonic() + 30
    while text not in log_of(engine, function):
        assert time.monotonic() < deadline, f"{function} logged:\n{log_of(engine, function)}"
        time.sleep(0.1)


def names(lambda_):
    return sorted(function["FunctionName"] for function in lambda_.list_functions()["Functions"] if function["FunctionName"].startswith("shop-"))


def test_chalice_project_lives_from_deploy_to_delete(engine, chalice, tmp_path):
    lambda_, sqs, s3 = engine.client("lambda"), engine.client("sqs"), engine.client("s3")
    queue = sqs.create_queue(QueueName="shop-orders", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    s3.create_bucket(Bucket="shop-pictures")

    chalice("new-project", "--project-type", "lambda-only", "shop", folder=tmp_path)
    app = tmp_path / "shop" / "app.py"
    app.write_text(APP % "hello")
    chalice("deploy")
    assert names(lambda_) == ["shop-dev-greet", "shop-dev-take_order", "shop-dev-take_picture"]

    assert json.loads(chalice("invoke", "--name", "greet", input='{"name": "Ada"}')) == {"hello": "Ada"}
    sqs.send_message(QueueUrl=queue, MessageBody="42")
    wait_for_log(engine, "shop-dev-take_order", "order 42")
    s3.put_object(Bucket="shop-pictures", Key="a.txt", Body=b"")
    s3.put_object(Bucket="shop-pictures", Key="b.png", Body=b"")
    wait_for_log(engine, "shop-dev-take_picture", "picture shop-pictures b.png")
    assert "a.txt" not in log_of(engine, "shop-dev-take_picture")
    assert "order 42" in chalice("logs", "--name", "take_order")

    app.write_text(APP % "goodbye")
    chalice("deploy")
    assert json.loads(chalice("invoke", "--name", "greet", input='{"name": "Ada"}')) == {"goodbye": "Ada"}
    assert len(lambda_.list_event_source_mappings()["EventSourceMappings"]) == 1

    chalice("delete")
    assert names(lambda_) == []
    assert lambda_.list_event_source_mappings()["EventSourceMappings"] == []
    assert "LambdaFunctionConfigurations" not in s3.get_bucket_notification_configuration(Bucket="shop-pictures")
    assert [role["RoleName"] for role in engine.client("iam").list_roles()["Roles"] if role["RoleName"].startswith("shop-")] == []
