"""Functions that use aws-lambda-powertools, and FastAPI behind a function URL with mangum."""

import json
import os
import urllib.error
import urllib.request

import pytest
from conftest import address_of, send, zip_of


@pytest.fixture(scope="module")
def package(function_packages):
    """Returns a function that makes the zip of app.py and the packages."""
    files = {str(path.relative_to(function_packages)): path.read_bytes() for path in sorted(function_packages.rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyi" and not path.name.startswith(".")}
    return lambda source: zip_of({**files, "app.py": source})


def create(functions, name, package, **settings):
    version = "python{}.{}".format(*os.sys.version_info[:2])
    return functions.create(name, package, version, "app.handler", Timeout=30, MemorySize=512, **settings)


POWERTOOLS = """
    import json
    from aws_lambda_powertools import Logger, Metrics, Tracer
    from aws_lambda_powertools.metrics import MetricUnit
    from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.parser import BaseModel, event_parser

    logger, metrics, app = Logger(service="shop"), Metrics(namespace="Shop", service="shop"), LambdaFunctionUrlResolver()
    processor = BatchProcessor(event_type=EventType.SQS)

    class Order(BaseModel):
        id: str
        count: int

    @app.get("/orders/<id>")
    def order(id):
        return {"id": id, "query": app.current_event.query_string_parameters}

    def take(record):
        if record.body == "bad":
            raise ValueError("bad message")
        logger.info("message " + record.body)

    @event_parser(model=Order)
    def parsed(event, context):
        return {"twice": event.count * 2}

    @logger.inject_lambda_context(correlation_id_path="id")
    @metrics.log_metrics(capture_cold_start_metric=True)
    def handler(event, context):
        if "requestContext" in event:
            return app.resolve(event, context)
        if "Records" in event:
            return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
        logger.info("an order", extra={"order": event["id"]})
        metrics.add_metric(name="Orders", unit=MetricUnit.Count, value=1)
        return parsed(event, context)
"""


def records(log):
    """Returns the JSON lines of a log."""
    return [json.loads(line[line.index("{"):]) for line in log.splitlines() if "{" in line]


def test_powertools_logs_counts_and_parses(functions, package):
    name = create(functions, "powertools", package(POWERTOOLS))
    result, response = functions.invoke(name, {"id": "7", "count": 4}, LogType="Tail")
    assert result == {"twice": 8}
    lines = records(functions.engine.run("logs", name).stdout)
    line = next(line for line in lines if line.get("message") == "an order")
    assert (line["order"], line["correlation_id"], line["cold_start"], line["function_name"]) == ("7", "7", True, name)
    assert line["function_request_id"] == response["ResponseMetadata"]["RequestId"]
    assert [line["Orders"] for line in lines if "Orders" in line] == [[1.0]]
    assert [line["ColdStart"] for line in lines if "ColdStart" in line] == [[1.0]]

    failed, _ = functions.invoke(name, {"id": "7", "count": "many"})
    assert failed["errorType"] == "ValidationError" and "count" in failed["errorMessage"]


def test_powertools_resolves_routes_of_function_url(functions, package):
    name = create(functions, "powertools-url", package(POWERTOOLS))
    port, host = address_of(functions.public_url(name))
    status, _, body = send(port, "GET /orders/5?a=b", {"Host": host})
    assert (status, json.loads(body)) == (200, {"id": "5", "query": {"a": "b"}})
    assert send(port, "GET /nothing", {"Host": host})[0] == 404


def test_powertools_returns_failed_messages_of_batch(functions, package):
    name = create(functions, "powertools-batch", package(POWERTOOLS))
    sqs = functions.engine.client("sqs")
    queue = sqs.create_queue(QueueName="powertools", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sent = [sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"] for body in ("good", "bad")]
    event = {"Records": [
        {"messageId": id, "body": body, "eventSource": "aws:sqs", "eventSourceARN": arn, "receiptHandle": "", "attributes": {},
         "messageAttributes": {}, "md5OfBody": "", "awsRegion": "us-east-1"} for id, body in zip(sent, ("good", "bad"))]}
    assert functions.invoke(name, event)[0] == {"batchItemFailures": [{"itemIdentifier": sent[1]}]}


FASTAPI = """
    from fastapi import Body, FastAPI, HTTPException, Request, Response
    from fastapi.responses import StreamingResponse
    from mangum import Mangum

    app = FastAPI()

    @app.get("/items/{item}")
    def read(item: int, request: Request, q: str = ""):
        if item == 0:
            raise HTTPException(status_code=404, detail="no such item")
        return {"item": item, "q": q, "agent": request.headers.get("user-agent"), "cookie": request.cookies.get("c")}

    @app.post("/items", status_code=201)
    def write(response: Response, item: dict = Body()):
        response.set_cookie("last", item["name"])
        response.set_cookie("other", "1")
        return item

    @app.post("/bytes")
    async def echo(request: Request):
        return Response(await request.body(), media_type="application/octet-stream")

    handler = Mangum(app, lifespan="off")
"""


def test_fastapi_with_mangum_serves_function_url(functions, package):
    name = create(functions, "mangum", package(FASTAPI))
    port, host = address_of(functions.public_url(name))

    status, _, body = send(port, "GET /items/5?q=a%20b", {"Host": host, "User-Agent": "test", "Cookie": "c=d"})
    assert (status, json.loads(body)) == (200, {"item": 5, "q": "a b", "agent": "test", "cookie": "d"})
    status, _, body = send(port, "GET /items/0", {"Host": host})
    assert (status, json.loads(body)) == (404, {"detail": "no such item"})
    assert send(port, "GET /items/x", {"Host": host})[0] == 422

    request = urllib.request.Request(f"http://127.0.0.1:{port}/items", data=b'{"name": "lamp"}', headers={"Host": host, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        assert response.status == 201 and json.load(response) == {"name": "lamp"}
        assert [cookie.split(";")[0] for cookie in response.headers.get_all("Set-Cookie")] == ["last=lamp", "other=1"]

    data = bytes(range(256))
    status, headers, body = send(port, "POST /bytes", {"Host": host, "Content-Type": "application/octet-stream"}, data)
    assert (status, headers["content-type"], body) == (200, "application/octet-stream", data)
    schema = json.loads(send(port, "GET /openapi.json", {"Host": host})[2])
    assert "/items/{item}" in schema["paths"]
