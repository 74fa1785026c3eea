"""Deploys a function: packs it, creates a missing role and bucket, creates or updates it, and waits until it is active.

Unchanged code and configuration are not sent.
"""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.deploy.Handler_Source import handler_source
from osbot_aws.deploy.Module_Files import find_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypedDict

    from typing_extensions import Self, Unpack

    from osbot_aws.apis.shell.Shell_Client import Shell_Client
    from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer
    from osbot_aws.aws.session.Session__Kwargs import Session_Like
    from osbot_aws.AWS_Config import AWS_Config
    from osbot_aws.deploy.Deploy_Package import Deploy_Package
    from osbot_aws.OSBot_Setup import OSBot_Setup

    Path = str | os.PathLike[str]

    class _Settings(TypedDict, total=False):
        memory: int
        memory_size: int
        timeout: int
        ephemeral_storage: int

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The part of this package that functions use; it does not need the native module.
INSIDE_LAMBDA = ("__init__.py", "aws/__init__.py", "aws/lambda_/__init__.py", "aws/lambda_/boto3__lambda.py",
                 "aws/lambda_/dependencies/__init__.py", "aws/lambda_/dependencies/Lambda__Dependencies.py",
                 "aws/lambda_/dependencies/Lambda__Dependency__Inside_Lambda.py", "apis/__init__.py", "apis/shell/__init__.py",
                 "apis/shell/Lambda_Shell.py", "apis/shell/Shell_Server.py", "core/__init__.py", "core/Checked_Attributes.py")


class _Options:
    def __init__(self, lambda_name: str | None, stage: str | None, handler: str | None, runtime: str | None,
                 architecture: str) -> None:
        self.lambda_name = lambda_name
        self.stage = stage
        self.handler = handler
        self.runtime = runtime
        self.architecture = architecture


def _setting(name: str) -> Any:
    """Returns a property that reads and sets an attribute of the object's Lambda."""
    def get(self: Deploy_Lambda) -> Any:
        return getattr(self._lambda, name)

    def put(self: Deploy_Lambda, value: Any) -> None:
        setattr(self._lambda, name, value)

    return property(get, put, doc=getattr(Lambda, name).__doc__)


