"""One Lambda function, addressed by name: create, update, invoke, inspect and delete it."""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from typing_extensions import Self, Unpack

    from osbot_aws.apis.Logs import Logs
    from osbot_aws.apis.shell.Shell_Client import Shell_Client
    from osbot_aws.aws.s3.S3 import S3
    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]


NAME_CHARACTERS_MAX = 64


class Lambda(_core.Lambda_Settings, Boto3_Client):
    """Represents one Lambda function; the attributes are the settings that create() and update() send.

    Changing an attribute sends nothing. Methods whose documented result has a 'status' or an 'error' report failures
    there. All other methods raise Aws_Exception with AWS's error code, for example ResourceNotFoundException (the
    function does not exist), AccessDeniedException (the caller lacks a permission), EndpointConnectionError or
    NoRegionError (Session.target() shows the target).

    Each setting is also a keyword argument: Lambda('orders', memory=1024, timeout=30). The docstrings of the attributes
    have their units and limits. Dots in `name` become `_`; the default handler is `<name>.run`. session_kwargs__lambda
    selects the target of all calls, including those to S3; session_kwargs__s3 is only stored.

    Requests that fail with a transient error are sent up to three times. Threads may share an object; their calls run
    in parallel. Methods that return a list fetch all pages. Operations and their limits:
    https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
    """

    _service = "lambda"

    def __init__(self, name: str = "", session_kwargs__lambda: Session_Like = None, session_kwargs__s3: Session_Like = None,
                 **settings: Unpack[_core._Lambda_Values]) -> None:
        super().__init__()
        self.original_name = name
        self.name = name.replace(".", "_")
        self.handler = f"{name}.run"
        self.session_kwargs__lambda = session_kwargs__lambda
        self.session_kwargs__s3 = session_kwargs__s3
        self._sessions = session_of(session_kwargs__lambda)
        for setting, value in settings.items():
            self._set(setting, value)

    def _set(self, setting: str, value: Any) -> None:
        self._check_setting(setting, type(self))
        setattr(self, setting, value.copy() if isinstance(value, (list, dict)) else value)

    def _check_setting(self, setting: str, constructor: type) -> None:
        if not hasattr(_core.Lambda_Settings, setting):
            raise TypeError(f"{constructor.__name__}() has no keyword argument '{setting}'{hint(self, setting)}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    # ---- settings

    def set_role(self, value: str) -> Self:
        """Sets the ARN of the function's execution role."""
        self.role = value
        return self

    def set_s3_bucket(self, value: str) -> Self:
        """Sets the bucket that contains the code's zip, or to which upload() sends it."""
        self.s3_bucket = value
        return self

    def set_s3_key(self, value: str) -> Self:
        """Sets the key of the code's zip in s3_bucket."""
        self.s3_key = value
        return self

    def set_folder_code(self, value: Path) -> Self:
        """Sets the folder that upload() zips."""
        self.folder_code = value
        return self

    def set_handler(self, value: str) -> Self:
        """Sets the handler as `module.function`; the default is `<name>.run`."""
        self.handler = value
        return self

    def set_trace_mode(self, value: str) -> Self:
        """Sets the X-Ray tracing mode: Active or PassThrough."""
        self.trace_mode = value
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Adds or replaces one environment variable of the function.

        A key has at least two characters: a letter, then letters, digits and `_`. All variables together may be up to
        4 KB as JSON. Raises TypeError, naming the variable, if the value is not a str.
        """
        _core.check_env_variables({key: value})
        self.env_variables[key] = value
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Adds or replaces environment variables of the function; others are retained.

        Assign to env_variables to replace all. Raises TypeError, naming the variable, if a value is not a str.
        """
        _core.check_env_variables(dict(env_variables))
        self.env_variables.update(env_variables)
        return self

    def add_layer(self, layer_arn: str) -> Self:
        """Adds a layer version by its ARN, unless it is already in `layers`. A function may have up to 5 layers."""
        if layer_arn not in self.layers:
            self.layers.append(layer_arn)
        return self

    def add_layers(self, layers_arn: Iterable[str]) -> Self:
        """Calls add_layer() for each ARN, in this order."""
        for layer_arn in layers_arn:
            self.add_layer(layer_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Replaces all layers. Files of later layers overwrite files of earlier ones."""
        self.layers = list(layers)
        return self

    # ---- create, update, delete

    def create(self) -> dict[str, Any]:
        """Creates the function and returns {'status', 'name', 'data', 'error', 'message'}.

        Returns as soon as AWS has accepted the request: call wait_for_state_active() before the first invoke(). If AWS
        cannot assume a new role yet, the request is retried for up to 30 seconds. 'status' is 'warning' if the function
        already exists. It is 'error' if the request failed, and 'error' is then "CODE: message" with one of these
        codes: ValidationException (a setting is out of range), InvalidParameterValueException (Lambda cannot assume the
        role, or the zip is invalid), ParamValidationError (role, code or architecture is missing or unknown). Without a
        name, a random one is set: temp_lambda_...
        https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
        """
        self._set_random_name_if_empty()
        return _core.lambda_create(self)

    def _set_random_name_if_empty(self) -> None:
        if not self.name:
            self.name = f"temp_lambda_{os.urandom(4).hex()}"
            self.handler = f"{self.name}.run" if self.handler == ".run" else self.handler

    def create_kwargs(self) -> dict[str, Any]:
        """Returns the CreateFunction request that create() would send, with the zip as base64 text. Sends nothing."""
        return _core.lambda_create_kwargs(self)

    def validate_create_kwargs(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Checks a request of create_kwargs() without sending it; create() does not need this.

        Returns {'status', 'message', 'data', 'error'}. 'status' is 'warning' if the function exists, and 'error' if the
        name has more than 64 characters or the code's object does not exist in S3.
        """
        name, code = kwargs["FunctionName"], kwargs.get("Code", {})
        if len(name) > NAME_CHARACTERS_MAX:
            return status_of("error", f"lambda functions name cannot be bigger than {NAME_CHARACTERS_MAX} chars", name)
        if self.exists(name):
            return status_of("warning", f"lambda function already exists: {name}")
        if "S3Bucket" in code and self.s3().file_not_exists(code["S3Bucket"], code["S3Key"]):
            return status_of("error", f"for function {name}, could not find provided s3 bucket and s3 key: {code['S3Bucket']} {code['S3Key']}")
        return status_of("ok", "validated ok  the lambda create_kwargs")

    def exists(self, function_name: str | None = None) -> bool:
        """Returns whether the function exists. Without function_name, checks this function."""
        return _core.lambda_exists(self, function_name)

    def not_exists(self) -> bool:
        """Returns whether the function does not exist."""
        return not self.exists()

    def delete(self, delete_log_group: bool = True) -> bool:
        """Deletes the function with its versions, aliases and URL, and by default its log group.

        Returns False if the function did not exist; its log group is deleted in that case too.
        """
        return _core.lambda_delete(self, delete_log_group)

    def upload(self) -> bool:
        """Zips folder_code and uploads it to s3_bucket, or stores it in zip_bytes if no bucket is set.

        A missing bucket is created. Without s3_key the key is lambdas/<name>.zip. Returns False if there is nothing to
        upload. Raises Aws_Exception: FileError (a file cannot be read), CodeStorageExceeded (more than 262,144,000
        bytes unpacked; the message names the five largest files), or an error of S3.
        """
        return _core.lambda_upload(self)

    def update(self) -> dict[str, Any]:
        """Sends code and configuration, and waits up to a minute for each. Creates the function if it does not exist.

        Returns {'status', 'name', 'data': {'update_code', 'update_config'}, 'error', 'message'}, or the data of
        create() if the function was created. 'error' is AWS's "CODE: message", or one of these codes, with the function's
        State or LastUpdateStatus and AWS's reason: UpdateFailed (AWS could not apply the update), WaitTimeout (the
        update did not complete in time).
        """
        return _core.lambda_update(self)

    def update_lambda_code(self) -> dict[str, Any]:
        """Sends the code: zip_bytes if set, else s3_bucket and s3_key, else image_uri.

        Returns a dict like configuration(). LastUpdateStatus is InProgress until the new code is active; until then,
        invokes run the old code. If another update is in progress, waits for it for up to a minute. Raises
        Aws_Exception: InvalidParameterValueException (no code is set, or the zip is invalid),
        RequestEntityTooLargeException (the zip is larger than 52,428,800 bytes: upload it to S3).
        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
        """
        return _core.lambda_update_code(self)

    def update_lambda_image_uri(self, image_uri: str) -> dict[str, Any]:
        """Sets image_uri and sends it, like update_lambda_code()."""
        self.image_uri = image_uri
        return _core.lambda_update_code(self)

    def update_lambda_configuration(self) -> dict[str, Any]:
        """Sends all settings except code and tags. Waits for another update, like update_lambda_code().

        Returns a dict like configuration().
        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
        """
        return _core.lambda_update_configuration(self)

    def configuration_update(self, **kwargs: Any) -> dict[str, Any]:
        """Sends only these members of UpdateFunctionConfiguration, for example MemorySize=1024, and does not wait.

        The attributes of this object do not change. Returns a dict like configuration(). Raises Aws_Exception:
        ValidationException, or ResourceConflictException while another update is in progress
        (wait_for_function_update_to_complete() waits for it).
        """
        return _core.lambda_configuration_update(self, kwargs)

    # ---- invoke; not retried if the function may have run

    def invoke(self, payload: Any = None) -> Any:
        """Invokes the function and returns its result. Waits up to 16 minutes.

        `payload` is any value that json.dumps() accepts; None sends {}. Payload and result may be up to 6 MB each
        (6,291,456 bytes). Returns {'error': "CODE: message"} if the call failed. If the handler raised an exception, returns
        AWS's dict with errorMessage and errorType, and 'error' added to it. A result that is not JSON is returned as
        {'raw_message': text}, a streamed response with an HTTP status as {'statusCode', 'headers', 'cookies', 'body'}.
        Codes: ResourceNotFoundException, TooManyRequestsException (the concurrency limit is reached: retry later),
        RequestEntityTooLargeException (store the data in S3 and send its key).
        https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        """
        return _core.lambda_invoke(self, payload)

    def invoke_raw(self, payload: Any = None, client_context: Any = None, log_type: str = "None",
                   qualifier: str | None = None) -> dict[str, Any]:
        """Invokes the function and returns {'status', 'name', 'data', 'response'}.

        'function_error' and 'error' are added if they apply. If the call itself failed, 'status' is 'error', 'data' is
        the error text and 'response' is None. If the handler failed, 'status' is 'ok' and 'function_error' is
        'Unhandled'. 'response' is {'StatusCode', 'RequestId', 'ExecutedVersion'}, with FunctionError and LogResult if
        present. LogResult is the last 4 KB of the log as base64; it requires log_type='Tail'. `qualifier` is a version
        or an alias. client_context may be up to 3,583 bytes as base64 text.
        """
        return _core.lambda_invoke_raw(self, payload, client_context, log_type, qualifier)

    def invoke_return_logs(self, payload: Any = None) -> dict[str, Any]:
        """Invokes the function and returns its result together with the last 4 KB of the log.

        Returns {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' if there was one.
        """
        return _core.lambda_invoke_return_logs(self, payload)

    def invoke_async(self, payload: Any = None) -> dict[str, Any]:
        """Queues an event and returns {'StatusCode': 202, 'RequestId'}. The limit is 1 MB (1,048,576 bytes).

        If the handler fails, it is called again one minute later, and a third time two minutes after that. Its result
        is discarded. Raises Aws_Exception if the event is rejected.
        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
        """
        return _core.lambda_invoke_async(self, payload)

    def invoke_dry_run(self, payload: Any = None) -> dict[str, Any]:
        """Checks whether the caller may invoke the function, without running it.

        Returns {'StatusCode': 204, 'RequestId'}. Raises Aws_Exception if the caller may not invoke it.
        """
        return _core.lambda_invoke_dry_run(self, payload)

    # ---- inspect

    def configuration(self) -> dict[str, Any]:
        """Returns the function's configuration.

        The dict has 'FunctionName', 'FunctionArn', 'Runtime', 'Role', 'Handler', 'CodeSize' (bytes), 'CodeSha256'
        (base64), 'Timeout' (seconds), 'MemorySize' (MB), 'State', 'LastUpdateStatus', 'Environment', 'Layers' and
        others. Raises Aws_Exception (ResourceNotFoundException) if the function does not exist.
        https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
        """
        return _core.lambda_configuration(self)

    def info(self, function_name: str | None = None) -> dict[str, Any]:
        """Returns {'Configuration' (see configuration()), 'Code', 'Tags'}.

        Without function_name, describes this function. Code['Location'] is a URL of the zip that is valid for ten
        minutes. 'Tags' is missing if the function has none. Raises Aws_Exception (ResourceNotFoundException) if the function
        does not exist.
        """
        return _core.lambda_info(self, function_name)

    def function_arn(self) -> str:
        """Returns the function's ARN.

        Raises Aws_Exception (ResourceNotFoundException) if the function does not exist.
        """
        return _core.lambda_function_arn(self)

    def functions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists the configurations of all functions of the account and region. AWS omits State and LastUpdateStatus.

        Returns a list. With index_by, returns {value of that member: function}; with group_by, {value: [functions]}.
        Raises KeyError if a function lacks the member, and TypeError if its value is a list or a dict.
        """
        return _core.lambda_functions(self, index_by, group_by)

    def functions_names(self) -> list[str]:
        """Lists the names of all functions of the account and region, sorted."""
        return _core.lambda_functions_names(self)

    def account_settings(self) -> dict[str, Any]:
        """Returns the account's limits and usage of Lambda.

        The dict is {'AccountLimit': {'TotalCodeSize' (bytes), 'ConcurrentExecutions', ...}, 'AccountUsage':
        {'FunctionCount', 'TotalCodeSize' (bytes)}}.
        """
        return _core.lambda_account_settings(self)

    def log_group(self) -> Logs:
        """Returns the function's log group, /aws/lambda/<name>, which may not exist yet."""
        from osbot_aws.apis.Logs import Logs

        return Logs(f"/aws/lambda/{self.name}", session_kwargs__logs=self._sessions)

    def s3(self) -> S3:
        """Returns the S3 object that uses the same session as upload()."""
        from osbot_aws.aws.s3.S3 import S3

        return S3(self._sessions)

    # ---- function URL

    def function_url(self, function_alias: str | None = None) -> str | None:
        """Returns the function's URL (https://...), or None if it has none."""
        url: str | None = self.function_url_info(function_alias).get("FunctionUrl")
        return url

    def function_url_info(self, function_alias: str | None = None) -> dict[str, Any]:
        """Returns the URL's configuration, like function_url_create(); {} if it does not exist."""
        return _core.lambda_url_info(self, function_alias)

    def function_url_exists(self, function_alias: str | None = None) -> bool:
        """Returns whether the function, or its alias `function_alias`, has a URL."""
        return self.function_url_info(function_alias) != {}

    def function_url_create(self, function_alias: str | None = None, auth_type: str = "AWS_IAM", cors: dict[str, Any] | None = None,
                            invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """Creates a URL that invokes the function or one of its aliases, and returns its configuration.

        The dict has 'FunctionUrl', 'FunctionArn', 'AuthType', 'InvokeMode', 'Cors', 'CreationTime' and
        'LastModifiedTime'. If the URL already exists, it is not changed and the result is {'status': 'warning',
        'message'}.

        auth_type is AWS_IAM (callers sign their requests) or NONE. Callers also need a permission in the function's
        policy: see permission_add(). invoke_mode is BUFFERED or RESPONSE_STREAM. `cors` may have AllowCredentials,
        AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders and MaxAge (seconds). Raises Aws_Exception:
        ResourceNotFoundException (the function or alias does not exist), ValidationException.
        https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
        """
        return _core.lambda_url_create(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_create_with_public_access(self, invoke_mode: str = "BUFFERED") -> dict[str, Any]:
        """Creates a URL that anyone may call, and adds the two policy statements that this requires.

        Returns {'function_url_create': result of function_url_create(), 'function_set_policy': the statement}. An
        existing URL gets auth_type NONE and keeps its invoke_mode; 'function_url_create' is then the result of
        function_url_update(). If AWS rejects one of the statements, 'function_set_policy' is {'error': "CODE:
        message"}.
        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        """
        return _core.lambda_url_create_with_public_access(self, invoke_mode)

    def function_set_policy_to_allow_public_access(self) -> dict[str, Any]:
        """Allows anyone to call the function's URL, and creates the URL if it does not exist.

        Returns the policy statement, or {'error': "CODE: message"}.
        """
        statement: dict[str, Any] = self.function_url_create_with_public_access()["function_set_policy"]
        return statement

    def function_url_update(self, function_alias: str | None = None, auth_type: str | None = None,
                            cors: dict[str, Any] | None = None, invoke_mode: str | None = None) -> dict[str, Any] | None:
        """Changes the URL's configuration and returns it, like function_url_create(); None if it does not exist.

        Arguments that are None leave their setting unchanged.
        """
        return _core.lambda_url_update(self, function_alias, auth_type, cors, invoke_mode)

    def function_url_delete(self, function_alias: str | None = None) -> bool:
        """Deletes the URL. Returns False if it did not exist."""
        return _core.lambda_url_delete(self, function_alias)

    # ---- permissions

    def permission_add(self, function_arn: str | None = None, statement_id: str | None = None, action: str | None = None,
                       principal: str | None = None, source_arn: str | None = None,
                       function_url_auth_type: str | None = None) -> dict[str, Any]:
        """Adds a statement to the function's policy and returns it, or {'error': "CODE: message"}.

        statement_id, action (for example lambda:InvokeFunction) and principal (a service, an account or *) are
        required. Without function_arn, the statement applies to this function. The returned dict has 'Sid', 'Effect',
        'Principal', 'Action', 'Resource' and 'Condition'. Codes: ResourceConflictException (a statement with this id
        exists), ValidationException.
        https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
        """
        return _core.lambda_permission_add(self, function_arn, statement_id, action, principal, source_arn, function_url_auth_type)

    def permission_delete(self, function_name: str | None, statement_id: str) -> dict[str, Any]:
        """Removes a statement from the policy of a function; function_name=None selects this function.

        Returns {}, or {'error': "CODE: message"} with ResourceNotFoundException if the statement does not exist.
        """
        return _core.lambda_permission_delete(self, function_name, statement_id)

    def policy(self) -> dict[str, Any]:
        """Returns the function's policy, {'Version', 'Id', 'Statement': [...]}.

        Returns {} if the policy or the function does not exist.
        """
        return _core.lambda_policy(self)

    def permissions(self) -> list[dict[str, Any]]:
        """Lists the statements of the policy, each in the format of permission_add()."""
        statements: list[dict[str, Any]] = self.policy_statements()
        return statements

    def policy_statements(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists the statements of the policy, like permissions().

        index_by and group_by select a dict, as in functions().
        """
        return _core.lambda_policy_statements(self, index_by, group_by)

    def policy_statements_clear(self) -> Self:
        """Removes all statements, with one request each.

        Raises Aws_Exception (for example AccessDeniedException) at the first request that AWS rejects.
        """
        _core.lambda_policy_statements_clear(self)
        return self

    # ---- versions, aliases, event sources; without function_name they apply to this function

    def publish_version(self, description: str | None = None) -> dict[str, Any]:
        """Publishes $LATEST as the next version and returns its configuration; 'Version' is the number as a str.

        If nothing changed since the last version, returns that version.
        https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
        """
        return _core.lambda_publish_version(self, description)

    def versions(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists the configurations of all versions, $LATEST first.

        index_by and group_by select a dict, as in functions().
        """
        return _core.lambda_versions(self, index_by, group_by)

    def alias_create(self, function_name: str | None = None, function_version: str | None = None, name: str | None = None,
                     description: str | None = None) -> dict[str, Any]:
        """Creates an alias for a version of a function.

        function_version is a number as a str, or $LATEST. Returns {'AliasArn', 'Name', 'FunctionVersion',
        'Description', 'RevisionId'}, or {'status': 'error', 'error': "CODE: message"}. Codes: ResourceConflictException
        (an alias of this name exists), ResourceNotFoundException (the function or version does not exist),
        ValidationException.
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
        """
        return _core.lambda_alias_create(self, function_name, function_version, name, description)

    def alias(self, function_name: str | None, name: str) -> dict[str, Any]:
        """Returns an existing alias, in the format of alias_create()."""
        return _core.lambda_alias(self, function_name, name)

    def aliases(self, function_name: str | None = None, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists the aliases of a function, each in the format of alias_create().

        index_by and group_by select a dict, as in functions().
        """
        return _core.lambda_aliases(self, function_name, index_by, group_by)

    def alias_delete(self, function_name: str | None, name: str) -> dict[str, Any]:
        """Deletes an alias. Returns {}, even if it did not exist, or {'status': 'error', 'error'}."""
        return _core.lambda_alias_delete(self, function_name, name)

    def event_source_create(self, event_source_arn: str, function_name: str | None = None, *, batch_size: int | None = None,
                            maximum_batching_window_in_seconds: int | None = None,
                            function_response_types: Iterable[str] | None = None,
                            filter_criteria: Mapping[str, Any] | None = None,
                            scaling_config: Mapping[str, int] | None = None, enabled: bool | None = None,
                            starting_position: str | None = None) -> dict[str, Any]:
        """Connects a queue or a stream to a function and returns the event source mapping.

        The queue must exist. Lambda's defaults apply to settings that are None:

        - batch_size: messages per invocation, 1 to 10000; the default is 10. maximum_batching_window_in_seconds: the
          wait for a full batch, 0 to 300; the default is 0.
        - function_response_types=['ReportBatchItemFailures']: only the messages that the function returns as
          {'batchItemFailures': [{'itemIdentifier': messageId}]} are delivered again. Otherwise its result is ignored.
        - filter_criteria={'Filters': [{'Pattern': {...}}]}: only messages that match one of the patterns invoke the
          function; the others are deleted. A pattern is a dict or its JSON text.
        - scaling_config={'MaximumConcurrency': 5}: concurrent invocations, 2 to 1000.
        - enabled=False: the mapping does not invoke the function yet.
        - starting_position: only of a stream, which needs it: LATEST or TRIM_HORIZON. The local engine has no streams.

        Returns {'UUID', 'EventSourceArn', 'FunctionArn', 'BatchSize', 'State', ...}, or
        {'status': 'error', 'error': "CODE: message"}. Codes: InvalidParameterValueException (the queue does not exist,
        the role cannot read it, or a setting is out of range), ResourceConflictException (the mapping already exists).
        https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
        """
        return _core.lambda_event_source_create(self, event_source_arn, function_name, batch_size,
                                                maximum_batching_window_in_seconds, function_response_types,
                                                filter_criteria, scaling_config, enabled, starting_position)

    def event_sources(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists all event source mappings of the account and region, in the format of event_source_create().

        index_by and group_by select a dict, as in functions().
        """
        return _core.lambda_event_sources(self, index_by, group_by)

    def event_source_delete(self, event_source_uuid: str) -> dict[str, Any]:
        """Deletes an event source mapping and returns it, or {'status': 'error', 'error'}."""
        return _core.lambda_event_source_delete(self, event_source_uuid)

    # ---- wait; intervals in seconds

    def wait_for_state(self, state: str, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """Waits until the function has the state Pending, Active, Inactive or Failed.

        Waits up to max_wait_count times wait_interval seconds; the first checks are more frequent. Returns {'status',
        'name', 'data', 'error', 'message'}. 'status' is 'ok' when the state is reached, with configuration() as 'data'.
        It is 'error' immediately if the function is Failed (with AWS's reason) or does not exist, and 'error' after the
        time limit (WaitTimeout).
        """
        return _core.lambda_wait_for_state(self, state, max_wait_count, wait_interval)

    def wait_for_state_active(self, max_wait_count: int = 40, wait_interval: float = 1) -> dict[str, Any]:
        """Waits until the function is Active, like wait_for_state(). Required before the first invoke()."""
        return self.wait_for_state("Active", max_wait_count, wait_interval)

    def wait_for_function_update_to_complete(self, max_attempts: int = 40, wait_time: float = 0.1) -> str:
        """Waits until LastUpdateStatus is no longer InProgress, and returns it: Successful or Failed.

        Waits up to max_attempts times wait_time seconds (4 seconds by default), then returns InProgress. Raises
        Aws_Exception (ResourceNotFoundException) if the function does not exist.
        """
        return _core.lambda_wait_for_update(self, max_attempts, wait_time)

    # ---- shell, for functions whose handler has the decorator @lambda_shell

    def shell(self, auth_key: str | None = None) -> Shell_Client:
        """Returns a client for the function's shell. Sends nothing.

        Without auth_key, uses the key in this process's variable LAMBDA_SHELL__AUTH_KEY.
        """
        from osbot_aws.apis.shell.Shell_Client import Shell_Client

        return Shell_Client(self, auth_key)

    def shell_python_exec(self, code: str, auth_key: str | None = None) -> Any:
        """Executes code inside the function and returns the value of its variable `result`, or {'error': ...}.

        Text that the code prints is written to the function's log.
        """
        return self.shell(auth_key).python_exec(code)


def status_of(status: str, message: str, data: Any = None) -> dict[str, Any]:
    """Returns a result with the original's members."""
    return {"status": status, "message": message, "data": data, "error": None}


def invoke_lambda(lambda_name: str, payload: Any) -> Any:
    """Calls Lambda(lambda_name).invoke(payload)."""
    return Lambda(lambda_name).invoke(payload)


def invoke_lambda_async(lambda_name: str, payload: Any) -> dict[str, Any]:
    """Calls Lambda(lambda_name).invoke_async(payload)."""
    return Lambda(lambda_name).invoke_async(payload)
