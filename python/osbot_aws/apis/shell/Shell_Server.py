"""The methods of a function's shell. Imports only the standard library."""
from __future__ import annotations

import os
import subprocess

from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False  # importing typing adds 5 ms to a cold start
if TYPE_CHECKING:
    from typing import Any

METHODS = ("ping", "pwd", "bash", "process_run", "python_exec", "file_contents", "list_files", "disk_space",
           "memory_usage", "list_processes")


class Shell_Server(Checked_Attributes):
    """Runs the methods in METHODS. Does not check the key; Lambda_Shell does that."""

    def invoke(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """Runs a method and returns its result; None if the method is not in METHODS.

        The dict is {'method_invoked', 'method_name', 'method_kwargs', 'return_value'}.
        """
        name, arguments = data.get("method_name"), data.get("method_kwargs")
        if name not in METHODS:
            return None
        method = getattr(Shell_Server, name)
        value = method(**arguments) if isinstance(arguments, dict) else method()
        return {"method_invoked": True, "method_name": name, "method_kwargs": arguments, "return_value": value}

    @staticmethod
    def ping() -> str:
        """Returns 'pong'."""
        return "pong"

    @staticmethod
    def process_run(executable: str, params: str | list[str] | None = None, cwd: str | None = ".") -> dict[str, Any]:
        """Runs a program: {'status', 'exit_code', 'stdout', 'stderr', 'error', 'cwd', 'runParams', 'kwargs'}.

        'status' is 'ok' for any exit code. If the program could not be started, 'status' is 'error' and 'error' is the
        reason.
        """
        if isinstance(params, str):
            params = [params]
        run_params = [executable] + list(params or [])
        cwd = cwd or "."
        result: dict[str, Any] = {"cwd": cwd, "error": None, "kwargs": {"cwd": cwd, "stdout": -1, "stderr": -1, "timeout": None},
                  "runParams": run_params, "status": "ok", "stdout": "", "stderr": "", "exit_code": None}
        try:
            process = subprocess.run(run_params, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, check=False)
        except Exception as error:
            result.update(status="error", error=str(error))
        else:
            result.update(stdout=process.stdout.decode(errors="replace"), stderr=process.stderr.decode(errors="replace"),
                          exit_code=process.returncode)
        return result

    @staticmethod
    def bash(command: str, cwd: str | None = None) -> dict[str, Any]:
        """Runs a command line in bash; returns the same dict as process_run()."""
        return Shell_Server.process_run("bash", ["-c", command], cwd)

    @staticmethod
    def python_exec(code: str) -> Any:
        """Executes code and returns the value of its variable `result`, or {'error': ...} if it raises.

        Printed text is written to the function's log.
        """
        scope: dict[str, Any] = {}
        try:
            exec(code, scope)
        except Exception as error:
            return {"error": f"{error}"}
        return scope.get("result")

    @staticmethod
    def pwd() -> str:
        """Returns the working directory, followed by a newline."""
        return os.getcwd() + "\n"

    @staticmethod
    def file_contents(path: str) -> str | dict[str, str]:
        """Returns a file as text, with bytes that are not UTF-8 replaced; {'error': ...} if it cannot be read."""
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError as error:
            return {"error": str(error)}

    @staticmethod
    def list_files(path: str = ".") -> list[str] | dict[str, str]:
        """Lists the names in a folder, sorted; {'error': ...} if it cannot be read."""
        try:
            return sorted(os.listdir(path))
        except OSError as error:
            return {"error": str(error)}

    @staticmethod
    def memory_usage() -> str | dict[str, str]:
        """Returns the text of /proc/meminfo."""
        return Shell_Server.file_contents("/proc/meminfo")

    @staticmethod
    def disk_space() -> str:
        """Returns the output of `df -h`."""
        return str(Shell_Server.bash("df -h")["stdout"]).strip()

    @staticmethod
    def list_processes() -> str:
        """Returns the output of `ps -aux`."""
        return str(Shell_Server.bash("ps -aux")["stdout"]).strip()
