"""More clients, larger requests and slower clients than the engine accepts: it rejects them and serves the others."""

import concurrent.futures
import json
import os
import pathlib
import socket
import threading
import time

import pytest

from conftest import Functions

LIMIT = ["prlimit", "--nofile=256:256"]  # soft and hard limit of open files


def processor_seconds(engine):
    fields = pathlib.Path(f"/proc/{engine.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_peak_mb(engine):
    status = pathlib.Path(f"/proc/{engine.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def open_files(engine):
    return len(os.listdir(f"/proc/{engine.process.pid}/fd"))


# ---- open files -----------------------------------------------------------------------------------------------------

def test_soft_limit_of_open_files_is_raised(own_engine):
    engine = own_engine(wrapper=["prlimit", "--nofile=64:4096"])
    limits = pathlib.Path(f"/proc/{engine.process.pid}/limits").read_text()
    assert limits.partition("Max open files")[2].split()[:2] == ["4096", "4096"]


def test_idle_connections_do_not_block_new_clients(own_engine):
    engine = own_engine(wrapper=LIMIT)
    idle = [socket.create_connection(("127.0.0.1", engine.port)) for _ in range(400)]
    time.sleep(0.3)
    before, began = processor_seconds(engine), time.monotonic()
    time.sleep(2)
    assert processor_seconds(engine) - before < 0.3 * (time.monotonic() - began), "accept must not be repeated without a pause"
    assert engine.client("s3").list_buckets()["Buckets"] == []
    assert engine.run("local", "status").returncode == 0
    assert open_files(engine) < 256
    assert pathlib.Path(engine.log.name).stat().st_size < 10_000
    for connection in idle:
        connection.close()


def test_environments_are_throttled_below_open_files_limit(own_engine):
    engine = own_engine(wrapper=LIMIT)
    functions = Functions(engine)
    functions.python("slow", "import time\ndef handler(event, context):\n    time.sleep(1)\n    return 'done'\n", Timeout=30)

    def invoke(_):
        try:
            return engine.client("lambda").invoke(FunctionName="slow")["StatusCode"]
        except Exception as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        outcomes = list(pool.map(invoke, range(60)))
    assert set(outcomes) == {200, "TooManyRequestsException"}
    assert open_files(engine) < 256


# ---- concurrency ----------------------------------------------------------------------------------------------------

class Holder:
    """Keeps events of a function running: each connects to this listener and waits until it is released."""

    def __init__(self, engine, program):
        self.engine, self.functions = engine, Functions(engine)
        self.program, self.held, self.invokes = program, [], []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.listener.settimeout(60)

    def create(self, name):
        return self.functions.create(name, self.program, "provided.al2023", "x", Timeout=60)

    def invoke(self, name):
        """Sends an invoke. Returns its connection."""
        event = json.dumps({"probe": "hold", "path": "127.0.0.1", "number": self.listener.getsockname()[1]})
        connection = connect(self.engine, f"POST /2015-03-31/functions/{name}/invocations HTTP/1.1\nHost: localhost\n"
                                          f"Connection: close\nContent-Length: {len(event)}")
        connection.sendall(event.encode())
        return connection

    def hold(self, name, count):
        """Starts `count` events and waits until all run."""
        self.invokes += [self.invoke(name) for _ in range(count)]
        self.held += [self.listener.accept()[0] for _ in range(count)]

    def release(self):
        """Ends all events. Returns the statuses of their invokes."""
        for connection in self.held:
            connection.close()
        return [int(connection.makefile("rb").readline().split()[1]) for connection in self.invokes]


def throttle_reason(connection):
    head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429"), head
    return json.loads(body)["Reason"]


def limits_of(engine):
    limits = engine.client("lambda").get_account_settings()["AccountLimit"]
    return limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]


def test_more_than_100_events_run_at_the_same_time(own_engine, hostile_program):
    engine = own_engine()
    if limits_of(engine)[0] < 150:
        pytest.skip("this host has too little memory or too few open files for 150 environments")
    holder = Holder(engine, hostile_program)
    holder.hold(holder.create("many"), 150)
    assert set(holder.release()) == {200}


def test_account_limit_is_that_of_get_account_settings(own_engine, hostile_program):
    engine = own_engine(wrapper=LIMIT)
    limit, unreserved = limits_of(engine)
    assert 1 < limit == unreserved < 100, "the limit of open files allows fewer than on AWS"
    holder = Holder(engine, hostile_program)
    holder.hold(holder.create("all"), limit)
    assert throttle_reason(holder.invoke("all")) == "ConcurrentInvocationLimitExceeded"
    assert set(holder.release()) == {200}


def test_reserved_concurrency_is_not_available_to_other_functions(own_engine, hostile_program):
    engine = own_engine(wrapper=["prlimit", "--nofile=512:512"])
    holder = Holder(engine, hostile_program)
    limit = limits_of(engine)[0]
    holder.create("greedy"), holder.create("reserved")
    lambda_ = engine.client("lambda")
    lambda_.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=2)
    assert limits_of(engine) == (limit, limit - 2)

    holder.hold("greedy", limit - 2)
    assert throttle_reason(holder.invoke("greedy")) == "ConcurrentInvocationLimitExceeded"
    holder.hold("reserved", 2)
    assert throttle_reason(holder.invoke("reserved")) == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert set(holder.release()) == {200}

    rest = limit // 10  # of 1000, AWS leaves 100 that cannot be reserved
    with pytest.raises(lambda_.exceptions.InvalidParameterValueException, match=rf"below its minimum value of \[{rest}\]"):
        lambda_.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=limit - 2 - rest + 1)
    lambda_.put_function_concurrency(FunctionName="greedy", ReservedConcurrentExecutions=limit - 2 - rest)


