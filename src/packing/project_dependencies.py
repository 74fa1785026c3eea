"""Prints the dependencies in the pyproject.toml sys.argv[1] as JSON: {"dependencies": [...], "has_dependencies": bool}.

Adds "warning" for dependencies that cannot be read. Prints {"error"} if the file is not valid TOML.
"""
import json
import sys

try:
    import tomllib
except ImportError:  # before Python 3.11
    try:
        from pip._vendor import tomli as tomllib
    except ImportError:
        import tomli as tomllib

with open(sys.argv[1], "rb") as file:
    try:
        document = tomllib.load(file)
    except ValueError as error:
        print(json.dumps({"error": str(error)}))
        sys.exit(0)
project = document.get("project") or {}
poetry = ((document.get("tool") or {}).get("poetry") or {}).get("dependencies")
result = {"dependencies": project.get("dependencies") or [], "has_dependencies": "dependencies" in project}
if "dependencies" in (project.get("dynamic") or []):
    result["warning"] = "its dependencies are dynamic and not installed: list them in requirements.txt"
elif poetry and "dependencies" not in project:
    result["warning"] = "the dependencies of Poetry are not installed: run `poetry export -o requirements.txt`"
print(json.dumps(result))
