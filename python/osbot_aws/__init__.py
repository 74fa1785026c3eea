"""OSBot-AWS's Lambda calls over a C++ core with a local engine. Inside a Lambda function, the part that needs no core."""
import os
import sys

path = __path__[0]

if os.path.isfile(os.path.join(path, "version")):  # a file of the original: the two were installed in one place
    import importlib

    raise importlib.import_module("_osbot_aws_beside").refusal(path)


class _Not_Here:
    """The last of Python's finders, asked for modules that this package has not."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raises ModuleNotFoundError that says what to do; without its `name`, or `from package import module` would say less."""
        if name.startswith("osbot_aws.") and not name.rpartition(".")[2].startswith("_"):
            raise ModuleNotFoundError(f"osbot-aws-cpp has no module {name}: of OSBot-AWS's it has those for Lambda, its layers, roles, buckets "
                                      "and logs (docs/reference/python_names.md lists them). For the others go back to the original: "
                                      "`pip uninstall osbot-aws-cpp`, then `pip install osbot-aws`")


sys.meta_path.append(_Not_Here)
