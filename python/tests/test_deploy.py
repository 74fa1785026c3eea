"""Tests the sources of handlers and the contents of their packages."""
import importlib
import json
import linecache
import os
import subprocess
import sys
import textwrap
import types

import pytest

from osbot_aws.core.Session import Session
from osbot_aws.deploy.Deploy_Lambda import INSIDE_LAMBDA, Deploy_Lambda
from osbot_aws.deploy.Handler_Source import handler_source
from osbot_aws.deploy.Module_Files import find_module
from osbot_aws.testing.TestCase__Lambda__Deploy import TestCase__Lambda__Deploy

FACTOR = 2


def doubled(number):
    return number * FACTOR


def my_handler(event, context):
    return {"result": doubled(event.get("input", 0))}


class Test_My_Lambda(TestCase__Lambda__Deploy):
    handler = my_handler

    def test_deploy_and_invoke(self):
        assert self.deploy() == "Successful"
        assert self.invoke({"input": 21})["result"] == 42


@pytest.fixture(scope="module")
def session():
    return Session.in_memory()


@pytest.fixture
def import_folder(tmp_path, monkeypatch):
    """Returns a temporary folder on sys.path; the modules that a test imports are unloaded afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded_before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - loaded_before:
        del sys.modules[name]


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))
    importlib.invalidate_caches()


def deploy_and_invoke(handler, session, event=None, **settings):
    deploy = Deploy_Lambda(handler, session_kwargs__lambda=session, **settings)
    assert deploy.deploy(), deploy.last_error
    return deploy.invoke(event or {})


# ---- sources of handlers ----


def test_deploy_packs_the_whole_package_of_the_handler(import_folder, session):
    write(import_folder, {"shop/__init__.py": "", "shop/orders.py": "from shop import prices\ndef run(event, context):\n    return prices.price()\n",
                 "shop/prices.py": "import pathlib\ndef price():\n    return int((pathlib.Path(__file__).parent / 'price.txt').read_text())\n",
                 "shop/price.txt": "7"})
    deploy = Deploy_Lambda(importlib.import_module("shop.orders").run, session_kwargs__lambda=session)
    assert deploy.lambda_name() == deploy.module_name == "shop.orders"
    assert deploy.lambda_function().name == "shop_orders"
    assert deploy.lambda_function().handler == "shop.orders.run"
    assert deploy.files() == ["/shop/__init__.py", "/shop/orders.py", "/shop/price.txt", "/shop/prices.py"]
    assert deploy.deploy(), deploy.last_error
    assert deploy.invoke() == 7


def test_deploy_accepts_handler_in_single_file_module(import_folder, session):
    write(import_folder, {"single.py": "def any_name(event, context):\n    return 'single'\n"})
    assert deploy_and_invoke(importlib.import_module("single").any_name, session) == "single"


def test_deploy_accepts_decorated_handler(import_folder, session):
    write(import_folder, {"decorated.py": """
        import functools
        def twice(function):
            @functools.wraps(function)
            def wrapper(event, context):
                return [function(event, context), function(event, context)]
            return wrapper
        @twice
        def run(event, context):
            return 1
        """})
    assert deploy_and_invoke(importlib.import_module("decorated").run, session) == [1, 1]


def test_deploy_packs_only_code_used_by_handler_of_program(tmp_path):
    """The program deploys at its top level, like the first example of the seed document."""
    write(tmp_path, {"my program.py": '''
        import json, sys
        from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda

        GREETINGS = {}
        GREETINGS["en"] = "Hello"
        TABLE = dict(
            en=GREETINGS["en"],
        )

        def greeting(language):
            return TABLE[language]

        def unused():
            raise AssertionError

        def my_handler(event, context):
            return json.dumps({"text": greeting("en")})

        deploy = Deploy_Lambda(handler=my_handler)
        assert deploy.deploy(), deploy.last_error
        print(deploy.lambda_name(), deploy.files(), deploy.invoke({}))
        '''})
    environment = {"OSBOT_AWS_STATE": str(tmp_path / "state"), "OSBOT_AWS_TARGET": "local"}
    process = run_program(tmp_path / "my program.py", environment)
    assert process.stdout == 'my_program [\'/my_program.py\'] {"text": "Hello"}\n', process.stderr


def run_program(program, variables):
    return subprocess.run([sys.executable, program], env={**os.environ, **variables}, capture_output=True, text=True, timeout=60)


def test_handler_source_extracts_used_statements(import_folder):
    write(import_folder, {"test_program.py": '''
        from __future__ import annotations
        import os.path, sys as system
        from json import *
        unused = os.getenv("HOME")
        try:
            import missing_module
        except ImportError:
            missing_module = None
        local = "a name that is local to the handler"
        LIMIT: int = 3
        class Base:
            limit = LIMIT
        @staticmethod
        def helper(a=LIMIT): return os.path.sep
        if __name__ == "__main__":
            def guarded(): pass
        async def other(): await nothing
        def handler(event, context, base=Base):
            local = helper()
            return [local for _ in range(base.limit)], missing_module
        print("must not be packed")
        '''})
    module = types.ModuleType("test_program")
    module.__file__ = str(import_folder / "test_program.py")
    sys.modules["test_program"] = module
    code = (import_folder / "test_program.py").read_text().replace("from json import *", "").replace("async def other(): await nothing", "")
    exec(compile(code, module.__file__, "exec", dont_inherit=True), vars(module))
    path, files = handler_source(module.handler)
    assert path == "test_program.handler"
    assert files.source == textwrap.dedent('''\
        from __future__ import annotations
        import os.path, sys as system
        from json import *
        try:
            import missing_module
        except ImportError:
            missing_module = None
        LIMIT: int = 3
        class Base:
            limit = LIMIT
        @staticmethod
        def helper(a=LIMIT): return os.path.sep
        def handler(event, context, base=Base):
            local = helper()
            return [local for _ in range(base.limit)], missing_module
        ''')


def run_cells(*cells):
    """Runs cells like a notebook: in one namespace, with the source of each cell in linecache for inspect."""
    module = types.ModuleType("notebook")
    sys.modules["notebook"] = module
    for number, cell in enumerate(cells):
        name, text = f"<cell {id(module)} {number}>", textwrap.dedent(cell)
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        exec(compile(text, name, "exec", dont_inherit=True), vars(module))
    return module


def test_deploy_accepts_handler_in_notebook_cells(import_folder, session):
    notebook = run_cells("""
        import json as j, os.path
        from collections import OrderedDict as Ordered
        LIMITS = {"most": 3}
        """, """
        class Order:
            count = 0
        def helper(n: int):
            return n + LIMITS["most"] + Order.count
        """, """
        import functools
        def logged(f):
            @functools.wraps(f)
            def wrapper(event, context):
                return {"logged": f(event, context)}
            return wrapper
        @logged
        def cell_handler(event, context):
            return j.loads(j.dumps(Ordered(n=helper(event["n"]), sep=os.path.sep)))
        """)
    deploy = Deploy_Lambda(notebook.cell_handler, session_kwargs__lambda=session)
    assert deploy.lambda_name() == "cell_handler"
    assert deploy.deploy(), deploy.last_error
    assert deploy.invoke({"n": 4}) == {"logged": {"n": 7, "sep": "/"}}


def test_handler_source_names_value_that_cannot_be_packed(import_folder):
    notebook = run_cells("import threading\nlock = threading.Lock()\ndef cell_handler(event, context):\n    return lock\n")
    with pytest.raises(ValueError, match="the handler uses lock, .* Create it inside the handler"):
        handler_source(notebook.cell_handler)


def nested():
    def inside(event, context):
        return event

    return inside


def undecorated(event, context):
    return event


wrapped = undecorated


def without_wraps(function):
    def wrapper(event, context):
        return function(event, context)

    return wrapper


@without_wraps
def decorated_without_wraps(event, context):
    return event


class Handlers:
    def method(self, event, context):
        return event


@pytest.mark.parametrize(("handler", "message"), [
    (lambda event, context: event, "define it with `def`"),
    (nested(), "move it to the top level of a module"),
    (decorated_without_wraps, r"use functools.wraps\(\) in the decorator"),
    (Handlers.method, "belongs to a class"),
    (Handlers().method, "it must be a function"),
    (print, "it must be a function"),
], ids=["lambda", "nested", "decorated", "method", "bound method", "builtin"])
def test_deploy_rejects_handler_that_lambda_cannot_find(handler, message):
    with pytest.raises(ValueError, match=message):
        Deploy_Lambda(handler)


def test_deploy_rejects_handler_replaced_in_its_module(import_folder):
    write(import_folder, {"replaced.py": "def run(event, context):\n    return 1\nold = run\ndef run(event, context):\n    return 2\n"})
    with pytest.raises(ValueError, match="replaced.run is .* not the handler"):
        Deploy_Lambda(importlib.import_module("replaced").old)


@pytest.mark.parametrize("source", ["async def run(event, context):\n    return 1\n", "async def run(event, context):\n    yield 1\n"],
                         ids=["coroutine", "generator"])
def test_deploy_rejects_async_handler_with_the_fix(import_folder, source):
    write(import_folder, {"asynchronous.py": source})
    with pytest.raises(ValueError, match=r"is an async function, .* `def handler\(event, context\): return asyncio.run\(run\(event, context\)\)`"):
        Deploy_Lambda(importlib.import_module("asynchronous").run)


def test_errors_do_not_contain_the_text_of_huge_values(import_folder):
    huge = {"items": ["x" * 1000] * 100_000}
    with pytest.raises(ValueError, match="it must be a function") as raised:
        Deploy_Lambda(huge)
    assert len(str(raised.value)) < 250
    notebook = run_cells("table = [object()] * 200_000\ndef cell_handler(event, context):\n    return table\n")
    with pytest.raises(ValueError, match="the handler uses table") as raised:
        handler_source(notebook.cell_handler)
    assert len(str(raised.value)) < 350


def test_deploy_warns_if_another_handler_of_the_module_is_replaced(import_folder, session, recwarn):
    write(import_folder, {"two_handlers.py": "def first(event, context):\n    return 1\ndef second(event, context):\n    return 2\n"})
    module = importlib.import_module("two_handlers")
    assert deploy_and_invoke(module.first, session) == 1
    assert deploy_and_invoke(module.first, session) == 1
    assert deploy_and_invoke(module.second, session, lambda_name="another_name") == 2
    assert deploy_and_invoke(module.second, Session.in_memory()) == 2  # does not exist there
    assert not recwarn
    assert deploy_and_invoke(module.first, session) == 1
    with pytest.warns(UserWarning, match="the function two_handlers is replaced: it was deployed with the handler two_handlers.first, and "
                                         "two_handlers.second has the same default name") as warned:
        assert deploy_and_invoke(module.second, session) == 2
    assert warned[0].filename == __file__


POOL_PROGRAM = """
import multiprocessing
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda

