"""OSBot-AWS's Lambda calls over a C++ core with a local engine. Inside a Lambda function, the part that needs no core."""
import os

path = __path__[0]

if os.path.isfile(os.path.join(path, "version")):  # a file of the original: the two were installed in one place
    import importlib

    raise importlib.import_module("_osbot_aws_beside").refusal(path)
