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
            raise ModuleNotFoundError(f"osbot-aws-cpp has no module {name}: it has OSBot-AWS's modules for Lambda, layers, roles, "
                                      "buckets and logs (listed in docs/reference/python_names.md). For other modules, install the "
                                      "original package: `pip uninstall osbot-aws-cpp`, then `pip install osbot-aws`")


sys.meta_path.append(_Missing_Modules)
