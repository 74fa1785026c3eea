"""Requests to SQS that move messages to a dead-letter queue: a message is in exactly one of the two queues, whenever the engine is killed."""

import json
import time

from .model import ABSENT, Step
from .sqs import BATCH_MAX, Sqs_Requests

SOURCES_MAX, DEAD_MAX = 2, 60
PURGE_S_MIN = 61  # AWS accepts one PurgeQueue a minute


class Redrive_Requests(Sqs_Requests):
    """Each client has one dead-letter queue. Its source queues go through the phases empty, filled, received and deleted."""

    kinds = ("dead", "source")

    def __init__(self, client):
        super().__init__(client)
        self.dead, self.phases, self.purged_at = f"{client.name}-dead", {}, -PURGE_S_MIN

    def plan(self, random):
        dead = self.model.state.get(f"dead/{self.dead}")
        sources = sorted(self.model.of_kind("source"))
        if dead is None:
            return Step(f"CreateQueue {self.dead}", lambda: self.call("CreateQueue", QueueName=self.dead), {f"dead/{self.dead}": []})
        if len(dead) > DEAD_MAX and time.monotonic() - self.purged_at > PURGE_S_MIN:
            return self.purge()
        if len(sources) < SOURCES_MAX:
            return self.create_source()
        name = random.choice(sources).partition("/")[2]
        return {"empty": self.fill, "filled": self.receive_once}.get(self.phases[name], self.move)(random, name)

    def create_source(self):
        name = f"{self.client.name}-d{self.client.serial()}"
        self.phases[name] = "empty"
        policy = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:000000000000:{self.dead}", "maxReceiveCount": 1})
        return Step(f"CreateQueue {name}", lambda: self.call("CreateQueue", QueueName=name, Attributes={"RedrivePolicy": policy}),
                    {f"source/{name}": []})

    def purge(self):
        self.purged_at = time.monotonic()
        return Step(f"PurgeQueue {self.dead}", lambda: self.call("PurgeQueue", QueueUrl=self.url(self.dead)), {f"dead/{self.dead}": []})

    def fill(self, random, name):
        if self.model.state[f"source/{name}"]:
            return self.delete_source(name)  # the request that filled it was not acknowledged
        bodies = sorted(self.body() for _ in range(random.randint(2, BATCH_MAX)))
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        return Step(f"SendMessageBatch {name} {bodies}", lambda: self.batch("SendMessageBatch", name, entries), {f"source/{name}": bodies},
                    lambda _: self.phases.__setitem__(name, "filled"))

    def receive_now(self, name):
        return self.call("ReceiveMessage", QueueUrl=self.url(name), MaxNumberOfMessages=BATCH_MAX, VisibilityTimeout=0).get("Messages", [])

    def receive_once(self, random, name):
        """Receives each message as often as the redrive policy allows. The model does not see it, so a kill leaves the phase unknown."""
        self.phases[name] = "unknown"
        return Step(f"ReceiveMessage {name}", lambda: self.receive_now(name), {}, lambda _: self.phases.__setitem__(name, "received"))

    def move(self, random, name):
        bodies = self.model.state[f"source/{name}"]
        if not bodies or self.phases[name] == "unknown" or len(self.model.state[f"dead/{self.dead}"]) > DEAD_MAX:
            return self.delete_source(name)

        def send():
            messages = self.receive_now(name)
            assert not messages, f"{name} returned messages instead of moving them: {messages}"

        dead = sorted([*self.model.state[f"dead/{self.dead}"], *bodies])
        return Step(f"ReceiveMessage {name} moves {bodies}", send, {f"source/{name}": [], f"dead/{self.dead}": dead})

    def delete_source(self, name):
        return Step(f"DeleteQueue {name}", lambda: self.call("DeleteQueue", QueueUrl=self.url(name)), {f"source/{name}": ABSENT})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        """A source is observed by the number of its messages: receiving them would move them."""
        result = self.call("GetQueueAttributes", (200, 400), QueueUrl=self.url(name), AttributeNames=["All"])
        if result is None:
            return ABSENT
        count = int(result["Attributes"]["ApproximateNumberOfMessages"])
        if kind == "dead":
            return self.visible_bodies(name, count)
        return self.expected_bodies(name, count)

    def expected_bodies(self, name, count):
        """Returns the bodies that the model or the unacknowledged request expects, if they are as many as the queue has."""
        pending = self.model.pending.changes if self.model.pending else {}
        for bodies in (self.model.state.get(f"source/{name}"), pending.get(f"source/{name}") if isinstance(pending, dict) else None):
            if bodies is not ABSENT and len(bodies) == count:
                return bodies
        return [f"{count} messages"]

    def names(self):
        queues = {url.rpartition("/")[2] for prefix in (self.dead, f"{self.client.name}-d") for url in
                  self.call("ListQueues", QueueNamePrefix=prefix).get("QueueUrls", [])}
        return {f"dead/{name}" if name == self.dead else f"source/{name}" for name in queues}