FACTOR = 2

def pool_handler(event, context):
    return event["n"] * FACTOR

def deploy_and_invoke(n):
    deploy = Deploy_Lambda(pool_handler, f"pooled_{n}")
    return deploy.invoke({"n": n}) if deploy.deploy() else deploy.last_error

if __name__ == "__main__":
    with multiprocessing.get_context("METHOD").Pool(2) as pool:
        print(pool.map(deploy_and_invoke, [1, 2]), Deploy_Lambda(pool_handler).lambda_name())
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_deploy_works_in_processes_of_a_pool(tmp_path, method, osbot_local):
    (tmp_path / "pool_program.py").write_text(POOL_PROGRAM.replace("METHOD", method))
    process = run_program(tmp_path / "pool_program.py", {})
    assert process.stdout == "[2, 4] pool_program\n", process.stderr


def test_handler_starts_processes_with_spawn(import_folder, session):
    write(import_folder, {"spawning.py": """\
        import multiprocessing

        def double(n, pipe):
            pipe.send(n * 2)

        def handler(event, context):
            methods = multiprocessing.get_context("spawn")
            receiver, sender = methods.Pipe(duplex=False)
            process = methods.Process(target=double, args=(event["n"], sender))
            process.start()
            sender.close()
            result = receiver.recv()
            process.join()
            return result
        """})
    assert deploy_and_invoke(import_folder / "spawning.py", session, {"n": 21}, timeout=30) == 42


