"""A real Jupyter kernel: handlers that are made in the cells of a notebook, as they are there when deploy() is called."""
import pathlib

import nbclient
import nbformat
import pytest

import osbot_aws

PACKAGES = str(pathlib.Path(osbot_aws.path).resolve().parent)
DEFINE = """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import json

GREETING = "Hello"

def decorated(name):
    return f"{GREETING}, {name}!"

def greet(event, context):
    return json.loads(json.dumps({"said": decorated(event["name"])}))
"""
DEPLOY = """\
deploy = Deploy_Lambda(greet)
assert deploy.deploy(), deploy.last_error
print(deploy.invoke({"name": "Ada"}))
"""


@pytest.fixture
def ran(osbot_local, tmp_path, monkeypatch):
    """Runs cells in a kernel of their own, which finds the test's engine, and answers what each printed or raised."""
    monkeypatch.setenv("PYTHONPATH", PACKAGES)
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))

    def run(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True,
                                resources={"metadata": {"path": str(tmp_path)}}).execute()
        return [said(cell) for cell in notebook.cells]

    return run


def said(cell):
    return "".join(output["text"] if output.output_type == "stream" else f"{output.ename}: {output.evalue}" for output in cell.outputs)


def test_a_handler_of_a_cell_is_deployed_and_its_new_definition_after_that(ran):
    redefined = "GREETING = 'Good evening'"
    again = "def greet(event, context):\n    return {'asked': decorated(event['name']) + ' How are you?'}"
    assert ran(DEFINE, DEPLOY, redefined, DEPLOY, again, DEPLOY) == [
        "", "{'said': 'Hello, Ada!'}\n", "", "{'said': 'Good evening, Ada!'}\n", "",
        "{'asked': 'Good evening, Ada! How are you?'}\n"]


def test_a_cell_s_lambda_expression_is_told_what_to_do(ran):
    _, failed = ran(DEFINE, "Deploy_Lambda(lambda event, context: 1)")
    assert failed.startswith("ValueError: the handler is a lambda expression")
    assert failed.endswith("make it a function with `def`")


def test_a_cell_s_value_that_cannot_go_along_is_named(ran):
    _, failed = ran(DEFINE, "lock = __import__('threading').Lock()\ndef guarded(event, context):\n    return lock.locked()\nDeploy_Lambda(guarded)")
    assert failed.startswith("ValueError: the handler uses lock, which is <unlocked _thread.lock")
    assert "Make it inside the handler, or put the handler and what it uses into a file" in failed
