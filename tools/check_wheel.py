"""Checks an installed wheel: deploys a function, invokes it, and runs the command."""
import subprocess
import sys
from importlib.metadata import metadata

from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def doubled(event, context):
    return {"result": event["input"] * 2}


deploy = Deploy_Lambda(doubled, "of-a-wheel")
assert deploy.deploy(), deploy.last_error
assert deploy.invoke({"input": 21}) == {"result": 42}
assert Lambda("of-a-wheel").delete() is True
version = subprocess.run([sys.executable, "-m", "osbot_aws", "--version"], capture_output=True, text=True, check=True).stdout
assert version == subprocess.run(["osbot", "--version"], capture_output=True, text=True, check=True).stdout, version
assert metadata("osbot-aws-cpp")["License-Expression"] == "Apache-2.0" and "License" not in metadata("osbot-aws-cpp"), "pip show prints the licence's name"
