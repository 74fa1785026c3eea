"""Tests handlers that are defined in cells of a notebook, in a real Jupyter kernel."""
import pathlib

import nbclient
import nbformat
import pytest

import osbot_aws
from osbot_aws.deploy.Program_Source import definitions_for

PACKAGES = str(pathlib.Path(osbot_aws.path).resolve().parent)
DEFINE = """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import json

GREETING = "Hello"

def decorated(name):
    return f"{GREETING}, {name}!"

def greet(event, context):
    return json.loads(json.dumps({"text": decorated(event["name"])}))
"""
DEPLOY = """\
deploy = Deploy_Lambda(greet)
assert deploy.deploy(), deploy.last_error
print(deploy.invoke({"name": "Ada"}))
"""


@pytest.fixture
def run_cells(osbot_local, tmp_path, monkeypatch):
    """Returns a function that runs cells in a new kernel and lists the output or the error of each cell.

    The kernel uses the test's engine.
    """
    monkeypatch.setenv("PYTHONPATH", PACKAGES)
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))

    def run(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True,
                                resources={"metadata": {"path": str(tmp_path)}}).execute()
        return [output_of(cell) for cell in notebook.cells]

    return run


def output_of(cell):
    return "".join(output["text"] if output.output_type == "stream" else f"{output.ename}: {output.evalue}" for output in cell.outputs)


def test_deploy_uses_redefined_names_of_notebook(run_cells):
    new_greeting = "GREETING = 'Good evening'"
    new_handler = "def greet(event, context):\n    return {'question': decorated(event['name']) + ' How are you?'}"
    assert run_cells(DEFINE, DEPLOY, new_greeting, DEPLOY, new_handler, DEPLOY) == [
        "", "{'text': 'Hello, Ada!'}\n", "", "{'text': 'Good evening, Ada!'}\n", "",
        "{'question': 'Good evening, Ada! How are you?'}\n"]


def test_deploy_rejects_lambda_expression_in_cell(run_cells):
    _, error = run_cells(DEFINE, "Deploy_Lambda(lambda event, context: 1)")
    assert error.startswith("ValueError: the handler is a lambda expression")
    assert error.endswith("define it with `def`")


def test_deploy_names_cell_value_that_cannot_be_packed(run_cells):
    _, error = run_cells(DEFINE, "lock = __import__('threading').Lock()\ndef guarded(event, context):\n    return lock.locked()\nDeploy_Lambda(guarded)")
    assert error.startswith("ValueError: the handler uses lock, which is <unlocked _thread.lock")
    assert "Create it inside the handler, or move the handler and the code that it uses into a file" in error


def test_deploy_rejects_large_constant_of_cell(run_cells):
    counted = "def counted(event, context):\n    return len(data)\n"
    deploy = "deploy = Deploy_Lambda(counted)\nassert deploy.deploy(), deploy.last_error\nprint(deploy.invoke())"
    _, size, *errors = run_cells(DEFINE, f"data = [0] * 1000\n{counted}{deploy}", *[
        f"data = {large}\nDeploy_Lambda(counted)" for large in ("[0] * 10_000_000", "{'rows': ['x' * 1000] * 1000}")])
    assert size == "1000\n"
    for error in errors:
        assert error.startswith("ValueError: the handler uses data, which is ") and len(error) < 400, error
        assert "add_file()" in error


def test_deploy_packs_logger_and_pattern_of_cell(run_cells):
    define = """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import logging
import re
log = logging.getLogger("orders")
log.setLevel("INFO")
WORD = re.compile(r"a+", re.IGNORECASE)
def find(event, context):
    log.info("searched")
    return [log.name, log.level, WORD.findall("aAb")]
"""
    use = "deploy = Deploy_Lambda(find)\nassert deploy.deploy(), deploy.last_error\nprint(deploy.invoke())\nprint('searched' in deploy.invoke_return_logs()['execution_logs'])"
    assert run_cells(define, use) == ["", "['orders', 20, ['aA']]\nTrue\n"]


def test_deploy_packs_decorated_function_alias_and_lambda(run_cells):
    define = """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import functools
@functools.lru_cache
def doubled(n):
    return n * 2
double = doubled
negative = lambda n: -n
positive = lambda n: abs(n)
def calculate(event, context):
    return [double(3), doubled(4), negative(5), positive(-6)]
"""
    use = "deploy = Deploy_Lambda(calculate)\nassert deploy.deploy(), deploy.last_error\nprint(deploy.invoke())"
    assert run_cells(define, use) == ["", "[6, 8, -5, 6]\n"]


def test_deploy_rejects_helper_defined_inside_a_function(run_cells):
    define = """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
def make(n):
    def add(m):
        return n + m
    return add
add_two = make(2)
def calculate(event, context):
    return add_two(1)
"""
    _, error = run_cells(define, "Deploy_Lambda(calculate)")
    assert error.startswith("ValueError: the handler uses add_two, which is <function make.<locals>.add")


def test_deploy_of_code_without_source_names_the_fix():
    namespace = {"__name__": "__main__"}
    exec("def run(event, context):\n    return 1\n", namespace)
    with pytest.raises(ValueError, match=r"^the source of run is not available, because `python -i` and exec\(\) do not store it: define it in a file"):
        definitions_for(namespace["run"])
