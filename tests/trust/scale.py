"""Many warm invokes, cold starts and deploys, with the measures of the engine before and after: work that has ended leaves nothing behind."""

import base64
import json
import time

from load import Outcome, request_bytes, run_load
from measures import LOGS_MAX, check_growth, disk_use, growth_text, measure
from support import PYTHON_RUNTIME, Failed, Progress, engine_in_folder, health_of, percentile, wait_until, zip_of
from wire import LAMBDA_2015, Wire

CONNECTIONS = 4
CHUNK = 20_000             # warm invokes between two entries in the totals
WARM_UP_SHARE = 0.05       # of the goal, before the first measure; at most:
WARM_UP_MAX = {"warm": 20_000, "cold": 300, "deploys": 300}
SETTLE_S_MAX = 30
STABLE_S = 2
NAMES = 20                 # functions that the deploys change
CREATE_EVERY = 5           # each fifth deploy deletes and creates its function
HANDLER = "import os\nCODE = {code!r}\nSTARTS = []\ndef handler(event, context):\n    STARTS.append(1)\n    return [CODE, os.environ.get('VALUE'), len(STARTS)]\n"
ECHO = "def handler(event, context):\n    return event\n"


def settle(engine, environments):
    """Waits until all work has ended and the state is written, so that two measures are comparable."""
    wait_until(lambda: (health := health_of(engine))["environments"] == environments and health["queued"] == 0, SETTLE_S_MAX,
               f"{environments} execution environments remain")
    size, since = None, time.monotonic()
    while time.monotonic() - since < STABLE_S:  # the engine removes replaced code a second after its last use
        now = disk_use(engine.state)[1]
        if now != size:
            size, since = now, time.monotonic()
        time.sleep(0.1)


class Scale:
    """Runs one kind of work in steps. `work(first, count)` does a part of it; `environments` are running whenever it has ended."""

    def __init__(self, name, engine, totals, save):
        self.name, self.engine, self.totals, self.save = name, engine, totals, save
        self.progress, self.wire = Progress(name), Wire(engine.port)

    def run(self, work, step, environments):
        warm_up = max(1, min(WARM_UP_MAX[self.name], int(self.totals["goal"] * WARM_UP_SHARE)))
        work(-warm_up, warm_up)
        settle(self.engine, environments)
        before = measure(self.engine)
        began, first = time.monotonic(), self.totals["done"]
        while self.totals["done"] < self.totals["goal"]:
            count = min(step, self.totals["goal"] - self.totals["done"])
            work(self.totals["done"], count)
            self.totals["done"] += count
            self.save()
            self.progress.show(f"{self.totals['done']} of {self.totals['goal']}")
        rate = (self.totals["done"] - first) / (time.monotonic() - began)
        settle(self.engine, environments)
        check_growth(self.name, before, measure(self.engine), self.totals)
        self.progress.show(f"{self.totals['goal']}, {rate:.0f}/s; growth: {growth_text(self.totals)}", now=True)

    def create(self, name, source, **settings):
        self.wire.create_function(name, zip_of({"app.py": source}), PYTHON_RUNTIME, self.role(), Timeout=30, **settings)
        self.wire.settled_configuration(name)

    def role(self):
        root = self.wire.query("iam", "GetRole", (200, 404), RoleName="trust-role")
        return self.wire.create_role("trust-role") if root is None else root.findtext(".//Role/Arn")

    def expect_result(self, name, expected):
        body = self.wire.invoke(name, {}).json()
        if body != expected:
            raise Failed(f"{name} returned {body}, not {expected}")


def warm(scale):
    """Invokes an echo function on a few connections."""
    scale.create("echo", ECHO)
    event = json.dumps({"text": "x" * 100, "list": list(range(10))}).encode()
    request = request_bytes(scale.engine.port, f"{LAMBDA_2015}/functions/echo/invocations", event)
    outcome = Outcome()

    def check(status, body):
        if status != 200 or json.loads(body) != json.loads(event):
            raise Failed(f"echo returned {status} {body[:500]!r}")

    def work(_, count):
        outcome.latencies.clear()
        run_load(scale.engine.port, request, count, CONNECTIONS, check, outcome)

    scale.run(work, CHUNK, CONNECTIONS)
    scale.totals["p50_ms"], scale.totals["p99_ms"] = (round(percentile(outcome.latencies, share) * 1000, 3) for share in (0.5, 0.99))


def cold(scale):
    """Changes a variable of a function before each invoke, so that each one starts a new execution environment."""
    scale.create("cold", HANDLER.format(code="cold"))

    def work(first, count):
        for number in range(first, first + count):
            scale.wire.lambda_("PUT", f"{LAMBDA_2015}/functions/cold/configuration", {"Environment": {"Variables": {"VALUE": str(number)}}})
            scale.wire.settled_configuration("cold")
            scale.expect_result("cold", ["cold", str(number), 1])

    scale.run(work, 100, 1)


def deploy(scale, number):
    """Deploys code that no earlier deploy had."""
    name, code = f"deploy{number % NAMES}", f"code {number} of {scale.totals['goal']}"
    source = HANDLER.format(code=code)
    if number // NAMES % CREATE_EVERY == 0:
        scale.wire.lambda_("DELETE", f"{LAMBDA_2015}/functions/{name}")
        scale.create(name, source)
    else:
        content = base64.b64encode(zip_of({"app.py": source})).decode()
        scale.wire.lambda_("PUT", f"{LAMBDA_2015}/functions/{name}/code", {"ZipFile": content})
        scale.wire.settled_configuration(name)
    scale.expect_result(name, [code, None, 1])


def deploys(scale):
    """Deploys new code, or deletes and creates the function, and checks that an invoke runs the new code."""
    for number in range(NAMES):
        scale.create(f"deploy{number}", HANDLER.format(code=f"first {number}"))

    def work(first, count):
        for number in range(first, first + count):
            deploy(scale, number)
        for number in range(NAMES):  # each function has one environment whenever the work is measured
            scale.wire.invoke(f"deploy{number}", {})

    scale.run(work, 100, NAMES)


def run(name, act, goal, options, totals):
    mine = totals.campaign(name, goal)
    with engine_in_folder(options.osbot, name, "--logs-max", LOGS_MAX) as engine:
        act(Scale(name, engine, mine, totals.save))
    totals.complete(mine)


def run_warm(options, totals):
    run("warm", warm, options.invokes, options, totals)


def run_cold(options, totals):
    run("cold", cold, options.cold_starts, options, totals)


def run_deploys(options, totals):
    run("deploys", deploys, options.deploys, options, totals)
