"""Tests `osbot explain` and the line of an error message that names its page."""
import json


def test_error_names_the_page_that_explain_prints(engine, tmp_path):
    failed = engine.run("local", "start", "--foreground", "--state", tmp_path / "other", "--port", engine.port, check=False)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == "more: osbot explain PortInUse"
    assert engine.run("explain", "PortInUse").stdout.startswith("# PortInUse\n\n")


def test_function_error_names_its_page(engine, tmp_path):
    code = tmp_path / "imports_nothing.py"
    code.write_text("import no_such_module\n\ndef handler(event, context):\n    pass\n")
    engine.run("deploy", code)
    failed = engine.run("invoke", "imports_nothing", check=False)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1] == "more: osbot explain Runtime.ImportModuleError"


def test_failed_deploy_names_the_page_of_the_inner_error(engine, tmp_path):
    code = tmp_path / "no_handler.py"
    code.write_text("x = 1\n")
    assert engine.run("deploy", code, check=False).stderr.splitlines()[-1] == "more: osbot explain HandlerNotFound"


def test_explain_lists_pages_and_suggests_a_name(engine):
    pages = json.loads(engine.run("explain", "--json").stdout)
    assert {"PortInUse", "Sandbox.Timedout"} <= {page["name"] for page in pages}
    wrong = engine.run("explain", "PortInuse", check=False)
    assert wrong.returncode == 4 and "did you mean 'PortInUse'?" in wrong.stderr