class Deploy_Lambda(Checked_Attributes):
    """Deploys one function: Deploy_Lambda(handler=my_handler).deploy().

    `handler` is a Python function, the path of a Python file, folder, zip or executable, or the name of a function
    whose code is a container image. For a Python file, the handler is the first of handler, lambda_handler, run and
    main, else the only public function with two parameters. lambda_name defaults to the name of the handler's module or file; in a
    notebook, to the name of the handler. `stage` is appended as `<name>__<stage>`. runtime defaults to python3.11 for Python and to provided.al2023 for executables;
    architecture is x86_64 or arm64. memory (MB), timeout (seconds) and ephemeral_storage (MB of /tmp) are attributes and
    keyword arguments; lambda_function() has the other settings.

    deploy() may be repeated and may be interrupted at any point; the next call continues from the existing state. A
    package of up to 50,000,000 bytes is sent in the request, unless OSBOT_LAMBDA_S3_BUCKET names a bucket; a larger one
    is uploaded to S3. At the end of a `with` block the function is not deleted.

    Raises ValueError if Lambda could not find the handler; the message explains the fix. Raises Aws_Exception: NotFound
    (no such file), HandlerNotFound (the message lists the candidates), ModuleNotFound, InvalidName (more than 64
    characters).
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """

    memory: int = _setting("memory")
    memory_size: int = _setting("memory_size")
    timeout: int = _setting("timeout")
    ephemeral_storage: int = _setting("ephemeral_storage")

    def __init__(self, handler: Callable[..., Any] | Path, lambda_name: str | None = None, *, stage: str | None = None,
                 runtime: str | None = None, architecture: str = "x86_64", session_kwargs__lambda: Session_Like = None,
                 **settings: Unpack[_Settings]) -> None:
        self.handler = handler
        self.stage = stage
        sessions = session_of(session_kwargs__lambda)
        options = _Options(lambda_name, stage, None, runtime, architecture)
        name = lambda_name
        if isinstance(handler, (str, os.PathLike)):
            self._deploy = _core.Deploy.of_path(sessions, handler, options)
        else:
            path, files = handler_source(handler)
            self._deploy = _core.Deploy.of_function(sessions, path, files, options)
            name = name or path.rpartition(".")[0]
        self._has_default_name = lambda_name is None
        self._name_with_dots = f"{name}__{stage}" if stage else name or ""
        self._package: Deploy_Package | None = None
        self._lambda = Lambda(self._deploy.name, sessions, handler=self._deploy.handler, runtime=self._deploy.runtime,
                              architecture=architecture, s3_bucket=self._deploy.s3_bucket)
        for setting, value in settings.items():
            self._lambda._check_setting(setting, type(self))
            self._lambda._set(setting, value)

    def __repr__(self) -> str:
        return f"Deploy_Lambda({self._deploy.name!r})"

    # ---- contents of the package

    def add_function_source_code(self) -> Self:
        """Adds the handler's own code to the package; deploy() does this automatically."""
        self._deploy.add_function_source_code(self._lambda)
        return self

    def add_module(self, module_name: str) -> Self:
        """Adds a module that this Python can import.

        The module is a package with its data files, a namespace package, or a single file. Modules that it imports are
        not added. Raises ModuleNotFoundError, or Aws_Exception (WrongPlatform) if the module has native code that
        cannot run on the target.
        """
        self._deploy.add_module(self._lambda, find_module(module_name))
        return self

    def add_modules(self, module_names: Iterable[str]) -> Self:
        """Calls add_module() for each name."""
        for module_name in module_names:
            self.add_module(module_name)
        return self

    def add_osbot_browser(self) -> Self:
        """Adds the installed package osbot_browser. Raises ModuleNotFoundError if it is not installed."""
        return self.add_module("osbot_browser")

    def add_osbot_elastic(self) -> Self:
        """Adds the installed package osbot_elastic. Raises ModuleNotFoundError if it is not installed."""
        return self.add_module("osbot_elastic")

    def add_osbot_utils(self) -> Self:
        """Adds the installed package osbot_utils. Raises ModuleNotFoundError if it is not installed."""
        return self.add_module("osbot_utils")

    def add_osbot_aws(self) -> Self:
        """Adds the part of this package that functions use (dependencies from S3, the shell), and osbot_utils."""
        for file in INSIDE_LAMBDA:
            self.add_file(os.path.join(PACKAGE, file), os.path.join("osbot_aws", os.path.dirname(file)))
        return self.add_osbot_utils()

    def add_file__boto3__lambda(self) -> Self:
        """Adds the only file that load_dependency() needs inside the function."""
        return self.add_file(os.path.join(PACKAGE, "aws/lambda_/boto3__lambda.py"), "osbot_aws/aws/lambda_")

    def add_file(self, file_path: Path, folder: str | None = None) -> Self:
        """Adds a file under its own name to `folder` of the package, by default its root.

        Raises Aws_Exception (FileError, an OSError) if the file cannot be read.
        """
        self._deploy.add_file(self._lambda, file_path, folder)
        return self

    def add_folder(self, source: Path, ignore: Iterable[str] | None = None, include: Iterable[str] | None = None) -> Self:
        """Adds a folder under its own name, except secrets (`.env*`), caches and what its .osbotignore excludes.

        `ignore` excludes more files, and `include` adds excluded files; both are patterns with the syntax of .gitignore.
        Raises the errors of add_file(), and InvalidPattern.
        """
        self._deploy.add_folder(self._lambda, source, list(ignore or ()), list(include or ()))
        return self

    # ---- settings

    def add_layer(self, layer_arn: str) -> Self:
        """Adds a layer version by its ARN, unless it was already added. A function may have up to 5 layers."""
        self._lambda.add_layer(layer_arn)
        return self

    def add_layers(self, layers_arn: Iterable[str]) -> Self:
        """Calls add_layer() for each ARN, in this order."""
        self._lambda.add_layers(layers_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Replaces all layers. Files of later layers overwrite files of earlier ones."""
        self._lambda.set_layers(layers)
        return self

    def set_packages_using_layer(self, packages: Iterable[str] = (), skip_layer_creation_if_exists: bool = True, *,
                                 requirements: Path | None = None) -> Lambda_Layer:
        """Adds the layer `layer_for__<name>` with these PyPI packages and returns it.

        `requirements` is a requirements.txt or a pyproject.toml whose packages are added too.

        If the latest version of the layer has exactly these packages, it is used; with
        skip_layer_creation_if_exists=False a new version is always published. Raises Aws_Exception (LayerFailed)
        with the error of Lambda_Layer.create_from_pip(), for example PackageNotFound, and ValueError for requirements
        that cannot be used.
        """
        from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer, with_requirements

        names = with_requirements(packages, requirements)
        layer = self._deploy.set_packages_using_layer(self._lambda, names, skip_layer_creation_if_exists)
        self.add_layer(layer["arn"])
        return Lambda_Layer(layer["layer_name"], [self._lambda.runtime], architecture=self._lambda.architecture,
                            session_kwargs__lambda=self._lambda._sessions)

    def set_container_image(self, image_uri: str) -> Self:
        """Sets the URI of a container image in ECR, which replaces the code: nothing is packed."""
        self._lambda.image_uri = image_uri
        return self

    def uses_container_image(self) -> bool:
        """Returns whether set_container_image() was called."""
        return bool(self._lambda.image_uri)

    def set_memory(self, mb: int) -> Self:
        """Sets the memory in MB, 128 to 10240."""
        self.memory = mb
        return self

    def set_timeout(self, seconds: int) -> Self:
        """Sets the timeout in seconds, 1 to 900."""
        self.timeout = seconds
        return self

    def set_handler(self, handler: str) -> Self:
        """Sets the handler as `module.function`, if it is not the one that was detected."""
        self._lambda.set_handler(handler)
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Adds or replaces one environment variable of the function.

        A key has at least two characters: a letter, then letters, digits and `_`. All variables together may be up to
        4 KB as JSON. Raises TypeError, naming the variable, if the value is not a str.
        """
        self._lambda.set_env_variable(key, value)
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Adds or replaces environment variables of the function; others are retained.

        Raises TypeError, naming the variable, if a value is not a str.
        """
        self._lambda.set_env_variables(env_variables)
        return self

    def print_progress(self) -> Self:
        """Prints the steps of deploy() to stderr, one line each, and the reason of a long wait for the function."""
        self._deploy.print_progress()
        return self

    # ---- deploy

    def deploy(self) -> bool:
        """Deploys the function. Returns True when it is active with this code and configuration.

        Returns False if that failed; last_error has the reason. Waits up to a minute each for code and configuration,
        and up to 30 seconds for a new role.
        """
        return bool(self._update()["status"] == "ok")

    def update(self, wait_for_update: bool = True) -> str | dict[str, Any]:
        """Deploys the function, like deploy(). Returns 'Successful', or a dict that describes the error.

        The dict is {'status': 'error', 'name', 'data', 'error': "CODE: message", 'message'}. The call always waits.
        With wait_for_update=False it returns the dict on success too, with the function's configuration as 'data'.

        Codes: AWS's codes for creating and updating functions; DeployFailed (the function is not active), RoleFailed
        (with IAM's error), NoCode, CodeStorageExceeded (more than 262,144,000 bytes unpacked; the message names the
        five largest files), FileError.
        """
        result = self._update()
        return "Successful" if wait_for_update and result["status"] == "ok" else result

    def _update(self) -> dict[str, Any]:
        self._add_folder_code()
        self._warn_of_replaced_handler()
        result = self._deploy.update(self._lambda)
        if result["status"] == "ok":
            _deployed[self._lambda.name] = self._lambda.handler
        return result

    def _warn_of_replaced_handler(self) -> None:
        """Warns if another handler of the same module was deployed under the default name, which is the module's."""
        name, handler = self._lambda.name, self._lambda.handler
        other = _deployed.get(name)
        if self._has_default_name and other not in (None, handler) and handler_in_use(self._lambda) == other:
            import warnings

            warnings.warn(f"the function {name} is replaced: it was deployed with the handler {other}, and {handler} has the same "
                          "default name, which is the name of the module. To deploy both, pass lambda_name", stacklevel=4)

    def _add_folder_code(self) -> None:
        """Adds the files that are in the folders of the package and of the Lambda now."""
        folders = {self._lambda.folder_code, self._package and self._package.tmp_folder} - {None}
        for entry in [entry for folder in sorted(map(str, folders)) for entry in os.scandir(folder)]:
            if entry.is_dir():
                self.add_folder(entry.path)
            else:
                self.add_file(entry.path)

    @property
    def last_error(self) -> str | None:
        """The error of the last deploy() or update() as "CODE: message"; None if it succeeded or was not called yet."""
        return self._deploy.last_error

    @property
    def unchanged(self) -> bool:
        """Whether the last deploy() had nothing to send."""
        return self._deploy.unchanged

    def invoke(self, params: Any = None) -> Any:
        """Invokes the function and returns its result, like Lambda.invoke(); {'error': ...} if the call failed."""
        return self._lambda.invoke(params)

    lambda_invoke = invoke

    def invoke_async(self, params: Any = None) -> dict[str, Any]:
        """Queues an event and returns {'StatusCode': 202, 'RequestId'}, like Lambda.invoke_async().

        Raises Aws_Exception if the event is rejected.
        """
        return self._lambda.invoke_async(params)

    def invoke_return_logs(self, params: Any = None) -> dict[str, Any]:
        """Invokes the function and returns its result together with the last 4 KB of the log.

        Returns {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' if there was one.
        """
        return self._lambda.invoke_return_logs(params)

    def exists(self) -> bool:
        """Returns whether the function exists."""
        return self._lambda.exists()

    def info(self) -> dict[str, Any]:
        """Returns {'Configuration', 'Code', 'Tags'}, like Lambda.info().

        Raises Aws_Exception (ResourceNotFoundException) before deploy().
        """
        return self._lambda.info()

    def delete(self) -> bool:
        """Deletes the function, its log group, and its code in S3 if a deployment uploaded it.

        Returns False if the function did not exist. Objects that were not stored by a deployment are not deleted.
        """
        return self._deploy.delete(self._lambda)

    def function_url(self) -> str | None:
        """Returns the function's URL (https://...), or None if it has none."""
        return self._lambda.function_url()

    def files(self) -> list[str]:
        """Lists the paths in the package, sorted, each starting with `/`. Adds the handler's own code first."""
        self._add_folder_code()
        return self._deploy.files(self._lambda)

    def lambda_name(self) -> str:
        """Returns the name of the function with its stage. The dots of a module's name are `_` in AWS.

        lambda_function().name is the name in AWS.
        """
        return self._name_with_dots if self._name_with_dots.replace(".", "_") == self._lambda.name else self._lambda.name

    def lambda_function(self) -> Lambda:
        """Returns the Lambda object, for all other operations. deploy() sends its attributes."""
        return self._lambda

    def lambda_shell(self) -> Shell_Client:
        """Returns a client for the shell of the function; its handler must have the decorator @lambda_shell."""
        return self._lambda.shell()

    # ---- names of the original

    @property
    def module_name(self) -> str:
        """The name of the handler's module, or lambda_name if it was passed; the same as lambda_name()."""
        return self.lambda_name()

    @property
    def package(self) -> Deploy_Package:
        """The files that are added to the package; its tmp_folder is packed with the handler's code."""
        if self._package is None:
            from osbot_aws.deploy.Deploy_Package import Deploy_Package

            self._package = Deploy_Package(self)
        return self._package

    def get_package(self) -> Deploy_Package:
        """Returns `package`."""
        return self.package

    @property
    def folder_code(self) -> str:
        """The folder whose files are added to the package: package.tmp_folder."""
        return self.package.tmp_folder

    @property
    def osbot_setup(self) -> OSBot_Setup:
        """The settings of deploys: bucket, region, account."""
        from osbot_aws.OSBot_Setup import OSBot_Setup

        return OSBot_Setup(session_kwargs__s3=self._lambda._sessions)

    @property
    def aws_config(self) -> AWS_Config:
        """The settings that are read from the environment."""
        from osbot_aws.AWS_Config import AWS_Config

        return AWS_Config(self._lambda._sessions)

    @property
    def role_arn(self) -> str:
        """The ARN of the function's execution role, which deploy() creates if it does not exist."""
        if self._lambda.role:
            return self._lambda.role
        from osbot_aws.apis.test_helpers.Temp_Aws_Roles import Temp_Aws_Roles

        return Temp_Aws_Roles(self._lambda._sessions).for_lambda_invocation__role_arn()

    @role_arn.setter
    def role_arn(self, arn: str) -> None:
        self._lambda.role = arn


_deployed: dict[str, str] = {}  # the handlers that this program deployed, by the name of the function


def handler_in_use(function: Lambda) -> str | None:
    """Returns the Handler setting of the function in AWS; None if the function does not exist."""
    from osbot_aws.core.Error import Aws_Exception

    try:
        handler: str | None = function.configuration().get("Handler")
        return handler
    except Aws_Exception:  # deploying reports other errors
        return None
