"""OSBot-AWS's Lambda calls over a C++ core with a local engine. Inside a Lambda function, the part that needs no core."""
import os

path = __path__[0]

if os.path.isfile(os.path.join(path, "version")):  # a file of the original, which this package does not have
    raise ImportError(f"osbot-aws and osbot-aws-cpp are both installed in {path}, and each has overwritten files of the other: "
                      "`pip uninstall --yes osbot-aws osbot-aws-cpp`, then install the one that you want")
