"""Asynchronous invokes and messages of a mapped queue: each acknowledged one must reach the function at least once, in spite of the kills.

The function stores an object for each event, so an object is the proof of a delivery. A kill may interrupt a delivery; the engine
repeats it after the restart, for a message when its visibility timeout has passed.
"""

import json
import time

from wire import LAMBDA_2015

from .model import Step
from .s3 import SHARED_BUCKET

WORKER, MAPPED_QUEUE = "trust-worker", "trust-mapped"
WORKER_TIMEOUT_S, VISIBILITY_S = 5, 6
DRAIN_S_MAX = 180  # Lambda repeats a failed asynchronous invoke after one and two minutes
BACKLOG_MAX = 300  # deliveries that a client leaves unfinished; more would only wait for free environments
SOURCE = """
import http.client, json, os, urllib.parse

def handler(event, context):
    records = [json.loads(record["body"]) for record in event["Records"]] if "Records" in event else [event]
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    for record in records:
        connection.request("PUT", record["path"], b"")
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{record['path']}: {response.status}")
"""


class Delivery_Requests:
    kinds = ()

    def __init__(self, client):
        self.client, self.acknowledged, self.delivered = client, set(), set()

    def plan(self, random):
        if len(self.acknowledged) - len(self.delivered) > BACKLOG_MAX:
            self.delivered = self.delivered_names()
        name = f"{random.choice(['event', 'message'])}-{self.client.serial()}"
        record = {"path": f"/{SHARED_BUCKET}/done/{self.client.name}/{name}"}
        return Step(f"deliver {name}", lambda: self.send(name, record), {}, lambda _: self.acknowledged.add(name))

    def send(self, name, record):
        wire = self.client.wire
        if name.startswith("message"):
            return wire.rpc("sqs", "SendMessage", {"QueueUrl": f"http://localhost/000000000000/{MAPPED_QUEUE}", "MessageBody": json.dumps(record)})
        return wire.invoke(WORKER, record, (202,), **{"X-Amz-Invocation-Type": "Event"})

    def delivered_names(self):
        """Lists the proofs. Page by page, because the listing has a limit of 1,000 keys."""
        wire, names, after = self.client.wire, set(), ""
        prefix = f"done/{self.client.name}/"
        while True:
            root = wire.send("s3", "GET", f"/{SHARED_BUCKET}?list-type=2&prefix={prefix}&start-after={prefix}{after}").xml()
            page = sorted(key.text.rpartition("/")[2] for key in root.iter("Key"))
            names.update(page)
            if root.findtext("IsTruncated") != "true":
                return names
            after = page[-1]

    def drain(self, proceed):
        """Waits until each acknowledged delivery has its proof. Returns the names of the missing ones."""
        deadline = time.monotonic() + DRAIN_S_MAX
        while time.monotonic() < deadline:
            self.delivered = self.delivered_names()
            if self.acknowledged <= self.delivered:
                return []
            proceed()
            time.sleep(0.2)
        return sorted(self.acknowledged - self.delivered)


def create_worker(wire, client_zip, runtime, role):
    """Creates the function, its queue and its mapping."""
    wire.create_function(WORKER, client_zip({"app.py": SOURCE}), runtime, role, Timeout=WORKER_TIMEOUT_S)
    wire.settled_configuration(WORKER)
    wire.rpc("sqs", "CreateQueue", {"QueueName": MAPPED_QUEUE, "Attributes": {"VisibilityTimeout": str(VISIBILITY_S)}})
    wire.lambda_("POST", f"{LAMBDA_2015}/event-source-mappings", {
        "EventSourceArn": f"arn:aws:sqs:us-east-1:000000000000:{MAPPED_QUEUE}", "FunctionName": WORKER, "BatchSize": 5})