class Test_Static_Handler(TestCase__Lambda__Deploy):
    handler = staticmethod(my_handler)

    def test_deploy_and_invoke(self):
        assert self.deploy() == "Successful"
        assert self.invoke({"input": 21})["result"] == 42


def test_deploy_accepts_path_of_python_file(import_folder, session):
    write(import_folder, {"by_path.py": "def go(event, context):\n    return 'by path'\n"})
    assert deploy_and_invoke(import_folder / "by_path.py", session) == "by path"


# ---- other contents of the package ----


def test_add_modules_packs_all_files_of_modules(import_folder, session, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(import_folder, {"alone.py": "", "package/__init__.py": "", "package/data/x.json": "{}", "package/deep/__init__.py": "", "spaced/one/a.py": ""})
    write(elsewhere, {"spaced/two/b.py": ""})
    sys.path.append(str(elsewhere))
    try:
        deploy = Deploy_Lambda(my_handler, session_kwargs__lambda=session)
        deploy.add_modules(["alone", "package", "spaced"])
    finally:
        sys.path.remove(str(elsewhere))
    assert deploy.files() == ["/alone.py", "/package/__init__.py", "/package/data/x.json", "/package/deep/__init__.py",
                              "/spaced/one/a.py", "/spaced/two/b.py", "/test_deploy.py"]


def test_find_module_supports_editable_installs(import_folder, monkeypatch):
    """Build backends implement editable installs with a finder on sys.meta_path."""
    write(import_folder, {"sources/src/edited/__init__.py": "", "sources/src/edited/part.py": ""})

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "edited":
                return importlib.util.spec_from_file_location(name, import_folder / "sources/src/edited/__init__.py",
                                                              submodule_search_locations=[str(import_folder / "sources/src/edited")])
            return None

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    assert find_module("edited").folders == [str(import_folder / "sources/src/edited")]


@pytest.mark.parametrize("name", ["no_such_module", "sys", "missing_package.module"])
def test_add_module_rejects_module_without_files(name):
    with pytest.raises(ModuleNotFoundError):
        Deploy_Lambda(my_handler).add_module(name)


def test_add_module_rejects_native_module_of_another_python(import_folder, session):
    source = find_module("osbot_aws").folders[0]
    import pathlib

    native = next(pathlib.Path(source).glob("_core*.so"))
    write(import_folder, {"native/__init__.py": ""})
    (import_folder / "native" / "_speedups.cpython-39-x86_64-linux-gnu.so").symlink_to(native)
    with pytest.raises(Exception, match="cannot run on python3.11"):
        Deploy_Lambda(my_handler, session_kwargs__lambda=session).add_module("native")


def test_add_osbot_aws_packs_no_native_module(session):
    deploy = Deploy_Lambda(my_handler, session_kwargs__lambda=session).add_osbot_aws()
    files = [file for file in deploy.files() if file.startswith("/osbot_aws/")]
    assert sorted(files) == sorted(f"/osbot_aws/{file}" for file in INSIDE_LAMBDA)
    assert "/osbot_utils/__init__.py" in deploy.files()


def test_packed_osbot_aws_imports_without_the_native_module(tmp_path):
    import pathlib
    import shutil

    source = pathlib.Path(find_module("osbot_aws").folders[0])
    for file in INSIDE_LAMBDA:
        (tmp_path / "osbot_aws" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / file, tmp_path / "osbot_aws" / file)
    program = ("import sys; sys.path.insert(0, sys.argv[1])\n"
               "from osbot_aws.aws.lambda_.boto3__lambda import load_dependency, load_dependencies\n"
               "from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Inside_Lambda import Lambda__Dependency__Inside_Lambda\n"
               "from osbot_aws.apis.shell.Lambda_Shell import lambda_shell\n"
               "print(load_dependency('x'))")
    process = subprocess.run([sys.executable, "-I", "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert process.stdout == "None\n", process.stderr


def test_shell_runs_code_in_the_function(import_folder, session):
    write(import_folder, {"shelled.py": "from osbot_aws.apis.shell.Lambda_Shell import lambda_shell\n"
                               "@lambda_shell\ndef run(event, context=None):\n    return 'the handler'\n"})
    deploy = Deploy_Lambda(importlib.import_module("shelled").run, session_kwargs__lambda=session).add_osbot_aws()
    deploy.set_env_variable("LAMBDA_SHELL__AUTH_KEY", "the key")
    assert deploy.deploy(), deploy.last_error
    function = deploy.lambda_function()
    assert function.shell("the key").ping() == "pong"
    assert function.shell_python_exec("result = 6 * 7", "the key") == 42
    assert function.shell("the key").python_exec_function(forty_two) == 42
    assert function.shell("wrong").ping() == "the handler"
    assert function.shell("the key").exec("sh", ["-c", "echo ' out'; echo ' err' >&2"]) == "outerr"
    assert "no-such-program" in function.shell("the key").exec("no-such-program")
    assert function.shell("the key").exec("no-such-program").startswith("Error: ")
    assert function.shell("the key").ls().endswith("\nshelled.py\n")


def forty_two():
    return 42


# ---- repeated and failed deploys ----


def test_deploy_sends_changed_settings(session):
    with Deploy_Lambda(my_handler, "with-a-name", stage="prod", session_kwargs__lambda=session) as deploy:
        assert deploy.update() == "Successful"
        assert deploy.lambda_name() == "with-a-name__prod"
        assert deploy.deploy() is True, deploy.last_error
        assert deploy.unchanged
        deploy.lambda_function().memory = 256
        deploy.set_env_variable("STAGE", "1").set_env_variables({"LEVEL": "2"})
        assert deploy.deploy() is True, deploy.last_error
    configuration = deploy.info()["Configuration"]
    assert configuration["MemorySize"] == 256
    assert configuration["Environment"] == {"Variables": {"STAGE": "1", "LEVEL": "2"}}
    assert deploy.exists() is True
    assert deploy.function_url() is None
    assert deploy.delete() is True
    assert deploy.exists() is False


def test_failed_deploy_reports_the_reason(session):
    deploy = Deploy_Lambda(my_handler, session_kwargs__lambda=session)
    deploy.lambda_function().memory = 1
    assert deploy.deploy() is False
    assert "memorySize" in deploy.last_error
    assert deploy.update()["error"] == deploy.last_error


def test_deploy_rejects_too_long_function_name():
    with pytest.raises(ValueError, match="Lambda allows 64"):
        Deploy_Lambda(my_handler, "x" * 65)


# ---- the execution role ----


@pytest.fixture
def iam(osbot_local):
    import boto3

    return boto3.client("iam")


ROLE = "temp_role_for_lambda_invocation"


def test_deploy_restores_missing_policy_and_keeps_others(iam):
    assert Deploy_Lambda(my_handler, "first").deploy()
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["write_logs"]
    document = iam.get_role_policy(RoleName=ROLE, PolicyName="write_logs")["PolicyDocument"]
    iam.delete_role_policy(RoleName=ROLE, PolicyName="write_logs")
    iam.put_role_policy(RoleName=ROLE, PolicyName="other_policy", PolicyDocument=json.dumps(document))
    assert Deploy_Lambda(my_handler, "second").deploy()
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["other_policy", "write_logs"]
    assert iam.get_role_policy(RoleName=ROLE, PolicyName="write_logs")["PolicyDocument"] == document


def test_deploy_keeps_a_changed_policy(iam):
    assert Deploy_Lambda(my_handler, "first").deploy()
    changed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=ROLE, PolicyName="write_logs", PolicyDocument=json.dumps(changed))
    assert Deploy_Lambda(my_handler, "second").deploy()
    assert iam.get_role_policy(RoleName=ROLE, PolicyName="write_logs")["PolicyDocument"] == changed
