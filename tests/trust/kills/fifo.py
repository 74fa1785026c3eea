"""Requests to FIFO queues: order, deduplication ids, sequence numbers and attempts to receive survive each kill."""

import time

from .model import ABSENT, Step
from .sqs import HIDDEN_S, Sqs_Requests

QUEUES_MAX, MESSAGES_MAX = 2, 9  # one receive returns all messages of a group
WINDOW_S = 200  # of deduplication; AWS's has 300 s, and a comparison takes time
GROUP = "g"


class Fifo_Requests(Sqs_Requests):
    """A queue has one group: while its first message is received, the others wait.

    The state of a queue: its messages in their order, whether the first is received, and the ids that it accepted.
    """

    kinds = ("fifo",)

    def __init__(self, client):
        super().__init__(client)
        self.sent_at, self.attempts = {}, {}  # (name, deduplication id) -> time; name -> (time, attempt)

    def plan(self, random):
        names = sorted(self.model.of_kind("fifo"))
        if len(names) < QUEUES_MAX:
            return self.create_fifo()
        name = random.choice(names).partition("/")[2]
        state = self.state(name)
        if len(state["bodies"]) >= MESSAGES_MAX or state["received"] and name not in self.handles:
            return self.delete_fifo(name)
        if state["received"]:
            return random.choice([self.send_fifo, self.repeat, self.delete_first])(name, random)
        return random.choice([self.send_fifo, self.send_fifo, self.repeat, self.receive_first])(name, random)

    def state(self, name):
        return self.model.copy_of(f"fifo/{name}")

    def create_fifo(self):
        name = f"{self.client.name}-f{self.client.serial()}.fifo"
        return Step(f"CreateQueue {name}", lambda: self.call("CreateQueue", QueueName=name, Attributes={"FifoQueue": "true"}),
                    {f"fifo/{name}": {"bodies": [], "received": False, "accepted": {}}})

    def delete_fifo(self, name):
        self.handles.pop(name, None)
        return Step(f"DeleteQueue {name}", lambda: self.call("DeleteQueue", QueueUrl=self.url(name)), {f"fifo/{name}": ABSENT})

    # ---- messages ---------------------------------------------------------------------------------------------------

    def send_one(self, name, body, deduplication_id):
        return self.call("SendMessage", QueueUrl=self.url(name), MessageBody=body, MessageGroupId=GROUP, MessageDeduplicationId=deduplication_id)

    def send_fifo(self, name, _random):
        state, body, deduplication_id = self.state(name), self.body(), f"d{self.client.serial()}"
        self.sent_at[name, deduplication_id] = time.monotonic()

        def changes(response):
            accepted = {**state["accepted"], deduplication_id: [response["MessageId"], response["SequenceNumber"]]}
            return {f"fifo/{name}": {**state, "bodies": [*state["bodies"], body], "accepted": accepted}}

        def accepts(before, observed):
            old, new = before[f"fifo/{name}"], observed[f"fifo/{name}"]
            return new == {**old, "bodies": [*old["bodies"], body]}

        return Step(f"SendMessage {name} {body}", lambda: self.send_one(name, body, deduplication_id), changes, None, accepts, (f"fifo/{name}",))

    def is_recent(self, name, deduplication_id):
        return time.monotonic() - self.sent_at[name, deduplication_id] < WINDOW_S

    def repeat(self, name, random):
        """Sends a duplicate, which changes nothing."""
        known = [each for each in self.state(name)["accepted"] if self.is_recent(name, each)]
        if not known:
            return self.send_fifo(name, random)
        deduplication_id = random.choice(known)

        def send():
            response = self.send_one(name, "duplicate", deduplication_id)
            assert [response["MessageId"], response["SequenceNumber"]] == self.state(name)["accepted"][deduplication_id], (name, deduplication_id, response)

        return Step(f"SendMessage {name} again {deduplication_id}", send, {})

    def receive_with(self, name, attempt):
        return self.call("ReceiveMessage", QueueUrl=self.url(name), VisibilityTimeout=HIDDEN_S, ReceiveRequestAttemptId=attempt).get("Messages", [])

    def receive_first(self, name, random):
        state = self.state(name)
        if not state["bodies"]:
            return self.send_fifo(name, random)
        attempt = f"{self.client.name}-a{self.client.serial()}"
        self.attempts[name] = (time.monotonic(), attempt)

        def send():
            messages = self.receive_with(name, attempt)
            assert [message["Body"] for message in messages] == state["bodies"][:1], (name, state, messages)
            return messages[0]["ReceiptHandle"]

        return Step(f"ReceiveMessage {name}", send, {f"fifo/{name}": {**state, "received": True}},
                    lambda handle: self.handles.__setitem__(name, handle))

    def delete_first(self, name, _random):
        state, handle = self.state(name), self.handles.pop(name)
        return Step(f"DeleteMessage {name}", lambda: self.call("DeleteMessage", QueueUrl=self.url(name), ReceiptHandle=handle),
                    {f"fifo/{name}": {**state, "bodies": state["bodies"][1:], "received": False}})

    def observed_ids(self):
        """Returns the ids of the messages and attempts whose records a comparison shows."""
        states = {name.partition("/")[2]: state for name, state in self.model.of_kind("fifo").items()}
        messages = {pair[0] for name, state in states.items() for known, pair in state["accepted"].items() if self.is_recent(name, known)}
        return messages | {self.attempts[name][1] for name, state in states.items() if state["received"]}

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        result = self.call("GetQueueAttributes", (200, 400), QueueUrl=self.url(name), AttributeNames=["All"])
        if result is None:
            return ABSENT
        counts = result["Attributes"]
        waiting, received = int(counts["ApproximateNumberOfMessages"]), int(counts["ApproximateNumberOfMessagesNotVisible"])
        bodies = self.bodies_behind(name, waiting) if received else self.visible_in_order(name, waiting)
        return {"bodies": bodies, "received": received > 0, "accepted": self.accepted_ids(name)}

    def accepted_ids(self, name):
        """Sends a duplicate for each id that the model knows, and returns what the engine has for it."""
        known = self.model.state.get(f"fifo/{name}", {"accepted": {}})["accepted"]
        found = dict(known)
        for deduplication_id in known:
            if self.is_recent(name, deduplication_id):
                response = self.send_one(name, "duplicate", deduplication_id)
                found[deduplication_id] = [response["MessageId"], response["SequenceNumber"]]
        return found

    def bodies_behind(self, name, waiting):
        """Repeats the attempt, which shows the received message, and counts the messages that wait behind it."""
        received_at, attempt = self.attempts[name]
        expected = self.model.state[f"fifo/{name}"]["bodies"]
        first = expected[:1]
        if time.monotonic() - received_at < WINDOW_S:
            first = [message["Body"] for message in self.receive_with(name, attempt)]
        pending = self.model.pending.label if self.model.pending else ""
        if pending.startswith(f"SendMessage {name} message ") and waiting == len(expected):
            return [*first, *expected[1:], pending.partition(f"SendMessage {name} ")[2]]
        return [*first, *expected[1:]] if waiting == len(expected) - 1 else [*first, f"{waiting} others"]

    def visible_in_order(self, name, count):
        """Receives all messages in their order and makes them visible again."""
        if count == 0:
            return []
        messages = self.call("ReceiveMessage", QueueUrl=self.url(name), MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", [])
        self.batch("ChangeMessageVisibilityBatch", name, [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0} for number, message in enumerate(messages)])
        return [message["Body"] for message in messages]

    def names(self):
        urls = self.call("ListQueues", QueueNamePrefix=f"{self.client.name}-f").get("QueueUrls", [])
        return {f"fifo/{url.rpartition('/')[2]}" for url in urls}
