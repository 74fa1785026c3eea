"""Requests to CloudWatch Logs: groups, retention, tags, streams and events."""

import time

from .model import ABSENT, Step

GROUPS, STREAMS, EVENTS_MAX = 3, 2, 200
RETENTIONS = [1, 3, 5, 7, 14, 30]


class Logs_Requests:
    kinds = ("group",)

    def __init__(self, client):
        self.client, self.model = client, client.model

    def call(self, operation, **params):
        return self.client.wire.rpc("logs", operation, params)

    def plan(self, random):
        name = f"{self.client.name}-g{random.randrange(GROUPS)}"
        if f"group/{name}" not in self.model.state:
            tags = {"a": str(random.randrange(100))}
            return Step(f"CreateLogGroup {name}", lambda: self.call("CreateLogGroup", logGroupName=name, tags=tags),
                        {f"group/{name}": {"retention": ABSENT, "tags": tags, "streams": {}}})
        return random.choice([self.put_events] * 5 + [self.create_stream, self.delete_stream, self.retention, self.tag, self.delete])(
            random, name, self.model.copy_of(f"group/{name}"))

    def create_stream(self, random, name, state):
        free = sorted({f"s{number}" for number in range(STREAMS)} - set(state["streams"]))
        if not free:
            return self.put_events(random, name, state)
        state["streams"][free[0]] = []
        return Step(f"CreateLogStream {name} {free[0]}", lambda: self.call("CreateLogStream", logGroupName=name, logStreamName=free[0]),
                    {f"group/{name}": state})

    def put_events(self, random, name, state):
        if not state["streams"]:
            return self.create_stream(random, name, state)
        stream = random.choice(sorted(state["streams"]))
        if len(state["streams"][stream]) > EVENTS_MAX:
            return self.delete_stream(random, name, state)
        messages = [f"event {self.client.serial()}" for _ in range(random.randint(1, 20))]
        state["streams"][stream] += messages
        now = int(time.time() * 1000)
        return Step(f"PutLogEvents {name} {stream} {messages[0]} to {messages[-1]}", lambda: self.call(
            "PutLogEvents", logGroupName=name, logStreamName=stream, logEvents=[{"timestamp": now, "message": text} for text in messages]),
            {f"group/{name}": state})

    def delete_stream(self, random, name, state):
        if not state["streams"]:
            return self.create_stream(random, name, state)
        stream = random.choice(sorted(state["streams"]))
        del state["streams"][stream]
        return Step(f"DeleteLogStream {name} {stream}", lambda: self.call("DeleteLogStream", logGroupName=name, logStreamName=stream),
                    {f"group/{name}": state})

    def retention(self, random, name, state):
        if state["retention"] is not ABSENT and random.random() < 0.4:
            state["retention"] = ABSENT
            return Step(f"DeleteRetentionPolicy {name}", lambda: self.call("DeleteRetentionPolicy", logGroupName=name), {f"group/{name}": state})
        state["retention"] = random.choice(RETENTIONS)
        return Step(f"PutRetentionPolicy {name}", lambda: self.call(
            "PutRetentionPolicy", logGroupName=name, retentionInDays=state["retention"]), {f"group/{name}": state})

    def tag(self, random, name, state):
        added = {f"t{random.randrange(4)}": str(random.randrange(100))}
        state["tags"].update(added)
        return Step(f"TagLogGroup {name}", lambda: self.call("TagLogGroup", logGroupName=name, tags=added), {f"group/{name}": state})

    def delete(self, random, name, state):
        return Step(f"DeleteLogGroup {name}", lambda: self.call("DeleteLogGroup", logGroupName=name), {f"group/{name}": ABSENT})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        groups = [group for group in self.call("DescribeLogGroups", logGroupNamePrefix=name)["logGroups"] if group["logGroupName"] == name]
        if not groups:
            return ABSENT
        streams = [stream["logStreamName"] for stream in self.call("DescribeLogStreams", logGroupName=name)["logStreams"]]
        return {"retention": groups[0].get("retentionInDays"), "tags": self.call("ListTagsLogGroup", logGroupName=name)["tags"],
                "streams": {stream: self.messages(name, stream) for stream in streams}}

    def messages(self, name, stream):
        events = self.call("GetLogEvents", logGroupName=name, logStreamName=stream, startFromHead=True)["events"]
        return [event["message"] for event in events]

    def names(self):
        groups = self.call("DescribeLogGroups", logGroupNamePrefix=f"{self.client.name}-", limit=50)["logGroups"]
        return {f"group/{group['logGroupName']}" for group in groups}
