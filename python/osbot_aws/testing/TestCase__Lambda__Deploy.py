"""A test case for one handler: deploys it, calls it as a Lambda, and deletes it after the last test."""
from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any, ClassVar

from osbot_aws._core import Session
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


class TestCase__Lambda__Deploy(unittest.TestCase):
    """Set `handler`; runs on a local engine in memory, or where OSBOT_AWS_TARGET or AWS_ENDPOINT_URL says."""

    handler: ClassVar[Callable[..., Any]]
    deploy_lambda: ClassVar[Deploy_Lambda]
    aws_lambda: ClassVar[Any]

    @classmethod
    def setUpClass(cls) -> None:
        """Makes deploy_lambda and aws_lambda; nothing is sent before deploy(). Raises ValueError when the class has no handler."""
        super().setUpClass()
        handler = cls.__dict__.get("handler") or getattr(cls, "handler", None)
        if handler is None:
            if cls is TestCase__Lambda__Deploy:  # imported into a test file, where runners find it
                raise unittest.SkipTest("the base class has no handler")
            raise ValueError(f"{cls.__name__} needs a handler: handler = my_handler")
        cls.deploy_lambda = Deploy_Lambda(handler, session_kwargs__lambda=Session.for_tests())
        cls.aws_lambda = cls.deploy_lambda.lambda_function()

    @classmethod
    def tearDownClass(cls) -> None:
        """Deletes the function and its log group."""
        if "deploy_lambda" in cls.__dict__:
            cls.deploy_lambda.delete()
        super().tearDownClass()

    def deploy(self) -> str | dict[str, Any]:
        """'Successful'. Fails the test with the reason otherwise."""
        result = self.deploy_lambda.update()
        if not isinstance(result, str):
            self.fail(f"{self.deploy_lambda.lambda_name()} was not deployed: {result['error']}")
        return result

    def invoke(self, payload: Any = None) -> Any:
        """What the function returns; {'error': ...} when the call failed."""
        return self.deploy_lambda.invoke(payload)

    def invoke_return_logs(self, payload: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'return_value', 'execution_logs' (the last 4 KB), 'request_id'}."""
        return self.deploy_lambda.invoke_return_logs(payload)
