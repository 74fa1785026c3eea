"""Ten times as many clients as a function may have concurrent invokes: each response is a success or AWS's 429, and nothing else suffers."""

import json
import threading
import time

from load import request_bytes, run_load
from measures import LOGS_MAX, check_growth, growth_text, measure
from scale import Scale, settle
from support import Failed, engine_in_folder, percentile
from wire import LAMBDA_2015, Wire

CAPACITY, TIMES = 20, 10           # reserved concurrency; clients per unit of it
SHORT_CAPACITY = 5
WORK_S = 0.02                      # duration of one invoke
RECOVERY_S_MAX = 10
THROTTLED = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}
SOURCE = f"import time\ndef handler(event, context):\n    time.sleep({WORK_S})\n    return event\n"
ECHO = "def handler(event, context):\n    return event\n"


class Bystander(threading.Thread):
    """Requests the engine's status and invokes another function during the overload. Both must succeed each time."""

    def __init__(self, engine):
        super().__init__(daemon=True)
        self.engine, self.stopping, self.latencies, self.error = engine, threading.Event(), [], None

    def run(self):
        wire, control = Wire(self.engine.port), Wire.control(self.engine)
        try:
            while not self.stopping.wait(0.05):
                began = time.perf_counter()
                control.send("", "GET", "/_osbot/status")
                wire.invoke("other", {})
                self.latencies.append(time.perf_counter() - began)
        except Exception as error:
            self.error = error
        finally:
            wire.close()
            control.close()

    def finish(self):
        self.stopping.set()
        self.join(60)
        if self.error or not self.latencies:
            raise Failed(f"during the overload a status request or another function failed: {self.error}")


def check(status, body):
    """A success is the function's result; a refusal is AWS's, with its reason."""
    if status == 200 and json.loads(body) == {"n": 1}:
        return
    if status == 429 and THROTTLED.items() <= json.loads(body).items():
        return
    raise Failed(f"overload: {status} {body[:500]!r}")


def check_recovery(wire):
    """After the overload the function accepts an invoke as soon as its running ones have ended."""
    deadline = time.monotonic() + RECOVERY_S_MAX
    while wire.invoke("limited", {"n": 1}, (200, 429)).status == 429:
        if time.monotonic() > deadline:
            raise Failed(f"the function is throttled {RECOVERY_S_MAX} s after the overload")
        time.sleep(0.05)


def overload(scale, capacity, admitted):
    scale.create("limited", SOURCE)
    scale.create("other", ECHO)
    scale.wire.lambda_("PUT", "/2017-10-31/functions/limited/concurrency", {"ReservedConcurrentExecutions": capacity})
    request = request_bytes(scale.engine.port, f"{LAMBDA_2015}/functions/limited/invocations", b'{"n": 1}')
    scale.wire.invoke("other", {})
    run_load(scale.engine.port, request, 5 * capacity, TIMES * capacity, check)  # starts all environments
    settle(scale.engine, capacity + 1)
    before, bystander, began = measure(scale.engine), Bystander(scale.engine), time.monotonic()
    bystander.start()
    outcome = run_load(scale.engine.port, request, admitted, TIMES * capacity, check,
                       proceed=lambda: scale.progress.show("continues"))
    bystander.finish()
    check_recovery(scale.wire)
    settle(scale.engine, capacity + 1)
    check_growth("overload", before, measure(scale.engine), scale.totals)
    report(scale, outcome, bystander, time.monotonic() - began)


def report(scale, outcome, bystander, seconds):
    scale.totals.update(
        done=outcome.statuses[200], admitted=outcome.statuses[200], throttled=outcome.statuses[429], seconds=round(seconds, 1),
        p50_ms=round(percentile(outcome.latencies, 0.5) * 1000, 1), p99_ms=round(percentile(outcome.latencies, 0.99) * 1000, 1),
        bystander_max_ms=round(max(bystander.latencies) * 1000, 1))
    t = scale.totals
    scale.progress.show(f"{t['admitted']} admitted (p50 {t['p50_ms']} ms, p99 {t['p99_ms']} ms), {t['throttled']} throttled; status and another function "
                        f"{len(bystander.latencies)} times, at most {t['bystander_max_ms']} ms; growth: {growth_text(t)}", now=True)


def run(options, totals):
    mine = totals.campaign("overload", options.admitted)
    with engine_in_folder(options.osbot, "overload", "--logs-max", LOGS_MAX) as engine:
        overload(Scale("overload", engine, mine, totals.save), SHORT_CAPACITY if options.short else CAPACITY, options.admitted)
    totals.complete(mine)
