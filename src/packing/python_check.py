"""Checks the Python code of a package with the interpreter of the function's runtime. Does not run the code.

Reads {"module", "function", "files": {path in the package: source text or {"file": path}}} from stdin. Prints {"error",
"code"} for code that cannot run, {"warning"} if the function is not visible, else {}.
"""
import ast
import json
import sys
import warnings

FILES_MAX = 200  # a function with more modules is checked in part

request = json.load(sys.stdin)
files = request["files"]
warnings.simplefilter("ignore")


def fail(code, text):
    print(json.dumps({"error": text, "code": code}))
    sys.exit(0)


def path_of(module):
    base = module.replace(".", "/")
    return next((path for path in (base + "/__init__.py", base + ".py") if path in files), None)


def modules_of(node, module, is_package):
    """Returns the modules that a statement at the top level of a module imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = module.split(".") if is_package else module.split(".")[:-1]
    base = package[: len(package) - node.level + 1] if node.level else []
    parent = ".".join(base + (node.module.split(".") if node.module else []))
    return [parent] + [parent + "." + alias.name for alias in node.names]


def check(module, trees):
    """Parses a module, its parent packages and the modules that they import."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        path = path_of(name)
        if not path or path in trees or len(trees) >= FILES_MAX:
            continue
        source = files[path]
        try:
            if isinstance(source, dict):
                with open(source["file"], "rb") as file:
                    source = file.read()
            tree = ast.parse(source, path)
            compile(tree, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            version = "Python %d.%d" % sys.version_info[:2]
            text = ": " + error.text.strip()[:200] if error.text else ""
            fail("Runtime.UserCodeSyntaxError", "%s, line %s: %s (%s)%s" % (path, error.lineno, error.msg, version, text))
        except (ValueError, RecursionError, MemoryError) as error:
            fail("Runtime.UserCodeSyntaxError", "%s: %s" % (path, error))
        trees[path] = tree
        for node in tree.body:
            for imported in modules_of(node, name, path.endswith("/__init__.py")):
                check(imported, trees)


class Names(ast.NodeVisitor):
    """Collects the names that a module binds at its top level, also inside of `if`, `try` and `with`."""

    def __init__(self):
        self.names = {}

    def visit_FunctionDef(self, node):
        self.names[node.name] = node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_Lambda(self, node):
        pass

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.names[node.id] = node

    def visit_Import(self, node):
        for alias in node.names:
            self.names[(alias.asname or alias.name).split(".")[0]] = node

    visit_ImportFrom = visit_Import


def yields(function):
    """Returns whether a function is a generator. Functions that it contains may yield."""
    nodes = list(function.body)
    for node in nodes:
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            nodes.extend(ast.iter_child_nodes(node))
    return False


def problem_of(function):
    """Returns why Lambda cannot use a function as a handler, and the fix; empty if it can."""
    if isinstance(function, ast.AsyncFunctionDef):
        return "is `async def`, and Lambda does not await it: call asyncio.run() in a plain function"
    if yields(function):
        return "is a generator, and Lambda does not iterate over it: return a list"
    arguments = function.args
    positional = len(getattr(arguments, "posonlyargs", [])) + len(arguments.args)
    required = positional - len(arguments.defaults)
    if required > 2 or (positional < 2 and not arguments.vararg) or None in arguments.kw_defaults:
        return "cannot be called with two arguments, as Lambda does: define it as `def %s(event, context)`" % function.name
    return ""


trees = {}
check(request["module"], trees)
path = path_of(request["module"])
if path in trees:
    visitor = Names()
    visitor.visit(trees[path])
    bound = visitor.names.get(request["function"])
    is_plain = isinstance(bound, (ast.FunctionDef, ast.AsyncFunctionDef)) and not bound.decorator_list
    problem = problem_of(bound) if is_plain else ""
    if problem:
        fail("InvalidHandler", "%s in %s %s" % (request["function"], path, problem))
    if bound is None:
        names = [name for name, node in visitor.names.items() if isinstance(node, ast.FunctionDef)]
        print(json.dumps({"warning": "no `%s` is visible in %s; its functions: %s" % (
            request["function"], path, ", ".join(names[:10]) or "none")}))
        sys.exit(0)
print("{}")
