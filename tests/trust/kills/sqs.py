"""Requests to SQS: queues, tags, messages one by one and in batches, receives, deletes and visibility."""

from .model import ABSENT, Step

QUEUES_MAX, MESSAGES_MAX = 3, 100
HIDDEN_S = 43_200  # AWS's maximum: no hidden message reappears during the campaign
BATCH_MAX = 10


class Sqs_Requests:
    kinds = ("queue",)

    def __init__(self, client):
        self.client, self.model, self.handles = client, client.model, {}  # name -> {body of a hidden message: receipt handle}

    def call(self, operation, expect=(200,), **params):
        return self.client.wire.rpc("sqs", operation, params, expect)

    @staticmethod
    def url(name):
        return f"http://localhost/000000000000/{name}"

    def plan(self, random):
        names = sorted(self.model.of_kind("queue"))
        if len(names) < QUEUES_MAX and random.random() < 0.3 or not names:
            return self.create(random)
        name = random.choice(names).partition("/")[2]
        choices = [self.send] * 4 + [self.send_batch] * 3 + [self.receive] * 3 + [self.delete, self.delete, self.delete_batch, self.delete_batch,
                                                             self.show, self.set_attributes, self.tag, self.delete_queue]
        return random.choice(choices)(random, name)

    def state(self, name):
        return self.model.copy_of(f"queue/{name}")

    # ---- queues -----------------------------------------------------------------------------------------------------

    def create(self, random):
        name, retention = f"{self.client.name}-q{self.client.serial()}", str(random.randrange(100_000, 1_000_000))
        self.handles[name] = {}
        state = {"retention": retention, "tags": {"n": "1"}, "visible": [], "hidden": 0}
        return Step(f"CreateQueue {name}",
                    lambda: self.call("CreateQueue", QueueName=name, Attributes={"MessageRetentionPeriod": retention}, tags={"n": "1"}),
                    {f"queue/{name}": state})

    def delete_queue(self, random, name):
        return Step(f"DeleteQueue {name}", lambda: self.call("DeleteQueue", QueueUrl=self.url(name)), {f"queue/{name}": ABSENT})

    def set_attributes(self, random, name):
        state = self.state(name)
        state["retention"] = str(random.randrange(100_000, 1_000_000))
        return Step(f"SetQueueAttributes {name}",
                    lambda: self.call("SetQueueAttributes", QueueUrl=self.url(name), Attributes={"MessageRetentionPeriod": state["retention"]}),
                    {f"queue/{name}": state})

    def tag(self, random, name):
        state = self.state(name)
        if len(state["tags"]) > 2:
            removed = sorted(state["tags"])
            return Step(f"UntagQueue {name}", lambda: self.call("UntagQueue", QueueUrl=self.url(name), TagKeys=removed),
                        {f"queue/{name}": {**state, "tags": {}}})
        added = {f"t{random.randrange(4)}": str(random.randrange(100)) for _ in range(2)}
        state["tags"].update(added)
        return Step(f"TagQueue {name}", lambda: self.call("TagQueue", QueueUrl=self.url(name), Tags=added), {f"queue/{name}": state})

    # ---- messages ---------------------------------------------------------------------------------------------------

    def body(self):
        return f"message {self.client.serial()}"

    def send(self, random, name):
        state, body = self.state(name), self.body()
        if len(state["visible"]) + state["hidden"] >= MESSAGES_MAX:
            return self.delete_queue(random, name)
        state["visible"] = sorted([*state["visible"], body])
        return Step(f"SendMessage {name} {body}", lambda: self.call("SendMessage", QueueUrl=self.url(name), MessageBody=body),
                    {f"queue/{name}": state})

    def send_batch(self, random, name):
        state, bodies = self.state(name), [self.body() for _ in range(random.randint(2, BATCH_MAX))]
        if len(state["visible"]) + state["hidden"] >= MESSAGES_MAX:
            return self.delete_queue(random, name)
        state["visible"] = sorted([*state["visible"], *bodies])
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        return Step(f"SendMessageBatch {name} {bodies}", lambda: self.batch("SendMessageBatch", name, entries), {f"queue/{name}": state})

    def batch(self, operation, name, entries):
        result = self.call(operation, QueueUrl=self.url(name), Entries=entries)
        assert len(result["Successful"]) == len(entries), result
        return result

    def receive(self, random, name):
        """Hides messages. The engine chooses them, so an unacknowledged receive may have hidden any of the visible ones."""
        most = random.randint(1, BATCH_MAX)
        before = self.state(name)
        if not before["visible"]:
            return self.send(random, name)
        hidden_count = min(most, len(before["visible"]))

        def changes(response):
            bodies = [message["Body"] for message in response.get("Messages", [])]
            assert len(bodies) == hidden_count and set(bodies) <= set(before["visible"]), (before, bodies)
            left = sorted(set(before["visible"]) - set(bodies))
            return {f"queue/{name}": {**before, "visible": left, "hidden": before["hidden"] + len(bodies)}}

        def learn(response):
            self.handles[name].update({message["Body"]: message["ReceiptHandle"] for message in response["Messages"]})

        def accepts(before, observed):
            old, new = before[f"queue/{name}"], observed[f"queue/{name}"]
            return (new is not ABSENT and new["hidden"] == old["hidden"] + hidden_count and set(new["visible"]) < set(old["visible"]) and
                    len(new["visible"]) == len(old["visible"]) - hidden_count)

        return Step(f"ReceiveMessage {name} {most}",
                    lambda: self.call("ReceiveMessage", QueueUrl=self.url(name), MaxNumberOfMessages=most, VisibilityTimeout=HIDDEN_S),
                    changes, learn, accepts, (f"queue/{name}",))

    def some_handles(self, random, name, most):
        bodies = sorted(self.handles[name])
        return random.sample(bodies, min(most, len(bodies)))

    def delete(self, random, name):
        state, bodies = self.state(name), self.some_handles(random, name, 1)
        if not bodies:
            return self.receive(random, name)
        handle = self.handles[name].pop(bodies[0])
        state["hidden"] -= 1
        return Step(f"DeleteMessage {name} {bodies}", lambda: self.call("DeleteMessage", QueueUrl=self.url(name), ReceiptHandle=handle),
                    {f"queue/{name}": state})

    def delete_batch(self, random, name):
        state, bodies = self.state(name), self.some_handles(random, name, BATCH_MAX)
        if not bodies:
            return self.receive(random, name)
        entries = [{"Id": str(number), "ReceiptHandle": self.handles[name].pop(body)} for number, body in enumerate(bodies)]
        state["hidden"] -= len(bodies)
        return Step(f"DeleteMessageBatch {name} {bodies}", lambda: self.batch("DeleteMessageBatch", name, entries), {f"queue/{name}": state})

    def show(self, random, name):
        """Makes hidden messages visible again."""
        state, bodies = self.state(name), self.some_handles(random, name, 5)
        if not bodies:
            return self.receive(random, name)
        entries = [{"Id": str(number), "ReceiptHandle": self.handles[name].pop(body), "VisibilityTimeout": 0} for number, body in enumerate(bodies)]
        state["hidden"] -= len(bodies)
        state["visible"] = sorted([*state["visible"], *bodies])
        return Step(f"ChangeMessageVisibilityBatch {name} {bodies}", lambda: self.batch("ChangeMessageVisibilityBatch", name, entries),
                    {f"queue/{name}": state})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        result = self.call("GetQueueAttributes", (200, 400), QueueUrl=self.url(name), AttributeNames=["All"])
        if result is None:
            return ABSENT
        attributes = result["Attributes"]
        visible = self.visible_bodies(name, int(attributes["ApproximateNumberOfMessages"]))
        return {"retention": attributes["MessageRetentionPeriod"], "tags": self.call("ListQueueTags", QueueUrl=self.url(name)).get("Tags", {}),
                "visible": visible, "hidden": int(attributes["ApproximateNumberOfMessagesNotVisible"])}

    def visible_bodies(self, name, count):
        """Receives all visible messages and makes them visible again."""
        messages = []
        while len(messages) < count:
            received = self.call("ReceiveMessage", QueueUrl=self.url(name), MaxNumberOfMessages=BATCH_MAX, VisibilityTimeout=600).get("Messages", [])
            assert received, f"{name} has {count} visible messages, but only {len(messages)} can be received"
            messages += received
        for first in range(0, count, BATCH_MAX):
            self.batch("ChangeMessageVisibilityBatch", name, [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
                for number, message in enumerate(messages[first:first + BATCH_MAX])])
        return sorted(message["Body"] for message in messages)

    def names(self):
        urls = self.call("ListQueues", QueueNamePrefix=f"{self.client.name}-q").get("QueueUrls", [])
        return {f"queue/{url.rpartition('/')[2]}" for url in urls}
