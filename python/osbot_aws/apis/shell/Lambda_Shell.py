"""A shell into a function, for callers that have its key. Imports only the standard library."""
from __future__ import annotations

import hmac
import os
from functools import wraps

from osbot_aws.apis.shell.Shell_Server import Shell_Server
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False  # importing typing adds 5 ms to a cold start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SHELL_VAR = "lambda_shell"
SHELL__ENV_VAR__AUTH_KEY = "LAMBDA_SHELL__AUTH_KEY"


def add_lambda_shell_decorator(function_code: str) -> str:
    """Returns the code of a handler, which begins with `def`, with the decorator and its import."""
    return f"from osbot_aws.apis.shell.Lambda_Shell import lambda_shell\n@lambda_shell\n{function_code}"


def lambda_shell(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a handler: events with the shell's key are handled by the shell, all others by the handler.

    Such an event is {'lambda_shell': {'method_name', 'method_kwargs', 'auth_key'}}. If the function's variable
    LAMBDA_SHELL__AUTH_KEY is not set, or the event's key differs, the shell executes nothing.
    """

    @wraps(function)
    def wrapper(event: Any, context: Any = None) -> Any:
        shell = Lambda_Shell(event.get(SHELL_VAR) if isinstance(event, dict) else None)
        if shell.valid_shell_request():
            return shell.invoke()
        return function(event, context)

    return wrapper


class Lambda_Shell(Checked_Attributes):
    """Represents the shell request in one event: {'method_name', 'method_kwargs', 'auth_key'}.

    A value that is not a dict is treated as an empty request.
    """

    def __init__(self, shell_command: Any = None) -> None:
        self.shell_command: dict[str, Any] = shell_command if isinstance(shell_command, dict) else {}

    def get_lambda_shell_auth(self) -> str | None:
        """Returns the key in the function's variable LAMBDA_SHELL__AUTH_KEY, or None if it is not set."""
        return os.getenv(SHELL__ENV_VAR__AUTH_KEY)

    def valid_shell_request(self) -> bool:
        """Returns whether the request names a method and has the function's key."""
        expected, auth_key = self.get_lambda_shell_auth(), self.shell_command.get("auth_key")
        if not expected or not isinstance(auth_key, str) or not self.shell_command.get("method_name"):
            return False
        return hmac.compare_digest(expected.encode(), auth_key.encode())

    def invoke(self) -> Any:
        """Runs the method and returns its return value; None if the method does not exist."""
        result = Shell_Server().invoke(self.shell_command)
        return result["return_value"] if result else None
