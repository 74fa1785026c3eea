"""Tasks that move messages from a dead-letter queue: a task that was started ends, and a message is in exactly one of the queues."""

import json
import time

from .model import Step
from .sqs import Sqs_Requests

TASKS_MAX = 10  # that a queue lists
TASK_S_MAX = 60
MESSAGES_MAX = 80


class Move_Requests(Sqs_Requests):
    """Each client has a dead-letter queue and a queue that gets its messages. Both exist before the first request."""

    kinds = ("moves",)

    def __init__(self, client):
        super().__init__(client)
        self.dead, self.target, self.source = (f"{client.name}-mv-{part}" for part in ("dead", "target", "source"))

    @staticmethod
    def arn(name):
        return f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def prepare(self, wire):
        for name in (self.dead, self.target):
            wire.rpc("sqs", "CreateQueue", {"QueueName": name})
        policy = json.dumps({"deadLetterTargetArn": self.arn(self.dead), "maxReceiveCount": 1})
        wire.rpc("sqs", "CreateQueue", {"QueueName": self.source, "Attributes": {"RedrivePolicy": policy}})
        self.model.adopt(f"moves/{self.client.name}", {"dead": [], "target": [], "tasks": 0, "sources": [self.source]})

    def plan(self, random):
        name = f"moves/{self.client.name}"
        state = self.model.copy_of(name)
        if state["dead"] and random.random() < 0.3 or len(state["dead"]) + len(state["target"]) >= MESSAGES_MAX:
            return Step(f"StartMessageMoveTask {self.dead}",
                        lambda: self.call("StartMessageMoveTask", SourceArn=self.arn(self.dead), DestinationArn=self.arn(self.target)),
                        {name: {**state, "dead": [], "target": sorted([*state["target"], *state["dead"]]), "tasks": min(state["tasks"] + 1, TASKS_MAX)}},
                        lambda _: self.wait_for_tasks())
        body = self.body()
        return Step(f"SendMessage {self.dead} {body}", lambda: self.call("SendMessage", QueueUrl=self.url(self.dead), MessageBody=body),
                    {name: {**state, "dead": sorted([*state["dead"], body])}})

    def wait_for_tasks(self):
        """Waits until no task runs, and returns the number of tasks."""
        deadline = time.monotonic() + TASK_S_MAX
        while time.monotonic() < deadline:
            results = self.call("ListMessageMoveTasks", SourceArn=self.arn(self.dead), MaxResults=TASKS_MAX)["Results"]
            if all(result["Status"] == "COMPLETED" for result in results):
                return len(results)
            time.sleep(0.01)
        raise AssertionError(f"a task of {self.dead} does not end: {results}")

    # ---- observation ------------------------------------------------------------------------------------------------

    def bodies_of(self, name):
        attributes = self.call("GetQueueAttributes", QueueUrl=self.url(name), AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return self.visible_bodies(name, int(attributes["ApproximateNumberOfMessages"]))

    def observe(self, kind, name):
        tasks = self.wait_for_tasks()
        urls = self.call("ListDeadLetterSourceQueues", QueueUrl=self.url(self.dead))["queueUrls"]
        return {"dead": self.bodies_of(self.dead), "target": self.bodies_of(self.target), "tasks": tasks,
                "sources": [url.rpartition("/")[2] for url in urls]}

    def names(self):
        return {f"moves/{self.client.name}"}
