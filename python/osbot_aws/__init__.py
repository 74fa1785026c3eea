"""OSBot-AWS's Lambda API on a C++ core with a local engine.

Inside a Lambda function, only the modules that do not need the native module can be imported.
"""
import os
import sys

path = __path__[0]

if os.path.isfile(os.path.join(path, "version")):  # a file of the original package: both are installed in the same folder
    import importlib

    raise importlib.import_module("_osbot_aws_conflict").conflict_error(path)


class _Missing_Modules:
    """The last finder on sys.meta_path; handles imports of modules that this package does not have."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raises ModuleNotFoundError with the fix.

        Does not set the exception's `name`: `from package import module` would then replace the message.
        """
        if name.startswith("osbot_aws.") and not name.rpartition(".")[2].startswith("_"):
            raise ModuleNotFoundError(f"osbot-aws-cpp has no module {name}{nearest_module(name)}: it has OSBot-AWS's modules for Lambda, layers, roles, "
                                      "buckets and logs (listed in docs/reference/python_names.md). For other modules, install the "
                                      "original package: `pip uninstall osbot-aws-cpp`, then `pip install osbot-aws`")


def nearest_module(name: str) -> str:
    """Returns a hint with the module of this package whose last name is nearest, or an empty text."""
    import difflib
    import pathlib

    files = [file.relative_to(path).with_suffix("") for file in sorted(pathlib.Path(path).rglob("[A-Z]*.py"))]
    modules = {file.name: ".".join(("osbot_aws", *file.parts)) for file in files if file.parts[0] != "core"}  # core is internal
    near = difflib.get_close_matches(name.rpartition(".")[2], modules, 1, 0.9)  # 0.9: `Lamda`, but not other names of OSBot-AWS
    return f" (did you mean {modules[near[0]]}?)" if near else ""


sys.meta_path.append(_Missing_Modules)
