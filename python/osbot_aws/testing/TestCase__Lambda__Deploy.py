"""A test case for one handler: deploys it, invokes it as a Lambda function, and deletes it after the last test."""
from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any, ClassVar

from osbot_aws._core import Session
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


class TestCase__Lambda__Deploy(unittest.TestCase):
    """Tests the function in its class attribute `handler`.

    Uses a local engine in memory, unless OSBOT_AWS_TARGET or AWS_ENDPOINT_URL names a target.
    """

    handler: ClassVar[Callable[..., Any]]
    deploy_lambda: ClassVar[Deploy_Lambda]
    aws_lambda: ClassVar[Any]

    @classmethod
    def setUpClass(cls) -> None:
        """Sets deploy_lambda and aws_lambda. Sends nothing before deploy().

        Raises ValueError if the class has no handler.
        """
        super().setUpClass()
        handler = getattr(cls, "handler", None)  # the function, also of a staticmethod
        if handler is None:
            if cls is TestCase__Lambda__Deploy:  # test runners find the base class in files that import it
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
        """Deploys the handler and returns 'Successful'. Fails the test with the reason if the deploy fails."""
        result = self.deploy_lambda.update()
        if not isinstance(result, str):
            self.fail(f"{self.deploy_lambda.lambda_name()} was not deployed: {result['error']}")
        return result

    def invoke(self, payload: Any = None) -> Any:
        """Invokes the function and returns its result, like Lambda.invoke(); {'error': ...} if the call failed."""
        return self.deploy_lambda.invoke(payload)

    def invoke_return_logs(self, payload: Any = None) -> dict[str, Any]:
        """Invokes the function and returns its result and the last 4 KB of log, like Lambda.invoke_return_logs()."""
        return self.deploy_lambda.invoke_return_logs(payload)
