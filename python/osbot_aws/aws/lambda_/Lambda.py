"""One Lambda function, by name: create it, change it, call it, look at it, delete it."""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.apis.Logs import Logs
    from osbot_aws.apis.shell.Shell_Client import Shell_Client
    from osbot_aws.aws.s3.S3 import S3
    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]


class Lambda(Boto3_Client):
    """The attributes are the settings that create() and update() send; nothing leaves the object before then.

    Methods that answer a dict with a status do not raise; all others raise Aws_Exception with AWS's code. Threads may
    share an object: their calls run at once. Lists come whole, whatever the size of AWS's pages.
    """

    _service = "lambda"

    def __init__(self, name: str = "", session_kwargs__lambda: Session_Like = None, session_kwargs__s3: Session_Like = None, *,
                 runtime: str = "python3.11", handler: str | None = None, memory_size: int = 512, memory: int | None = None,
                 timeout: int = 60, ephemeral_storage: int = 512, architecture: str = "x86_64", role: str | None = None,
                 trace_mode: str = "PassThrough", description: str | None = None, s3_bucket: str | None = None,
                 s3_key: str | None = None, zip_bytes: bytes | None = None, folder_code: Path | None = None,
                 image_uri: str | None = None, layers: Iterable[str] = (), env_variables: Mapping[str, str] | None = None,
                 tags: Mapping[str, str] | None = None) -> None:
        self.original_name = name
        self.name = name.replace(".", "_")
        self.runtime = runtime
        self.handler = handler if handler is not None else f"{name}.run"
        self.memory_size = memory_size if memory is None else memory  # MB, 128 to 10240
        self.timeout = timeout  # seconds, 1 to 900
        self.ephemeral_storage = ephemeral_storage  # MB of /tmp, 512 to 10240
        self.architecture = architecture  # or arm64
        self.role = role  # ARN
        self.trace_mode = trace_mode  # or Active
        self.description = description
        self.s3_bucket = s3_bucket
        self.s3_key = s3_key
        self.zip_bytes = zip_bytes  # the code itself, up to 50 MB
        self.folder_code = folder_code  # what upload() zips
        self.image_uri = image_uri
        self.layers = list(layers)  # later ones lie over earlier ones
        self.env_variables = dict(env_variables or {})
        self.tags = dict(tags or {})
        self.session_kwargs__lambda = session_kwargs__lambda
        self.session_kwargs__s3 = session_kwargs__s3
        self._sessions = session_of(session_kwargs__lambda)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def memory(self) -> int:
        """MB, 128 to 10240; another name of memory_size."""
        return self.memory_size

    @memory.setter
    def memory(self, mb: int) -> None:
        self.memory_size = mb

    # ---- settings

    def set_role(self, value: str) -> Self:
        """The ARN of the role that the function runs with."""
        self.role = value
        return self

    def set_s3_bucket(self, value: str) -> Self:
        """Where the zip is, or where upload() puts it."""
        self.s3_bucket = value
        return self

    def set_s3_key(self, value: str) -> Self:
        """The zip's key in s3_bucket."""
        self.s3_key = value
        return self

    def set_folder_code(self, value: Path) -> Self:
        """What upload() zips."""
        self.folder_code = value
        return self

    def set_handler(self, value: str) -> Self:
        """`module.function`; `<name>.run` unless set."""
        self.handler = value
        return self

    def set_trace_mode(self, value: str) -> Self:
        """Active, or PassThrough."""
        self.trace_mode = value
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Beside those set before."""
        self.env_variables[key] = value
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Replaces all."""
        self.env_variables = dict(env_variables)
        return self

    def add_layer(self, layer_arn: str) -> Self:
        """Adding one twice keeps one."""
        if layer_arn not in self.layers:
            self.layers.append(layer_arn)
        return self

    def add_layers(self, layers: Iterable[str]) -> Self:
        """add_layer() of each, in this order."""
        for layer_arn in layers:
            self.add_layer(layer_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Replaces all; later ones lie over earlier ones."""
        self.layers = list(layers)
        return self

    # ---- create, change, delete

    def create(self) -> dict[str, Any]:
        """Creates the function: {'status', 'name', 'data', 'error', 'message'}.

        Answers as soon as AWS has accepted it: wait_for_state_active() before the first invoke(). The status is
        'warning' when the function exists already, and 'error' with AWS's code and message.
        """
        return _core.lambda_create(self)

    def create_kwargs(self) -> dict[str, Any]:
        """What create() sends, without sending it."""
        return _core.lambda_create_kwargs(self)

    def exists(self, function_name: str | None = None) -> bool:
        """True: there is such a function; no function_name: this one."""
        return _core.lambda_exists(self, function_name)

    def not_exists(self) -> bool:
        """True: there is no such function."""
        return not self.exists()

    def delete(self, delete_log_group: bool = True) -> bool:
        """Deletes the function and, unless told otherwise, its log group. False: there was none."""
        return _core.lambda_delete(self, delete_log_group)

    def upload(self) -> bool:
        """Zips folder_code: to S3 when s3_bucket is set (made when missing), else into zip_bytes. False: nothing to do."""
        return _core.lambda_upload(self)

    def update(self) -> dict[str, Any]:
        """Sends code and configuration, waiting for each; creates the function when there is none.

        {'status', 'name', 'data': {'update_code', 'update_config'}, 'error', 'message'}.
        """
        return _core.lambda_update(self)

    def update_lambda_code(self) -> dict[str, Any]:
        """Sends the code that is set, once no other update is in progress; answers the function's configuration."""
        return _core.lambda_update_code(self)

    def update_lambda_image_uri(self, image_uri: str) -> dict[str, Any]:
        """Sets image_uri, and sends it as update_lambda_code() does."""
        self.image_uri = image_uri
        return _core.lambda_update_code(self)

    def update_lambda_configuration(self) -> dict[str, Any]:
        """Sends all the settings but the code."""
        return _core.lambda_update_configuration(self)

    def configuration_update(self, **kwargs: Any) -> dict[str, Any]:
        """Any members of UpdateFunctionConfiguration: MemorySize=1024. Does not wait."""
        return _core.lambda_configuration_update(self, kwargs)

    # ---- invoke; never sent twice when it is not known whether the function ran

    def invoke(self, payload: Any = None) -> Any:
        """What the function returns; {'error': ...} when the call failed.

        What a failing handler raised comes as AWS's errorMessage and errorType, with an 'error' beside them.
        """
        return _core.lambda_invoke(self, payload)

    def invoke_raw(self, payload: Any = None, client_context: Any = None, log_type: str = "None",
                   qualifier: str | None = None) -> dict[str, Any]:
        """{'status', 'name', 'data', 'response'}, and 'function_error' and 'error' when there are such."""
        return _core.lambda_invoke_raw(self, payload, client_context, log_type, qualifier)

    def invoke_return_logs(self, payload: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'return_value', 'execution_logs' (the last 4 KB), 'request_id'}."""
        return _core.lambda_invoke_return_logs(self, payload)

    def invoke_async(self, payload: Any = None) -> dict[str, Any]:
        """{'StatusCode': 202, 'RequestId'} when the event is queued."""
        return _core.lambda_invoke_async(self, payload)

    def invoke_dry_run(self, payload: Any = None) -> dict[str, Any]:
        """{'StatusCode': 204, 'RequestId'} when the caller may invoke the function; runs nothing."""
        return _core.lambda_invoke_dry_run(self, payload)

    # ---- look

    def configuration(self) -> dict[str, Any]:
        """What GetFunctionConfiguration answers. Raises Aws_Exception (ResourceNotFoundException) when there is no function."""
        return _core.lambda_configuration(self)

    def info(self, function_name: str | None = None) -> dict[str, Any]:
        """{'Configuration', 'Code', 'Tags'}."""
        return _core.lambda_info(self, function_name)

    def function_arn(self) -> str:
        """The function's ARN. Raises Aws_Exception (ResourceNotFoundException) when there is no function."""
        return _core.lambda_function_arn(self)

    def functions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """All functions of the account and region: a list, or a dict by a member of each."""
        return _core.lambda_functions(self, index_by, group_by)

    def functions_names(self) -> list[str]:
        """All of the account and region, sorted."""
        return _core.lambda_functions_names(self)

    def account_settings(self) -> dict[str, Any]:
        """{'AccountLimit', 'AccountUsage'}."""
        return _core.lambda_account_settings(self)

    def log_group(self) -> Logs:
        """What the function writes: /aws/lambda/<name>, which need not be there yet."""
        from osbot_aws.apis.Logs import Logs

        return Logs(f"/aws/lambda/{self.name}", session_kwargs__logs=self._sessions)

    def s3(self) -> S3:
        """Where upload() goes."""
        from osbot_aws.aws.s3.S3 import S3

        return S3(self._sessions)

    # ---- function URL

    def function_url(self, alias: str | None = None) -> str | None:
        """None: there is none."""
        url: str | None = self.function_url_info(alias).get("FunctionUrl")
        return url

    def function_url_info(self, alias: str | None = None) -> dict[str, Any]:
        """{} when there is none."""
        return _core.lambda_url_info(self, alias)

    def function_url_exists(self, alias: str | None = None) -> bool:
        """True: there is a URL, of the alias when one is named."""
        return self.function_url_info(alias) != {}

    def function_url_create(self, function_alias: str | None = None, auth_type: str = "AWS_IAM", cors: dict[str, Any] | None = None,
                            invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """The URL's configuration; {'status': 'warning', 'message'} when there is one already."""
        return _core.lambda_url_create(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_create_with_public_access(self, invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """A URL that everybody may call: {'function_url_create', 'function_set_policy'}."""
        return _core.lambda_url_create_with_public_access(self, invoke_mode)

    def function_set_policy_to_allow_public_access(self) -> dict[str, Any]:
        """Lets everybody call the function's URL, which is made when there is none; answers the statement."""
        statement: dict[str, Any] = self.function_url_create_with_public_access()["function_set_policy"]
        return statement

    def function_url_update(self, function_alias: str | None = None, auth_type: str | None = None,
                            cors: dict[str, Any] | None = None, invoke_mode: str | None = None) -> dict[str, Any] | None:
        """None: there is none. What is None stays as it is."""
        return _core.lambda_url_update(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_delete(self, alias: str | None = None) -> bool:
        """False: there was none."""
        return _core.lambda_url_delete(self, alias)

    # ---- permissions

    def permission_add(self, function_arn: str | None = None, statement_id: str | None = None, action: str | None = None,
                       principal: str | None = None, source_arn: str | None = None,
                       function_url_auth_type: str | None = None) -> dict[str, Any]:
        """The statement, or {'error': ...}."""
        return _core.lambda_permission_add(self, function_arn, statement_id, action, principal, source_arn, function_url_auth_type)

    def permission_delete(self, function_name: str | None, statement_id: str) -> dict[str, Any]:
        """{}, or {'error': ...}."""
        return _core.lambda_permission_delete(self, function_name, statement_id)

    def policy(self) -> dict[str, Any]:
        """{} when there is none."""
        return _core.lambda_policy(self)

    def permissions(self) -> list[dict[str, Any]]:
        """The policy's statements; [] when there is none."""
        statements: list[dict[str, Any]] = self.policy_statements()
        return statements

    def policy_statements(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """A list of the policy's statements, or a dict by a member of each."""
        return _core.lambda_policy_statements(self, index_by, group_by)

    def policy_statements_clear(self) -> Self:
        """Removes all statements, one call each."""
        _core.lambda_policy_statements_clear(self)
        return self

    # ---- versions, aliases, event sources; no function_name: this function

    def publish_version(self, description: str | None = None) -> dict[str, Any]:
        """Freezes code and configuration; answers the version's configuration, whose number is 'Version'."""
        return _core.lambda_publish_version(self, description)

    def versions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """$LATEST first."""
        return _core.lambda_versions(self, index_by, group_by)

    def alias_create(self, function_name: str | None = None, function_version: str | None = None, name: str | None = None,
                     description: str | None = None) -> dict[str, Any]:
        """The alias, or {'status': 'error', 'error'}."""
        return _core.lambda_alias_create(self, function_name, function_version, name, description)

    def alias(self, function_name: str | None, name: str) -> dict[str, Any]:
        """The alias, or {'status': 'error', 'error'}."""
        return _core.lambda_alias(self, function_name, name)

    def aliases(self, function_name: str | None = None, index_by: str | None = None, group_by: str | None = None) -> Any:
        """A list, or a dict by a member of each."""
        return _core.lambda_aliases(self, function_name, index_by, group_by)

    def alias_delete(self, function_name: str | None, name: str) -> dict[str, Any]:
        """{}, or {'status': 'error', 'error'}."""
        return _core.lambda_alias_delete(self, function_name, name)

    def event_source_create(self, event_source_arn: str, function_name: str | None = None) -> dict[str, Any]:
        """The mapping, or {'status': 'error', 'error'}."""
        return _core.lambda_event_source_create(self, event_source_arn, function_name)

    def event_sources(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """All of the account and region."""
        return _core.lambda_event_sources(self, index_by, group_by)

    def event_source_delete(self, event_source_uuid: str) -> dict[str, Any]:
        """The mapping as it is deleted, or {'status': 'error', 'error'}."""
        return _core.lambda_event_source_delete(self, event_source_uuid)

    # ---- wait; intervals in seconds

    def wait_for_state(self, state: str, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """'ok' once the state is reached, 'error' when the function has Failed or the time is over."""
        return _core.lambda_wait_for_state(self, state, max_wait_count, wait_interval)

    def wait_for_state_active(self, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """wait_for_state() of Active: what the first invoke() after create() needs."""
        return self.wait_for_state("Active", max_wait_count, wait_interval)

    def wait_for_function_update_to_complete(self, max_attempts: int = 40, wait_time: float = 0.1) -> str:
        """LastUpdateStatus once it is no longer InProgress, or InProgress after the time."""
        return _core.lambda_wait_for_update(self, max_attempts, wait_time)

    # ---- shell, for functions whose handler has the decorator @lambda_shell

    def shell(self, auth_key: str | None = None) -> Shell_Client:
        """Sends nothing. Without auth_key: what LAMBDA_SHELL__AUTH_KEY says here."""
        from osbot_aws.apis.shell.Shell_Client import Shell_Client

        return Shell_Client(self, auth_key)

    def shell_python_exec(self, code: str, auth_key: str | None = None) -> Any:
        """What the code names `result`; what it prints goes to the function's log."""
        return self.shell(auth_key).python_exec(code)


def invoke_lambda(lambda_name: str, payload: Any) -> Any:
    """Lambda(lambda_name).invoke(payload)."""
    return Lambda(lambda_name).invoke(payload)


def invoke_lambda_async(lambda_name: str, payload: Any) -> dict[str, Any]:
    """Lambda(lambda_name).invoke_async(payload)."""
    return Lambda(lambda_name).invoke_async(payload)
