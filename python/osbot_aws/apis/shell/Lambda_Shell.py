"""A shell into a function, for those who have its key; imports nothing but the standard library."""
from __future__ import annotations

import hmac
import os
from functools import wraps

from osbot_aws.apis.shell.Shell_Server import Shell_Server

TYPE_CHECKING = False  # typing costs a cold start 5 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SHELL_VAR = "lambda_shell"
SHELL__ENV_VAR__AUTH_KEY = "LAMBDA_SHELL__AUTH_KEY"


def lambda_shell(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a handler: answers events with the shell's key, and hands all others to the handler.

    The event is {'lambda_shell': {'method_name', 'method_kwargs', 'auth_key'}}. Without a key in the function's
    LAMBDA_SHELL__AUTH_KEY, or with a wrong one in the event, nothing is executed.
    """

    @wraps(function)
    def wrapper(event: Any, context: Any = None) -> Any:
        shell = Lambda_Shell(event.get(SHELL_VAR) if isinstance(event, dict) else None)
        if shell.valid_shell_request():
            return shell.invoke()
        return function(event, context)

    return wrapper


class Lambda_Shell:
    """One event's request to the shell: {'method_name', 'method_kwargs', 'auth_key'}. Anything but a dict is no request."""

    def __init__(self, shell_command: Any = None) -> None:
        self.shell_command: dict[str, Any] = shell_command if isinstance(shell_command, dict) else {}

    def get_lambda_shell_auth(self) -> str | None:
        """The key in the function's LAMBDA_SHELL__AUTH_KEY; None: it is not set."""
        return os.getenv(SHELL__ENV_VAR__AUTH_KEY)

    def valid_shell_request(self) -> bool:
        """True: it names a method and has the function's key."""
        expected, given = self.get_lambda_shell_auth(), self.shell_command.get("auth_key")
        if not expected or not isinstance(given, str) or not self.shell_command.get("method_name"):
            return False
        return hmac.compare_digest(expected.encode(), given.encode())

    def invoke(self) -> Any:
        """The method's bare return value; None for one that doesn't exist."""
        answer = Shell_Server().invoke(self.shell_command)
        return answer["return_value"] if answer else None
