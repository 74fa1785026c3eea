"""Tests SnapStart of Python functions: hooks, states and the log, with the package of AWS's runtime.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html, snapstart-monitoring.html.
"""

import base64
import pathlib

import botocore.exceptions
import pytest
import snapshot_restore_py
from conftest import Functions, error_of

HOOKS = {"snapshot_restore_py.py": pathlib.Path(snapshot_restore_py.__file__).read_text()}
SOURCE = """
    import os, sys
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    steps = ["init"]

    @register_before_snapshot
    def first():
        steps.append("before 1")

    register_before_snapshot(steps.append, "before 2")
    register_after_restore(steps.append, "after 1")

    @register_after_restore
    def last():
        print("restored")
        steps.append("after 2")

    def handler(event, context):
        return {"steps": steps, "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "stream": context.log_stream_name,
                "version": context.function_version}
"""
FAILING = """
    import os, sys, time
    from snapshot_restore_py import register_after_restore, register_before_snapshot

    @%s
    def hook():
        %s

    def handler(event, context):
        return "ran"
"""


@pytest.fixture
def functions(functions_in_each_mode):
    return functions_in_each_mode


def create(functions, name, source):
    return functions.python(name, source, runtime="python3.12", files=HOOKS, SnapStart={"ApplyOn": "PublishedVersions"})


def publish(functions, name, state="Active"):
    """Publishes a version and waits for its state. Returns the responses of both moments."""
    published = functions.lambda_.publish_version(FunctionName=name)
    waiter = functions.lambda_.get_waiter("published_version_active")
    try:
        waiter.wait(FunctionName=name, Qualifier=published["Version"], WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})
    except botocore.exceptions.WaiterError:
        assert state == "Failed"
    version = functions.lambda_.get_function_configuration(FunctionName=name, Qualifier=published["Version"])
    assert version["State"] == state
    return published, version


def tail(response):
    return base64.b64decode(response["LogResult"]).decode()


def test_hooks_run_around_the_snapshot(functions):
    name = create(functions, "snap-hooks", SOURCE)
    latest, _ = functions.invoke(name)
    assert (latest["steps"], latest["type"]) == (["init"], "on-demand")

    published, active = publish(functions, name)
    assert (published["State"], published["StateReasonCode"]) == ("Pending", "Creating")
    assert published["SnapStart"] == active["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    assert "StateReason" not in active

    first, response = functions.invoke(name, Qualifier="1", LogType="Tail")
    assert first == {"steps": ["init", "before 2", "before 1", "after 1", "after 2"], "type": "snap-start", "stream": None, "version": "1"}
    log = tail(response)
    assert "Restore Duration: " in log and "Billed Restore Duration: " in log and "Init Duration" not in log
    second, response = functions.invoke(name, Qualifier="1", LogType="Tail")
    assert second == first and "Restore Duration" not in tail(response)


def test_log_has_the_init_before_the_restore(functions):
    name = create(functions, "snap-log", SOURCE)
    publish(functions, name)
    functions.invoke(name, Qualifier="1")
    messages = [event["message"] for event in functions.engine.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
    kinds = [message.split()[0] for message in messages if not message.startswith("[WARNING]")]
    expected = ["INIT_START", "INIT_REPORT", "RESTORE_START", "restored", "RESTORE_REPORT", "START", "END", "REPORT"]
    assert [kind for kind in kinds if kind in expected] == expected


def test_concurrent_events_have_environments_with_hooks(functions):
    name = create(functions, "snap-more", SOURCE)
    publish(functions, name)
    functions.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    functions.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)  # ends the environment
    assert functions.invoke(f"{name}:live")[0]["steps"] == ["init", "before 2", "before 1", "after 1", "after 2"]


@pytest.mark.parametrize("statement", ["raise ValueError('no snapshot')", "sys.exit(3)", "os._exit(3)"])
def test_failed_hook_before_the_snapshot_fails_the_version(functions, statement):
    name = create(functions, "snap-before", FAILING % ("register_before_snapshot", statement))
    _, version = publish(functions, name, "Failed")
    assert (version["StateReasonCode"], version["StateReason"]) == ("FunctionError.RuntimeInitError", "An error occurred during function initialization.")
    assert error_of(functions.lambda_.invoke, FunctionName=name, Qualifier="1") == (
        "ResourceConflictException", "The operation cannot be performed at this time. The function is currently in the following state: Failed")
    assert functions.invoke(name)[0] == "ran"
    assert "Error Type: Runtime." in functions.engine.run("logs", name).stdout


@pytest.mark.parametrize("statement", ["raise ValueError('not restored')", "sys.exit(3)", "os._exit(3)"])
def test_failed_hook_after_the_restore_fails_the_event(functions, statement):
    name = create(functions, "snap-after", FAILING % ("register_after_restore", statement))
    publish(functions, name)
    for _ in range(2):
        code, message = error_of(functions.lambda_.invoke, FunctionName=name, Qualifier="1")
        assert code == "SnapStartException" and "runtime hook encountered an error" in message
    assert "RESTORE_REPORT" in functions.engine.run("logs", name).stdout


def test_pending_version_is_not_ready(functions):
    name = create(functions, "snap-pending", "import time; time.sleep(2)\ndef handler(event, context):\n    return 1\n")
    functions.lambda_.publish_version(FunctionName=name)
    code, _ = error_of(functions.lambda_.invoke, FunctionName=name, Qualifier="1")
    assert code == "SnapStartNotReadyException"


def test_pending_version_becomes_active_after_a_restart(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    name = create(functions, "snap-restart", "import time; time.sleep(1)\ndef handler(event, context):\n    return 1\n")
    functions.lambda_.publish_version(FunctionName=name)
    engine.stop()
    engine.start()
    waiter = functions.lambda_.get_waiter("published_version_active")
    waiter.wait(FunctionName=name, Qualifier="1", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})
    assert functions.invoke(name, Qualifier="1")[0] == 1


def test_restore_api_exists_only_with_snap_start(functions):
    name = functions.python("snap-none", """
        import os, urllib.error, urllib.request

        def handler(event, context):
            try:
                urllib.request.urlopen(f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/restore/next")
            except urllib.error.HTTPError as error:
                return error.code
    """)
    assert functions.invoke(name)[0] == 404
