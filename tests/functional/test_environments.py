"""Tests which execution environment receives an event: a runtime is ready when it asks for the next one."""

import json
import time
import urllib.request

import pytest
from conftest import Functions

# A runtime in bash: responds with an identifier of the process, then runs {after} before it asks for the next event.
BOOTSTRAP = r"""#!/bin/bash
id=$(cat /proc/sys/kernel/random/uuid)
host="${AWS_LAMBDA_RUNTIME_API%:*}" port="${AWS_LAMBDA_RUNTIME_API#*:}"
while true; do
    exec 3<>"/dev/tcp/$host/$port"
    printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    request=""
    while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do
        case "${line,,}" in lambda-runtime-aws-request-id:*) request="${line#*: }"; request="${request%$'\r'}";; esac
    done
    cat <&3 >/dev/null; exec 3>&-
    exec 3<>"/dev/tcp/$host/$port"
    printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 38\r\n\r\n"%s"' "$request" "$id" >&3
    cat <&3 >/dev/null; exec 3>&-
    {after}
done
"""


@pytest.fixture
def runtime(functions):
    def create(name, after, **settings):
        return functions.create(name, {"bootstrap!": BOOTSTRAP.replace("{after}", after)}, "provided.al2023", "any", **settings)
    return create


def environments(engine):
    return json.load(urllib.request.urlopen(engine.url + "/_osbot/health"))["environments"]


def test_runtime_that_exits_after_its_response_fails_no_event(functions, runtime):
    name = runtime("exits-after-response", "exit 0")
    results = [functions.invoke(name) for _ in range(100)]
    assert [payload for payload, response in results if "FunctionError" in response] == []
    assert len({payload for payload, _ in results}) == 100


def test_back_to_back_invokes_wait_for_the_only_environment(functions, runtime):
    name = runtime("slow-to-ask", "sleep 0.1")
    functions.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    assert len({functions.invoke(name)[0] for _ in range(10)}) == 1


def test_event_is_not_held_by_a_runtime_that_does_not_ask(functions, runtime):
    name = runtime("busy-after-response", "sleep 5", Timeout=30)
    first, began = functions.invoke(name)[0], time.monotonic()
    assert functions.invoke(name)[0] != first
    assert time.monotonic() - began < 4


def test_waiting_event_moves_when_the_runtime_exits(functions, runtime):
    name = runtime("exits-later", "sleep 0.2; exit 1")
    first = functions.invoke(name)[0]
    payload, response = functions.invoke(name)
    assert "FunctionError" not in response and payload != first


def test_runtime_that_never_asks_ends_at_its_timeout(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.create("never-asks", {"bootstrap!": BOOTSTRAP.replace("{after}", "sleep 60")}, "provided.al2023", "any", Timeout=1)
    functions.invoke("never-asks")
    assert environments(engine) == 1
    deadline = time.monotonic() + 10
    while environments(engine) != 0:
        assert time.monotonic() < deadline, "the environment still exists"
        time.sleep(0.05)


def test_each_tenant_has_environments_of_its_own(functions):
    source = "calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n    return [context.tenant_id, calls]\n"
    name = functions.python("tenants", source, TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    for tenant, calls in (("blue", 1), ("green", 1), ("blue", 2), ("green", 2)):
        assert functions.invoke(name, TenantId=tenant)[0] == [tenant, calls]
    with pytest.raises(functions.lambda_.exceptions.InvalidParameterValueException, match="Add a valid tenant ID"):
        functions.invoke(name)
