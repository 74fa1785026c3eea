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

    Methods that answer a dict with a status do not raise; all others raise Aws_Exception with AWS's code:
    ResourceNotFoundException (create() makes the function), AccessDeniedException (the caller's policies),
    EndpointConnectionError and NoRegionError (Session.target() says where calls go). What may pass by itself is tried
    three times. Threads may share an object: their calls run at once. Lists come whole, whatever the size of AWS's pages.
    Operations and their limits: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
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
        """Seen by the function, beside those set before; up to 4 KB in all, as JSON.

        A key has two characters or more: a letter, then letters, digits and `_`.
        """
        self.env_variables[key] = value
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Instead of those set before."""
        self.env_variables = dict(env_variables)
        return self

    def add_layer(self, layer_arn: str) -> Self:
        """A layer version's ARN, beside those set before, 5 at most; adding one twice keeps one."""
        if layer_arn not in self.layers:
            self.layers.append(layer_arn)
        return self

    def add_layers(self, layers: Iterable[str]) -> Self:
        """add_layer() of each, in this order."""
        for layer_arn in layers:
            self.add_layer(layer_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Instead of those set before; later ones lie over earlier ones."""
        self.layers = list(layers)
        return self

    # ---- create, change, delete

    def create(self) -> dict[str, Any]:
        """Creates the function: {'status', 'name', 'data', 'error', 'message'}.

        Answers as soon as AWS has accepted it: wait_for_state_active() before the first invoke(). A role that was just
        made may not be assumable yet; that is retried for 30 seconds. The status is 'warning' when the function exists
        already, and 'error' with "CODE: why" as the error: ValidationException (a setting is out of range),
        InvalidParameterValueException (the role can't be assumed, a bad zip), ParamValidationError (role, code or
        architecture is missing or unknown; nothing was sent).
        https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
        """
        return _core.lambda_create(self)

    def create_kwargs(self) -> dict[str, Any]:
        """What create() sends, without sending it: CreateFunction's request, the zip as base64 text."""
        return _core.lambda_create_kwargs(self)

    def exists(self, function_name: str | None = None) -> bool:
        """True: there is such a function; no function_name: this one."""
        return _core.lambda_exists(self, function_name)

    def not_exists(self) -> bool:
        """True: there is no such function."""
        return not self.exists()

    def delete(self, delete_log_group: bool = True) -> bool:
        """Deletes the function, with its versions, aliases and URL, and, unless told otherwise, its log group.

        False: there was no such function; its log group goes all the same.
        """
        return _core.lambda_delete(self, delete_log_group)

    def upload(self) -> bool:
        """Zips folder_code: to S3 when s3_bucket is set (made when missing), else into zip_bytes. False: nothing to do.

        Without an s3_key it becomes lambdas/<name>.zip. Raises Aws_Exception: FileError; CodeStorageExceeded, over
        262,144,000 bytes unpacked (its message names the five largest files); those of S3.
        """
        return _core.lambda_upload(self)

    def update(self) -> dict[str, Any]:
        """Sends code and configuration, waiting up to a minute for each; creates the function when there is none.

        {'status', 'name', 'data': {'update_code', 'update_config'}, 'error', 'message'}; the data of create() when that
        was done. The error is AWS's "CODE: why"; UpdateFailed, when AWS could not do it, or WaitTimeout, when it was not done
        in time, with the function's State or LastUpdateStatus and AWS's reason.
        """
        return _core.lambda_update(self)

    def update_lambda_code(self) -> dict[str, Any]:
        """Sends the code that is set: zip_bytes, else s3_bucket and s3_key, else image_uri. Answers as configuration().

        LastUpdateStatus is InProgress until the code is in place; invokes run the old code meanwhile. Another's update in
        progress is waited for, up to a minute. Raises Aws_Exception: InvalidParameterValueException (no code is set, or a
        bad zip), RequestEntityTooLargeException (a zip over 52,428,800 bytes: send it by S3).
        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
        """
        return _core.lambda_update_code(self)

    def update_lambda_image_uri(self, image_uri: str) -> dict[str, Any]:
        """Sets image_uri, and sends it as update_lambda_code() does."""
        self.image_uri = image_uri
        return _core.lambda_update_code(self)

    def update_lambda_configuration(self) -> dict[str, Any]:
        """Sends all the settings but the code and the tags, as update_lambda_code() does; answers as configuration().

        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
        """
        return _core.lambda_update_configuration(self)

    def configuration_update(self, **kwargs: Any) -> dict[str, Any]:
        """Any members of UpdateFunctionConfiguration: MemorySize=1024. Does not wait, and leaves the attributes as they are.

        Raises Aws_Exception: ValidationException; ResourceConflictException, while another update is in progress
        (wait_for_function_update_to_complete()).
        """
        return _core.lambda_configuration_update(self, kwargs)

    # ---- invoke; never sent twice when it is not known whether the function ran

    def invoke(self, payload: Any = None) -> Any:
        """What the function returns; {'error': "CODE: why"} when the call failed. Waits 16 minutes at most.

        What a failing handler raised comes as AWS's errorMessage and errorType, with an 'error' beside them; what is no
        JSON as {'raw_message': text}. The payload is what json.dumps() takes; None is {}. Event and result have 6 MB
        (6,291,456 bytes) each. Codes: ResourceNotFoundException, TooManyRequestsException (too many at once: later),
        RequestEntityTooLargeException (put it into S3, and send its key).
        https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        """
        return _core.lambda_invoke(self, payload)

    def invoke_raw(self, payload: Any = None, client_context: Any = None, log_type: str = "None",
                   qualifier: str | None = None) -> dict[str, Any]:
        """{'status', 'name', 'data', 'response'}, and 'function_error' and 'error' when there are such.

        'status' is 'error' when the call itself failed: 'data' is the error's text then, and 'response' None. A failing
        handler is 'ok', with function_error 'Unhandled'. 'response' is {'StatusCode', 'RequestId', 'ExecutedVersion'},
        and FunctionError and LogResult (base64, the last 4 KB of the log when log_type is 'Tail') when there are such.
        `qualifier` is a version or an alias; client_context has up to 3,583 bytes as base64 text.
        """
        return _core.lambda_invoke_raw(self, payload, client_context, log_type, qualifier)

    def invoke_return_logs(self, payload: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'return_value', 'execution_logs' (the last 4 KB), 'request_id'}, and 'error' when there is one."""
        return _core.lambda_invoke_return_logs(self, payload)

    def invoke_async(self, payload: Any = None) -> dict[str, Any]:
        """{'StatusCode': 202, 'RequestId'} when the event, of 1 MB (1,048,576 bytes) at most, is queued.

        A handler that fails is called again after one minute, and after two more; what it returns is lost. Raises
        Aws_Exception when the event is refused.
        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        """
        return _core.lambda_invoke_async(self, payload)

    def invoke_dry_run(self, payload: Any = None) -> dict[str, Any]:
        """{'StatusCode': 204, 'RequestId'} when the caller may invoke the function; runs nothing. Raises Aws_Exception else."""
        return _core.lambda_invoke_dry_run(self, payload)

    # ---- look

    def configuration(self) -> dict[str, Any]:
        """{'FunctionName', 'FunctionArn', 'Runtime', 'Role', 'Handler', 'CodeSize' (bytes), 'CodeSha256' (base64), 'Timeout'
        (seconds), 'MemorySize' (MB), 'State', 'LastUpdateStatus', 'Environment', 'Layers', ...}.

        Raises Aws_Exception (ResourceNotFoundException) when there is no function.
        https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
        """
        return _core.lambda_configuration(self)

    def info(self, function_name: str | None = None) -> dict[str, Any]:
        """{'Configuration' (as configuration()), 'Code', 'Tags'}, of this function when no name is given.

        Code has the 'Location', where the zip can be fetched for ten minutes; without tags there are no 'Tags'. Raises
        Aws_Exception (ResourceNotFoundException) when there is no function.
        """
        return _core.lambda_info(self, function_name)

    def function_arn(self) -> str:
        """The function's ARN. Raises Aws_Exception (ResourceNotFoundException) when there is no function."""
        return _core.lambda_function_arn(self)

    def functions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """The configurations of all functions of the account and region; AWS leaves State and LastUpdateStatus out.

        A list; with index_by {value of that member: the function}, with group_by {value: [functions]}. Raises KeyError
        when a function has no such member, TypeError when its value is a list or a dict.
        """
        return _core.lambda_functions(self, index_by, group_by)

    def functions_names(self) -> list[str]:
        """All of the account and region, sorted."""
        return _core.lambda_functions_names(self)

    def account_settings(self) -> dict[str, Any]:
        """{'AccountLimit': {'TotalCodeSize' (bytes), 'ConcurrentExecutions', ...}, 'AccountUsage': {'FunctionCount',
        'TotalCodeSize' (bytes)}}."""
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
        """https://...; None: there is none."""
        url: str | None = self.function_url_info(alias).get("FunctionUrl")
        return url

    def function_url_info(self, alias: str | None = None) -> dict[str, Any]:
        """What function_url_create() answers; {} when there is none."""
        return _core.lambda_url_info(self, alias)

    def function_url_exists(self, alias: str | None = None) -> bool:
        """True: there is a URL, of the alias when one is named."""
        return self.function_url_info(alias) != {}

    def function_url_create(self, function_alias: str | None = None, auth_type: str = "AWS_IAM", cors: dict[str, Any] | None = None,
                            invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """{'FunctionUrl', 'FunctionArn', 'AuthType', 'InvokeMode', 'Cors', 'CreationTime', 'LastModifiedTime'};
        {'status': 'warning', 'message'} when there is one already, which stays as it is.

        auth_type is AWS_IAM (callers sign their requests) or NONE; who may call it the policy says: permission_add().
        invoke_mode is BUFFERED or RESPONSE_STREAM. `cors` has AllowCredentials, AllowHeaders, AllowMethods, AllowOrigins,
        ExposeHeaders and MaxAge (seconds), all optional. Raises Aws_Exception: ResourceNotFoundException (function or
        alias), ValidationException. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
        """
        return _core.lambda_url_create(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_create_with_public_access(self, invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """A URL that everybody may call: {'function_url_create': what that answers, 'function_set_policy': the statement}.

        A URL that is there gets auth_type NONE ('function_url_create' is then what function_url_update() answers) and keeps
        its invoke_mode. When one of the two statements is refused, 'function_set_policy' is {'error': "CODE: why"}.
        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        """
        return _core.lambda_url_create_with_public_access(self, invoke_mode)

    def function_set_policy_to_allow_public_access(self) -> dict[str, Any]:
        """Lets everybody call the function's URL, which is made when there is none; answers the statement, or {'error': "CODE: why"}."""
        statement: dict[str, Any] = self.function_url_create_with_public_access()["function_set_policy"]
        return statement

    def function_url_update(self, function_alias: str | None = None, auth_type: str | None = None,
                            cors: dict[str, Any] | None = None, invoke_mode: str | None = None) -> dict[str, Any] | None:
        """What function_url_create() answers, with the changes; None: there is none. What is None stays as it is."""
        return _core.lambda_url_update(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_delete(self, alias: str | None = None) -> bool:
        """False: there was none."""
        return _core.lambda_url_delete(self, alias)

    # ---- permissions

    def permission_add(self, function_arn: str | None = None, statement_id: str | None = None, action: str | None = None,
                       principal: str | None = None, source_arn: str | None = None,
                       function_url_auth_type: str | None = None) -> dict[str, Any]:
        """The statement, {'Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'}, or {'error': "CODE: why"}.

        statement_id, action (lambda:InvokeFunction) and principal (a service, an account or *) have to be there; no
        function_arn: this function. Codes: ResourceConflictException (a statement of that id is there),
        ValidationException. https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
        """
        return _core.lambda_permission_add(self, function_arn, statement_id, action, principal, source_arn, function_url_auth_type)

    def permission_delete(self, function_name: str | None, statement_id: str) -> dict[str, Any]:
        """{}, or {'error': "CODE: why"}: ResourceNotFoundException when there is no such statement."""
        return _core.lambda_permission_delete(self, function_name, statement_id)

    def policy(self) -> dict[str, Any]:
        """{'Version', 'Id', 'Statement': [...]}; {} when there is none, or no function."""
        return _core.lambda_policy(self)

    def permissions(self) -> list[dict[str, Any]]:
        """The policy's statements, as permission_add() answers them; [] when there is none."""
        statements: list[dict[str, Any]] = self.policy_statements()
        return statements

    def policy_statements(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """permissions(), or a dict by a member of each, as functions() has it."""
        return _core.lambda_policy_statements(self, index_by, group_by)

    def policy_statements_clear(self) -> Self:
        """Removes all statements, one call each. Raises Aws_Exception (AccessDeniedException) at the first that is refused."""
        _core.lambda_policy_statements_clear(self)
        return self

    # ---- versions, aliases, event sources; no function_name: this function

    def publish_version(self, description: str | None = None) -> dict[str, Any]:
        """What $LATEST is now, under the next number: its configuration, 'Version' (a str) among it.

        When nothing changed since the last one, that one. https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
        """
        return _core.lambda_publish_version(self, description)

    def versions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """The configurations of all versions, $LATEST first: a list, or a dict by a member of each, as functions() has it."""
        return _core.lambda_versions(self, index_by, group_by)

    def alias_create(self, function_name: str | None = None, function_version: str | None = None, name: str | None = None,
                     description: str | None = None) -> dict[str, Any]:
        """{'AliasArn', 'Name', 'FunctionVersion', 'Description', 'RevisionId'}, or {'status': 'error', 'error': "CODE: why"}.

        function_version is a number, as a str, or $LATEST. Codes: ResourceConflictException (there is one of that name),
        ResourceNotFoundException (function or version), ValidationException.
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
        """
        return _core.lambda_alias_create(self, function_name, function_version, name, description)

    def alias(self, function_name: str | None, name: str) -> dict[str, Any]:
        """As alias_create(), of one that is there."""
        return _core.lambda_alias(self, function_name, name)

    def aliases(self, function_name: str | None = None, index_by: str | None = None, group_by: str | None = None) -> Any:
        """All of a function, as alias_create() answers them: a list, or a dict by a member of each, as functions() has it."""
        return _core.lambda_aliases(self, function_name, index_by, group_by)

    def alias_delete(self, function_name: str | None, name: str) -> dict[str, Any]:
        """{}, also when there was none, or {'status': 'error', 'error'}."""
        return _core.lambda_alias_delete(self, function_name, name)

    def event_source_create(self, event_source_arn: str, function_name: str | None = None) -> dict[str, Any]:
        """{'UUID', 'EventSourceArn', 'FunctionArn', 'BatchSize', 'State', ...}, or {'status': 'error', 'error': "CODE: why"}.

        The queue has to be there. Codes: InvalidParameterValueException (it isn't, or the role can't read it),
        ResourceConflictException (they are connected already).
        https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
        """
        return _core.lambda_event_source_create(self, event_source_arn, function_name)

    def event_sources(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """All of the account and region, as event_source_create() answers them: a list, or a dict by a member of each."""
        return _core.lambda_event_sources(self, index_by, group_by)

    def event_source_delete(self, event_source_uuid: str) -> dict[str, Any]:
        """The mapping as it is deleted, or {'status': 'error', 'error'}."""
        return _core.lambda_event_source_delete(self, event_source_uuid)

    # ---- wait; intervals in seconds

    def wait_for_state(self, state: str, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """{'status', 'name', 'data', 'error', 'message'}: 'ok' once the state (Pending, Active, Inactive or Failed) is reached,
        with configuration() as data.

        'error' at once when the function has Failed (with its reason) or isn't there, and after max_wait_count times
        wait_interval seconds (WaitTimeout). The first looks come sooner than the interval says.
        """
        return _core.lambda_wait_for_state(self, state, max_wait_count, wait_interval)

    def wait_for_state_active(self, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """wait_for_state() of Active: what the first invoke() after create() needs."""
        return self.wait_for_state("Active", max_wait_count, wait_interval)

    def wait_for_function_update_to_complete(self, max_attempts: int = 40, wait_time: float = 0.1) -> str:
        """LastUpdateStatus once it is no longer InProgress (Successful or Failed), or InProgress after max_attempts times
        wait_time seconds, which is 4 seconds unless told. Raises Aws_Exception (ResourceNotFoundException)."""
        return _core.lambda_wait_for_update(self, max_attempts, wait_time)

    # ---- shell, for functions whose handler has the decorator @lambda_shell

    def shell(self, auth_key: str | None = None) -> Shell_Client:
        """Sends nothing. Without auth_key: what LAMBDA_SHELL__AUTH_KEY says here."""
        from osbot_aws.apis.shell.Shell_Client import Shell_Client

        return Shell_Client(self, auth_key)

    def shell_python_exec(self, code: str, auth_key: str | None = None) -> Any:
        """What the code names `result`, or {'error': ...}; what it prints goes to the function's log."""
        return self.shell(auth_key).python_exec(code)


def invoke_lambda(lambda_name: str, payload: Any) -> Any:
    """Lambda(lambda_name).invoke(payload)."""
    return Lambda(lambda_name).invoke(payload)


def invoke_lambda_async(lambda_name: str, payload: Any) -> dict[str, Any]:
    """Lambda(lambda_name).invoke_async(payload)."""
    return Lambda(lambda_name).invoke_async(payload)
