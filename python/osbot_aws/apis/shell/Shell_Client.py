"""Looks into a running function whose handler has the decorator @lambda_shell: each call is one invoke."""
from __future__ import annotations

import inspect
from textwrap import dedent

from osbot_aws import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from osbot_aws.aws.lambda_.Lambda import Lambda


class Shell_Client:
    """With a wrong key, or none set on the function, the answer is the handler's own, as for any other event.

    Methods answer {'error': ...} when the invoke failed. A result has 6 MB at most, and a program the time that is left of
    the function's timeout.
    """

    def __init__(self, aws_lambda: Lambda, auth_key: str | None = None) -> None:
        self.aws_lambda = aws_lambda
        self.auth_key = auth_key  # None: what LAMBDA_SHELL__AUTH_KEY says here

    def invoke(self, method_name: str, method_kwargs: dict[str, Any] | None = None) -> Any:
        """Any method of the function's shell (Shell_Server.METHODS): what it returns, or {'error': ...} when the invoke failed;
        None when there is no such method."""
        return _core.lambda_shell(self.aws_lambda, self.auth_key, method_name, method_kwargs)

    def bash(self, command: str, cwd: str = ".") -> Any:
        """Runs a command line in bash; answers as process_run()."""
        return self.invoke("bash", {"command": command, "cwd": cwd})

    def process_run(self, executable: str, params: Iterable[str] = (), cwd: str = ".") -> Any:
        """Runs a program: {'status', 'exit_code', 'stdout', 'stderr', 'error', 'cwd', 'runParams', 'kwargs'}.

        status is 'ok' whatever the exit_code is; 'error', with why in error, when the program could not be started.
        """
        return self.invoke("process_run", {"executable": executable, "params": list(params), "cwd": cwd})

    def exec(self, executable: str, params: Iterable[str] = (), cwd: str = ".") -> str:
        """What a program writes, its output and then its errors, each without the white space around it; 'Error: why' when it
        wrote nothing and could not be started, or the invoke failed; '' when the answer is not the shell's."""
        result = self.process_run(executable, params, cwd)
        if said := text_of(result, "stdout").strip() + text_of(result, "stderr").strip():
            return said
        why = text_of(result, "errorMessage") or text_of(result, "error")
        return why and f"Error: {why}"

    def python_exec(self, code: str, return_logs: bool = False) -> Any:
        """What the code names `result`, None when it names none, or {'error': what was raised}; what it prints goes to the
        function's log. With return_logs as Lambda.invoke_return_logs()."""
        if return_logs:
            return _core.lambda_shell_return_logs(self.aws_lambda, self.auth_key, code)
        return self.invoke("python_exec", {"code": code})

    def python_exec_function(self, function: Callable[[], Any], return_logs: bool = False) -> Any:
        """What a function of this program, which may use nothing but what it imports, returns there."""
        return self.python_exec(f"{dedent(inspect.getsource(function))}\nresult = {function.__name__}()", return_logs)

    exec_function = python_exec_function

    def exec_function_return_logs(self, function: Callable[[], Any]) -> Any:
        """{'return_value', 'execution_logs', ...}, as Lambda.invoke_return_logs()."""
        return self.python_exec_function(function, return_logs=True)

    def reset(self) -> dict[str, Any]:
        """Sends the function's code again: the next call is a cold start. Raises Aws_Exception (InvalidParameterValueException)
        when the Lambda object has none, as that of Deploy_Lambda."""
        return self.aws_lambda.update_lambda_code()

    def ls(self, path: str = "", cwd: str = ".") -> str:
        """What `ls` prints of a folder, or of `cwd`; one option of ls will do as well, as `-la`. '' when it fails."""
        return text_of(self.process_run("ls", [path] if path else [], cwd), "stdout")

    def file_contents(self, path: str) -> Any:
        """A file's text, bytes that are not UTF-8 replaced; {'error': ...} when it can't be read."""
        return self.invoke("file_contents", {"path": path})

    def list_files(self, path: str = ".") -> Any:
        """Names in a folder, sorted; {'error': ...} when it can't be read."""
        return self.invoke("list_files", {"path": path})

    def disk_space(self) -> Any:
        """What `df -h` prints."""
        return self.invoke("disk_space")

    def list_processes(self) -> Any:
        """What `ps -aux` prints."""
        return self.invoke("list_processes")

    def memory_usage(self) -> Any:
        """The text of /proc/meminfo."""
        return self.invoke("memory_usage")

    def ping(self) -> Any:
        """'pong': the function has the shell, and the key is right."""
        return self.invoke("ping")

    def pwd(self) -> Any:
        """The function's working directory, with a newline after it."""
        return self.invoke("pwd")

    def ps(self) -> str:
        """What `ps` prints."""
        return self.exec("ps")

    def whoami(self) -> str:
        """The name of the user that the function runs as."""
        return self.exec("whoami")


def text_of(result: Any, name: str) -> str:
    """A member of the shell's answer; '' when it is none."""
    value = result.get(name) if isinstance(result, dict) else None
    return value if isinstance(value, str) else ""