# ---- memory ---------------------------------------------------------------------------------------------------------

def connect(engine, head):
    connection = socket.create_connection(("127.0.0.1", engine.port), 60)
    connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    return connection


def send_until_closed(connection, block, count):
    """Sends the block `count` times, unless the engine closes the connection. Returns the status of its response, or 0."""
    def send():
        try:
            for _ in range(count):
                connection.sendall(block)
        except OSError:
            pass  # the response can still be read

    sender = threading.Thread(target=send)
    sender.start()
    try:
        status = connection.recv(100)
        sender.join()
        return int(status.split()[1]) if status else 0
    except OSError:
        return 0
    finally:
        connection.close()


S3_HEAD = """PUT /bucket/key HTTP/1.1
Host: localhost"""
AWS_CHUNKED = S3_HEAD + """
Content-Encoding: aws-chunked
x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER
x-amz-decoded-content-length: 4
Content-Length: 100000011"""
HTTP_CHUNKED = "\nTransfer-Encoding: chunked"
MB = 1_000_000

ENDLESS = {
    "aws-chunked trailers": (AWS_CHUNKED, b"4\r\nbody\r\n0\r\n", b"x-amz-meta-a: b\r\n" * 58_824),
    "aws-chunked extension": (AWS_CHUNKED, b"4;", b"x" * MB),
    "chunk extension": (S3_HEAD + HTTP_CHUNKED, b"4;", b"x" * MB),
    "trailers of a stream": (S3_HEAD + HTTP_CHUNKED, b"4\r\nbody\r\n0\r\n", b"x-amz-meta-a: b\r\n" * 58_824),
    "trailers": ("POST / HTTP/1.1\nHost: localhost" + HTTP_CHUNKED, b"4\r\nbody\r\n0\r\n", b"x-amz-meta-a: b\r\n" * 58_824),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_framing_is_rejected_without_memory(own_engine, name):
    head, start, block = ENDLESS[name]
    engine = own_engine("--in-memory")
    engine.client("s3").create_bucket(Bucket="bucket")
    before = memory_peak_mb(engine)
    connection = connect(engine, head)
    connection.sendall(start)
    assert 400 <= send_until_closed(connection, block, 100) < 500
    assert memory_peak_mb(engine) - before < 60


def test_waiting_bodies_reserve_no_memory(own_engine):
    engine = own_engine()
    before = memory_peak_mb(engine)
    heads = [S3_HEAD + "\nContent-Length: 60000000", "POST /2015-03-31/functions HTTP/1.1\nHost: localhost\nContent-Length: 60000000"]
    waiting = [connect(engine, head) for head in heads for _ in range(200)]
    for connection in waiting:
        connection.sendall(b"{")
    assert engine.client("s3").list_buckets()["Buckets"] == []
    assert memory_peak_mb(engine) - before < 60
    for connection in waiting:
        connection.close()


POSTS_LARGE_RESPONSE = """
import http.client, os
def handler(event, context):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    path = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
    block = b"x" * 1_000_000
    try:
        connection.request("POST", path, (block for _ in range(256)), event["headers"], encode_chunked=event["chunked"])
        print("status", connection.getresponse().status)
    except OSError as error:
        print(repr(error))
"""


@pytest.mark.parametrize("name, headers", [
    ("length", {"Content-Length": "256000000"}),
    ("chunked", {"Transfer-Encoding": "chunked"}),
    ("streaming", {"Transfer-Encoding": "chunked", "Lambda-Runtime-Function-Response-Mode": "streaming"}),
])
def test_large_runtime_response_takes_little_memory(own_engine, name, headers):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("large", POSTS_LARGE_RESPONSE, Timeout=30)
    event = {"headers": headers, "chunked": name != "length"}
    before = memory_peak_mb(engine)
    payload, response = functions.invoke("large", event)
    assert payload["errorType"] == "Function.ResponseSizeTooLarge", payload
    assert memory_peak_mb(engine) - before < 60


def test_slow_reader_of_streamed_response_limits_memory(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("large", POSTS_LARGE_RESPONSE, Timeout=4)
    event = '{"chunked": true, "headers": {"Transfer-Encoding": "chunked", "Lambda-Runtime-Function-Response-Mode": "streaming"}}'
    before = memory_peak_mb(engine)
    connection = connect(engine, f"""POST /2021-11-15/functions/large/response-streaming-invocations HTTP/1.1
Host: localhost
Content-Length: {len(event)}""")
    connection.sendall(event.encode())
    time.sleep(3)
    assert memory_peak_mb(engine) - before < 60
    connection.close()


# ---- size and time of requests ----------------------------------------------------------------------------------------

def signed(service):
    return f"\nHost: localhost\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"


# https://github.com/localstack/docs/pull/933 has Lambda's limit for code; docs/API_Invoke that of an invoke.
# SQS, IAM, STS and Logs document no size of the HTTP request; these limits are the engine's own.
TOO_LARGE = {
    "create_function": ("lambda", "POST /2015-03-31/functions", 70_167_212, 413, "RequestEntityTooLargeException"),
    "invoke": ("lambda", "POST /2015-03-31/functions/f/invocations", 6_291_457, 413, "RequestEntityTooLargeException"),
    "other_lambda": ("lambda", "PUT /2015-03-31/functions/f/configuration", (1 << 20) + 1, 413, "RequestEntityTooLargeException"),
    "iam": ("iam", "POST /", (512 << 10) + 1, 413, "<Code>RequestEntityTooLarge</Code>"),
    "sts": ("sts", "POST /", (512 << 10) + 1, 413, "<Code>RequestEntityTooLarge</Code>"),
    "sqs": ("sqs", "POST /", (4 << 20) + 1, 413, "RequestEntityTooLarge"),
    "logs": ("logs", "POST /", (4 << 20) + 1, 400, "InvalidParameterException"),
    "s3": ("s3", "POST /bucket?delete", (2 << 20) + 1, 400, "<Code>MaxMessageLengthExceeded</Code>"),
    "control": ("", "POST /_osbot/prune", (1 << 20) + 1, 413, "RequestEntityTooLarge"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_request_above_limit_of_service_is_rejected_early(engine, name):
    service, line, size, status, code = TOO_LARGE[name]
    connection = connect(engine, f"{line} HTTP/1.1{signed(service)}\nContent-Length: {size}")
    connection.settimeout(5)
    response = connection.recv(4000).decode()  # before any byte of the body
    assert int(response.split()[1]) == status, response
    assert code in response
    connection.sendall(b"x" * 1000)  # the client may still send the body
    connection.close()


def longest_wait_during(engine, send):
    """Returns the longest time of a small request while `send` runs in another thread."""
    sender = threading.Thread(target=send)
    sender.start()
    longest, client = 0, engine.client("sts")
    while sender.is_alive():
        began = time.monotonic()
        client.get_caller_identity()
        longest = max(longest, time.monotonic() - began)
    return longest


def body_of(service, content):
    heads = {"iam": "\nContent-Type: application/x-www-form-urlencoded", "sqs": "\nX-Amz-Target: AmazonSQS.SendMessageBatch\nContent-Type: application/x-amz-json-1.0",
             "logs": "\nX-Amz-Target: Logs_20140328.PutRetentionPolicy\nContent-Type: application/x-amz-json-1.1"}
    return f"POST / HTTP/1.1{signed(service)}{heads[service]}\nConnection: close\nContent-Length: {len(content)}", content.encode()


MEMBERS = "Action=TagRole&RoleName=r" + "".join(f"&Tags.member.{i}.Key=k{i}&Tags.member.{i}.Value=" for i in range(1, 10_000))
SLOW_TO_PARSE = {"tags": ("iam", MEMBERS), "batch": ("sqs", '{"a":[' + "[{}]," * 800_000 + "1]}"), "logs": ("logs", '{"a":[' + "[{}]," * 800_000 + "1]}")}


@pytest.mark.parametrize("name", SLOW_TO_PARSE)
def test_large_request_does_not_block_others(engine, name):
    head, body = body_of(*SLOW_TO_PARSE[name])

    def send():
        connection = connect(engine, head)
        connection.sendall(body)
        while connection.recv(65536):
            pass

    assert longest_wait_during(engine, send) < 1  # 4 s when they were parsed on the loop, under load


def test_many_tag_members_take_linear_time(engine):
    """The limit of the request is not reached: 9,999 tags took 1.8 s when each was searched from the start."""
    head, body = body_of("iam", MEMBERS)
    connection = connect(engine, head)
    began = time.monotonic()
    connection.sendall(body)
    assert b"HTTP/1.1 4" in connection.recv(65536)
    assert time.monotonic() - began < 1


# ---- zips -----------------------------------------------------------------------------------------------------------

def test_zip_of_deep_folders_is_rejected_fast(engine):
    functions = Functions(engine)
    deep = {f"{i:02}/" + "a/" * 2000: "" for i in range(45)}
    began = time.monotonic()
    with pytest.raises(functions.lambda_.exceptions.InvalidParameterValueException):
        functions.create("deep", deep, "provided.al2023", "x")
    assert time.monotonic() - began < 2


# ---- memory of functions ----------------------------------------------------------------------------------------------

def test_memfd_counts_as_memory_of_function(engine):
    functions = Functions(engine)
    functions.python("memfd", """
import os, time
def handler(event, context):
    file = os.memfd_create("x")
    for _ in range(300):
        os.write(file, bytes(1_000_000))
    time.sleep(2)
""", MemorySize=128, Timeout=20)
    payload, _ = functions.invoke("memfd")
    assert payload and payload["errorType"] == "Runtime.OutOfMemory"
