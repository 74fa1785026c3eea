"""Requests to Lambda: functions, code, configuration, versions, aliases, layers, URLs, policies, tags, concurrency, options of events, mappings,
code signing configurations, invokes."""

import base64
import hashlib
import json
import urllib.parse

from wire import LAMBDA_2015, LAMBDA_2017

from .model import ABSENT, Step

FUNCTIONS, LAYERS, CODES, VERSIONS_MAX, LAYER_VERSIONS_MAX = 3, 2, 6, 8, 5
CONCURRENCY, URLS, LAYER_PATH = "/2019-09-30", "/2021-10-31", "/2018-10-31/layers"
EVENT_INVOKE, SIGNING = "/2019-09-25", "/2020-04-22/code-signing-configs"
PROFILE_ARN = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij"
FUNCTION_ARN, QUEUE_ARN = "arn:aws:lambda:us-east-1:000000000000:function:", "arn:aws:sqs:us-east-1:000000000000:"
MAPPINGS = f"{LAMBDA_2015}/event-source-mappings"
HANDLER = "import os\nMARKER = {marker!r}\ndef handler(event, context):\n    return [MARKER, os.environ.get('VALUE')]\n"


def sha256(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class Code:
    """A few packages of one client, made once, because compressing them would take the client's time."""

    def __init__(self, make_zip, name):
        self.markers = [f"{name}-code{number}" for number in range(CODES)]
        self.zips = {marker: make_zip({"app.py": HANDLER.format(marker=marker)}) for marker in self.markers}
        self.marker_of = {sha256(content): marker for marker, content in self.zips.items()}

    def text(self, marker):
        return base64.b64encode(self.zips[marker]).decode()


class Lambda_Requests:
    kinds = ("function", "layer", "mapping", "signing")

    def __init__(self, client):
        self.client, self.model, self.mapping_ids = client, client.model, {}
        self.signing_arns = {}
        self.code = Code(client.make_zip, client.name)

    @property
    def wire(self):
        return self.client.wire

    def plan(self, random):
        if random.random() < 0.15:
            return self.change_layer(random)
        if random.random() < 0.05:
            return self.signing(random)
        name = f"{self.client.name}-f{random.randrange(FUNCTIONS)}"
        if f"function/{name}" not in self.model.state:
            return self.create(random, name)
        choices = [self.update_code, self.update_code, self.update_configuration, self.update_configuration, self.publish, self.publish, self.alias,
                   self.alias, self.url, self.concurrency, self.event_invoke, self.tag, self.permission, self.mapping, self.mapping, self.invoke,
                   self.invoke, self.delete]
        return random.choice(choices)(random, name, self.model.copy_of(f"function/{name}"))

    def path(self, name, rest="", version=LAMBDA_2015):
        return f"{version}/functions/{name}{rest}"

    def step(self, label, name, state, method, path, params=None, settles=False):
        """Returns a step that changes one function. `settles` waits afterwards until the function is ready."""
        learn = (lambda _: self.wire.settled_configuration(name)) if settles else None
        return Step(f"{label} {name}", lambda: self.wire.lambda_(method, path, params), {f"function/{name}": state}, learn)

    # ---- functions --------------------------------------------------------------------------------------------------

    def create(self, random, name):
        marker, tags = random.choice(self.code.markers), {"a": str(random.randrange(100))}
        state = {"description": "created", "memory": 128, "value": str(random.randrange(1000)), "marker": marker, "layers": [], "versions": {},
                 "aliases": {}, "url": ABSENT, "reserved": ABSENT, "retries": ABSENT, "tags": tags, "statements": []}
        params = {"FunctionName": name, "Runtime": self.client.runtime, "Handler": "app.handler", "Role": self.client.role, "MemorySize": 128,
                  "Description": "created", "Environment": {"Variables": {"VALUE": state["value"]}}, "Tags": tags, "Timeout": 10,
                  "Code": {"ZipFile": self.code.text(marker)}}
        return self.step("CreateFunction", name, state, "POST", f"{LAMBDA_2015}/functions", params, settles=True)

    def delete(self, random, name, state):
        if f"mapping/{name}" in self.model.state:
            return self.mapping(random, name, state)
        return self.step("DeleteFunction", name, ABSENT, "DELETE", self.path(name))

    def update_code(self, random, name, state):
        state["marker"] = random.choice(self.code.markers)
        return self.step(f"UpdateFunctionCode {state['marker']}", name, state, "PUT", self.path(name, "/code"),
                         {"ZipFile": self.code.text(state["marker"])}, settles=True)

    def update_configuration(self, random, name, state):
        layers = [self.layer_arn(layer.partition("/")[2], max(versions, key=int))
                  for layer, versions in sorted(self.model.of_kind("layer").items()) if versions]
        state.update(description=f"d{random.randrange(1000)}", memory=random.choice([128, 192, 256]), value=str(random.randrange(1000)),
                     layers=layers[:random.randint(0, len(layers))])
        return self.step("UpdateFunctionConfiguration", name, state, "PUT", self.path(name, "/configuration"), {
            "Description": state["description"], "MemorySize": state["memory"], "Environment": {"Variables": {"VALUE": state["value"]}},
            "Layers": state["layers"]}, settles=True)

    def publish(self, random, name, state):
        content = [state["marker"], state["memory"], state["value"], state["layers"]]
        versions = state["versions"]
        newest = max(map(int, versions), default=0)
        if len(versions) >= VERSIONS_MAX or newest and versions[str(newest)][1:] == content:  # Lambda publishes no equal version
            return self.update_configuration(random, name, state)
        description = f"published {random.randrange(1000)}"
        versions[str(newest + 1)] = [description, *content]
        return self.step(f"PublishVersion {newest + 1}", name, state, "POST", self.path(name, "/versions"), {"Description": description})

    def alias(self, random, name, state):
        if not state["versions"]:
            return self.publish(random, name, state)
        alias, version = random.choice(["live", "next"]), random.choice(sorted(state["versions"]))
        if alias not in state["aliases"]:
            state["aliases"][alias] = version
            return self.step(f"CreateAlias {alias} {version}", name, state, "POST", self.path(name, "/aliases"),
                             {"Name": alias, "FunctionVersion": version})
        if random.random() < 0.3:
            del state["aliases"][alias]
            return self.step(f"DeleteAlias {alias}", name, state, "DELETE", self.path(name, f"/aliases/{alias}"))
        state["aliases"][alias] = version
        return self.step(f"UpdateAlias {alias} {version}", name, state, "PUT", self.path(name, f"/aliases/{alias}"), {"FunctionVersion": version})

    def url(self, random, name, state):
        path = self.path(name, "/url", URLS)
        if state["url"] is not ABSENT and random.random() < 0.4:
            state["url"] = ABSENT
            return self.step("DeleteFunctionUrlConfig", name, state, "DELETE", path)
        method = "POST" if state["url"] is ABSENT else "PUT"
        state["url"] = {"auth": random.choice(["NONE", "AWS_IAM"]), "mode": random.choice(["BUFFERED", "RESPONSE_STREAM"])}
        label = {"POST": "CreateFunctionUrlConfig", "PUT": "UpdateFunctionUrlConfig"}[method]
        return self.step(label, name, state, method, path, {"AuthType": state["url"]["auth"], "InvokeMode": state["url"]["mode"]})

    def concurrency(self, random, name, state):
        path = self.path(name, "/concurrency", LAMBDA_2017)
        return self.put_or_delete(random, name, state, "reserved", "FunctionConcurrency", path, "ReservedConcurrentExecutions", range(1, 10))

    def event_invoke(self, random, name, state):
        path = self.path(name, "/event-invoke-config", EVENT_INVOKE)
        return self.put_or_delete(random, name, state, "retries", "FunctionEventInvokeConfig", path, "MaximumRetryAttempts", range(3))

    def put_or_delete(self, random, name, state, key, resource, path, member, numbers):
        if state[key] is not ABSENT and random.random() < 0.5:
            state[key] = ABSENT
            return self.step(f"Delete{resource}", name, state, "DELETE", path)
        state[key] = random.choice(numbers)
        return self.step(f"Put{resource}", name, state, "PUT", path, {member: state[key]})

    def tag(self, random, name, state):
        path = f"/2017-03-31/tags/{urllib.parse.quote(FUNCTION_ARN + name, safe='')}"
        if len(state["tags"]) > 2:
            removed = sorted(state["tags"])
            state["tags"] = {}
            return self.step("UntagResource", name, state, "DELETE", path + "?" + "&".join(f"tagKeys={key}" for key in removed))
        added = {f"t{random.randrange(4)}": str(random.randrange(100))}
        state["tags"].update(added)
        return self.step("TagResource", name, state, "POST", path, {"Tags": added})

    def permission(self, random, name, state):
        if len(state["statements"]) >= 3:
            statement = random.choice(state["statements"])
            state["statements"].remove(statement)
            return self.step(f"RemovePermission {statement}", name, state, "DELETE", self.path(name, f"/policy/{statement}"))
        statement = f"s{self.client.serial()}"
        state["statements"] = sorted([*state["statements"], statement])
        return self.step(f"AddPermission {statement}", name, state, "POST", self.path(name, "/policy"), {
            "StatementId": statement, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"})

    def invoke(self, random, name, state):
        """Invokes the function; its result must be that of the code and the configuration in the model."""
        qualifier = random.choice(["", *(f"?Qualifier={version}" for version in sorted(state["versions"]))])
        version = state["versions"].get(qualifier.rpartition("=")[2])
        expected = [version[1], version[3]] if version else [state["marker"], state["value"]]

        def send():
            response = self.wire.send("lambda", "POST", self.path(name, f"/invocations{qualifier}"), b"{}")
            assert response.json() == expected, f"{name}{qualifier} returned {response.body}, not {expected}"

        return Step(f"Invoke {name}{qualifier}", send, {})

    # ---- layers -----------------------------------------------------------------------------------------------------

    @staticmethod
    def layer_arn(name, version):
        return f"arn:aws:lambda:us-east-1:000000000000:layer:{name}:{version}"

    def change_layer(self, random):
        name = f"{self.client.name}-l{random.randrange(LAYERS)}"
        state = self.model.copy_of(f"layer/{name}") if f"layer/{name}" in self.model.state else {}
        others = sorted(state, key=int)[:-1]  # the newest version stays: its number is observed
        if others and (len(others) >= LAYER_VERSIONS_MAX or random.random() < 0.4):
            version = random.choice(others)
            del state[version]
            return Step(f"DeleteLayerVersion {name} {version}", lambda: self.wire.lambda_("DELETE", f"{LAYER_PATH}/{name}/versions/{version}"),
                        {f"layer/{name}": state})
        marker, version = random.choice(self.code.markers), str(max(map(int, state), default=0) + 1)
        state[version] = [f"layer {random.randrange(1000)}", marker]
        return Step(f"PublishLayerVersion {name} {version}", lambda: self.wire.lambda_("POST", f"{LAYER_PATH}/{name}/versions", {
            "Description": state[version][0], "Content": {"ZipFile": self.code.text(marker)}}), {f"layer/{name}": state})

    # ---- event source mappings --------------------------------------------------------------------------------------

    def mapping(self, random, name, function):
        """Changes the mapping of the client's idle queue to the function. `function` is not changed."""
        mapping = self.model.state.get(f"mapping/{name}")
        batch = random.randint(1, 10)
        if mapping is None:
            def learn(created):
                self.mapping_ids[name] = created["UUID"]

            params = {"EventSourceArn": QUEUE_ARN + self.client.idle_queue, "FunctionName": name, "BatchSize": batch}
            return Step(f"CreateEventSourceMapping {name}", lambda: self.wire.lambda_("POST", MAPPINGS, params),
                        {f"mapping/{name}": {"batch": batch, "state": "Enabled"}}, learn)
        path = f"{MAPPINGS}/{self.mapping_ids[name]}"
        if random.random() < 0.5:
            return Step(f"DeleteEventSourceMapping {name}", lambda: self.wire.lambda_("DELETE", path), {f"mapping/{name}": ABSENT})
        enabled = random.random() < 0.5
        return Step(f"UpdateEventSourceMapping {name}", lambda: self.wire.lambda_("PUT", path, {"BatchSize": batch, "Enabled": enabled}),
                    {f"mapping/{name}": {"batch": batch, "state": "Enabled" if enabled else "Disabled"}})

    # ---- code signing configurations --------------------------------------------------------------------------------

    def signing(self, random):
        """Changes the configuration of the client, whose description is its name."""
        name = f"{self.client.name}-signing"
        policy = random.choice(["Warn", "Enforce"])
        policies = {"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy}}
        if f"signing/{name}" not in self.model.state:
            def learn(created):
                self.signing_arns[name] = created["CodeSigningConfig"]["CodeSigningConfigArn"]

            params = {"Description": name, "AllowedPublishers": {"SigningProfileVersionArns": [PROFILE_ARN]}, **policies}
            return Step(f"CreateCodeSigningConfig {name}", lambda: self.wire.lambda_("POST", SIGNING, params), {f"signing/{name}": policy}, learn)
        path = f"{SIGNING}/{urllib.parse.quote(self.signing_arns[name], safe='')}"
        if random.random() < 0.3:
            return Step(f"DeleteCodeSigningConfig {name}", lambda: self.wire.lambda_("DELETE", path), {f"signing/{name}": ABSENT})
        return Step(f"UpdateCodeSigningConfig {name}", lambda: self.wire.lambda_("PUT", path, policies), {f"signing/{name}": policy})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        return {"function": self.observe_function, "layer": self.observe_layer, "mapping": self.observe_mapping,
                "signing": self.observe_signing}[kind](name)

    def optional(self, path):
        return self.wire.lambda_("GET", path, expect=(200, 404))

    def content_of(self, configuration):
        return [self.code.marker_of[configuration["CodeSha256"]], configuration["MemorySize"], configuration["Environment"]["Variables"]["VALUE"],
                [layer["Arn"] for layer in configuration.get("Layers", [])]]

    def observe_function(self, name):
        now = self.wire.settled_configuration(name, expect=(200, 404))
        if now is None:
            return ABSENT
        marker, memory, value, layers = self.content_of(now)
        listed = self.wire.lambda_("GET", self.path(name, "/versions"))["Versions"]
        aliases = self.wire.lambda_("GET", self.path(name, "/aliases"))["Aliases"]
        return {"description": now["Description"], "memory": memory, "value": value, "marker": marker, "layers": layers,
                "versions": {each["Version"]: [each["Description"], *self.content_of(each)] for each in listed if each["Version"] != "$LATEST"},
                "aliases": {each["Name"]: each["FunctionVersion"] for each in aliases}, **self.observe_settings(name)}

    def observe_settings(self, name):
        url, policy = self.optional(self.path(name, "/url", URLS)), self.optional(self.path(name, "/policy"))
        events = self.optional(self.path(name, "/event-invoke-config", EVENT_INVOKE))
        tags = self.wire.lambda_("GET", f"/2017-03-31/tags/{urllib.parse.quote(FUNCTION_ARN + name, safe='')}")["Tags"]
        return {"url": {"auth": url["AuthType"], "mode": url["InvokeMode"]} if url else ABSENT,
                "reserved": self.wire.lambda_("GET", self.path(name, "/concurrency", CONCURRENCY)).get("ReservedConcurrentExecutions"), "tags": tags,
                "retries": events["MaximumRetryAttempts"] if events else ABSENT,
                "statements": sorted(each["Sid"] for each in json.loads(policy["Policy"])["Statement"]) if policy else []}

    def observe_layer(self, name):
        versions = {}
        for each in self.wire.lambda_("GET", f"{LAYER_PATH}/{name}/versions").get("LayerVersions", []):
            content = self.wire.lambda_("GET", f"{LAYER_PATH}/{name}/versions/{each['Version']}")["Content"]
            versions[str(each["Version"])] = [each["Description"], self.code.marker_of[content["CodeSha256"]]]
        return versions or ABSENT

    def observe_mapping(self, name):
        listed = self.wire.lambda_("GET", f"{MAPPINGS}?FunctionName={name}")["EventSourceMappings"]
        if not listed:
            return ABSENT
        assert len(listed) == 1, listed
        self.mapping_ids[name] = listed[0]["UUID"]
        return {"batch": listed[0]["BatchSize"], "state": listed[0]["State"]}

    def observe_signing(self, name):
        listed = [each for each in self.wire.lambda_("GET", SIGNING)["CodeSigningConfigs"] if each["Description"] == name]
        if not listed:
            return ABSENT
        assert len(listed) == 1, listed
        self.signing_arns[name] = listed[0]["CodeSigningConfigArn"]
        return listed[0]["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"]

    def names(self):
        functions = {f"function/{each['FunctionName']}" for each in self.pages("/functions", "Functions")}
        mappings = {f"mapping/{each['FunctionArn'].rpartition(':')[2]}" for each in self.pages("/event-source-mappings", "EventSourceMappings")}
        layers = {f"layer/{each['LayerName']}" for each in self.wire.lambda_("GET", LAYER_PATH)["Layers"]}
        signing = {f"signing/{each['Description']}" for each in self.wire.lambda_("GET", SIGNING)["CodeSigningConfigs"]}
        return {name for name in functions | mappings | layers | signing if name.partition("/")[2].startswith(f"{self.client.name}-")}

    def pages(self, path, member):
        marker = ""
        while marker is not None:
            page = self.wire.lambda_("GET", f"{LAMBDA_2015}{path}?MaxItems=50" + (f"&Marker={urllib.parse.quote(marker, safe='')}" if marker else ""))
            yield from page[member]
            marker = page.get("NextMarker")
