"""Runs a Python handler in an execution environment: the client of the Runtime API.

Behaves like AWS's client (awslambdaric 4.2): same messages, formats and order. tests/functional/test_runtime_client.py
runs the same handlers with both and compares. Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
Before the handler is loaded, only modules without import cost are imported: `json` and `socket` would add 8 ms to every
cold start, so their C modules are used. A hook configures `logging` when a function imports it.
"""

import _frozen_importlib
import _json
import _socket
import os
import sys
import time

API = "/2018-06-01/runtime/"
JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


class Connection:
    """An HTTP/1.1 client of the Runtime API with one persistent connection."""

    def __init__(self, address):
        self.address = address
        host, _, port = address.rpartition(":")
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.buffer = b""

    def exchange(self, method, path, body=b"", headers=""):
        """Sends a request and returns (status, header fields with lower-case names, body)."""
        values = (method, API, path, self.address, headers, len(body))
        head = "%s %s%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n" % values
        self.socket.sendall(head.encode("latin-1") + body)
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self._read()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        length = int(fields.get("content-length", "0"))
        pieces, remaining = [rest], length - len(rest)
        while remaining > 0:
            pieces.append(self._read())
            remaining -= len(pieces[-1])
        received = b"".join(pieces)
        body, self.buffer = received[:length], received[length:]
        return int(lines[0].split(" ")[1]), fields, body

    def _read(self):
        block = self.socket.recv(1 << 18)
        if not block:
            os._exit(0)  # the environment is being stopped
        return block


class Failure(Exception):
    """An error that is reported with Lambda's type and message instead of those of the underlying exception."""

    def __init__(self, kind, message, trace=()):
        Exception.__init__(self, message)
        self.kind, self.trace = kind, list(trace)


# --- JSON: parsed as usual, written like simplejson, which AWS's runtime uses


class _DecoderSettings:
    """The decoder attributes that the C module of `json` reads."""

    strict, object_hook, object_pairs_hook, parse_float, parse_int, memo = True, None, None, float, int, {}
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


_scan = _json.make_scanner(_DecoderSettings)
_SPACE = " \t\n\r"


def decode(body):
    try:
        text = str(body, "utf-8")
        try:
            value, end = _scan(text, len(text) - len(text.lstrip(_SPACE)))
            if end == len(text) or not text[end:].strip(_SPACE):
                return value
        except StopIteration:
            pass
        import json

        return json.loads(text)  # raises an error that describes the problem
    except Exception as error:
        raise Failure("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def _escapes_text():
    """Returns True up to python3.11, where AWS's runtimes escape non-ASCII characters."""
    prefix, _, minor = os.environ.get("AWS_EXECUTION_ENV", "").partition("AWS_Lambda_python3.")
    return bool(prefix) or not minor.isdigit() or int(minor) < 12


_escapes = _escapes_text()


def to_json(value, escaped=_escapes, default=None):
    # Decimals keep all their digits. The encoder cannot do that, so they pass through it as marked strings.
    mark = []

    def as_json(item):
        if default is not None:
            return default(item)
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(item, decimal.Decimal):
            return _as_json(item)
        if item.is_nan():
            return float("nan")
        if not mark:
            mark.append("decimal:%s:" % os.urandom(16).hex())
        return mark[0] + str(item)

    text_of = _json.encode_basestring_ascii if escaped else _json.encode_basestring
    write = _json.make_encoder({}, as_json, text_of, None, ": ", ", ", False, False, True)
    text = "".join(write(value, 0))
    if mark:
        first, *rest = text.split('"' + mark[0])
        text = first + "".join(number + tail for number, _, tail in (part.partition('"') for part in rest))
    return text


def _as_json(value):
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if callable(getattr(value, "_asdict", None)):
        return _as_objects(value._asdict())
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


_LEAVES = frozenset((str, int, float, bool, type(None)))


def _has_named_tuple(value):
    """Returns True if the value contains a named tuple. It checks every result, so exact types are compared first."""
    kind = type(value)
    if kind is dict:
        value = value.values()
    elif kind is not list:
        if isinstance(value, tuple):
            if hasattr(value, "_asdict"):
                return True
        elif isinstance(value, dict):
            value = value.values()
        elif not isinstance(value, list):
            return False
    for child in value:
        if type(child) not in _LEAVES and _has_named_tuple(child):
            return True
    return False


def _as_objects(value):
    """Converts named tuples to objects, and keys of type bytes to text."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key.decode("utf-8") if isinstance(key, bytes) else key: _as_objects(item)
                for key, item in value.items()}
    return [_as_objects(item) for item in value] if isinstance(value, (list, tuple)) else value


def encode(result):
    """Returns (the response, its content type)."""
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        try:
            text = to_json(result)
            if _has_named_tuple(result):
                text = to_json(_as_objects(result))
        except TypeError as error:
            if "not bytes" not in str(error):
                raise
            text = to_json(_as_objects(result))
        return text, "application/json"
    except Exception as error:
        warn_of_value(result)
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def warn_of_value(result):
    """Logs which value of a result is not JSON. AWS's runtime does not; the error itself is the same as AWS's."""
    from osbot_json_problem import json_problem

    decimal = sys.modules.get("decimal")
    problem = json_problem(result, "result", (float, bytes) + ((decimal.Decimal,) if decimal else ()))
    if problem:
        write_log("[WARNING] %s" % problem)


# --- the context of an event


def _fill(target, data):
    for name in target.__slots__:
        setattr(target, name, data.get(name))
    return target


class _Printable:
    __slots__ = ()

    def __repr__(self):
        values = ",".join("%s=%s" % (name, getattr(self, name)) for name in self.__slots__)
        return "%s([%s])" % (type(self).__name__, values)


class CognitoIdentity(_Printable):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


class Client(_Printable):
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class ClientContext(_Printable):
    __slots__ = ["custom", "env", "client"]


def _json_field(fields, field, name):
    text = fields.get(field)
    if not text:
        return None
    import json

    try:
        return json.loads(text)
    except Exception as error:
        raise Failure("Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (name, error))


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, fields):
        client = _json_field(fields, "lambda-runtime-client-context", "Client Context")
        identity = _json_field(fields, "lambda-runtime-cognito-identity", "Cognito Identity") or {}
        environment = os.environ
        self.aws_request_id = fields.get("lambda-runtime-aws-request-id")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = fields.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = fields.get("lambda-runtime-aws-tenant-id")
        self._w3c = client.pop("w3c", None) if isinstance(client, dict) else None
        self.client_context = None if client is None else _fill(ClientContext(), client)
        if client and client.get("client") is not None:
            self.client_context.client = _fill(Client(), client["client"])
        self.identity = CognitoIdentity()
        self.identity.cognito_identity_id = identity.get("cognitoIdentityId")
        self.identity.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")
        self._epoch_deadline_time_in_ms = int(fields.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def w3c(self):
        """Returns the W3C trace context of the event."""
        context = self._w3c if isinstance(self._w3c, dict) else {}
        names = ("traceparent", "tracestate", "baggage")
        return {name: context[name] for name in names if isinstance(context.get(name), str)}

    def log(self, msg):
        write_log(str(msg))

    def __repr__(self):
        names = ("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
                 "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id")
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


# --- the handler and its errors


def find_handler(text):
    try:
        module_name, function_name = text.rsplit(".", 1)
    except ValueError as error:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (text, error))
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Failure("Runtime.BuiltInModuleConflict",
                          "Cannot use built-in module %s as a handler module" % module_name)
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error),
                      ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)])
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def import_module(name):
    if name.startswith("."):
        import importlib

        return importlib.import_module(name)  # raises importlib's error
    return _frozen_importlib._gcd_import(name)  # same result without importing importlib, which takes 2 ms


def frames_of(error):
    import traceback

    frames = [tuple(frame) for frame in traceback.extract_tb(error.__traceback__)]
    while len(frames) > 1 and frames[0][0] == __file__:
        del frames[0]
    return traceback.format_list(frames)


def describe(error, request_id):
    """Returns the error object of a failed invoke or init."""
    if isinstance(error, Failure):
        kind, message, trace = error.kind, str(error), error.trace
    else:
        kind, message, trace = type(error).__name__, str(error), frames_of(error)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def log_error(error_object):
    if JSON_LOGS:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return write_log(to_json({"timestamp": stamp, "level": "ERROR", **error_object}))
    message = error_object["errorMessage"]
    lines = ["[ERROR] " + error_object["errorType"] + (": " + message if message else ""),
             "Traceback (most recent call last):"]
    for frame in error_object["stackTrace"]:
        for line in frame.splitlines() or [""]:
            text = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(text)) + text)  # log viewers strip plain spaces
    write_log("\n".join(lines))


def write_log(text):
    # One record is one log event, as on AWS: the engine treats \0\r as a line break within a record.
    flush()
    if text.endswith("\n"):
        text = text[:-1]
    data = (text.replace("\n", "\0\r") + "\n").encode()  # as on AWS, raises for an unpaired surrogate
    while data:
        data = data[os.write(2, data):]


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # ignored: the function closed or replaced the stream
            pass


# --- logging, only for functions that import it


class State:
    """The values of the current event for log records."""

    request_id, tenant_id = "", None


def install_logging(logging):
    """Sets up the root logger as AWS's runtime does."""
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "")
    level = "DEBUG" if level == "TRACE" else level.upper()

    class Records(logging.Filter):
        def filter(self, record):
            record.aws_request_id, record.tenant_id = State.request_id, State.tenant_id
            return True

    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            write_log(self.format(record))  # as on AWS, errors are raised in the function

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.addFilter(Records())
    if JSON_LOGS:
        handler.setFormatter(json_formatter(logging))
    else:
        handler.setFormatter(logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    if level in logging._nameToLevel:
        root.setLevel(level)
        if JSON_LOGS:
            handler.setLevel(level)  # a logger with a lower level must not log below Lambda's level
    root.addHandler(handler)


# The standard attributes of a log record. All others were added by the function with `extra`.
RESERVED = {"name", "msg", "args", "levelname", "levelno", "pathname", "filename", "module", "exc_info", "exc_text",
            "stack_info", "lineno", "funcName", "created", "msecs", "relativeCreated", "thread", "threadName",
            "processName", "process", "aws_request_id", "tenant_id"}


def json_formatter(logging):
    class JsonFormatter(logging.Formatter):
        def format(self, record):
            record.levelno = min(50, max(0, record.levelno)) // 10 * 10
            record.levelname = logging.getLevelName(record.levelno)
            line = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": record.levelname,
                "message": record.msg if isinstance(record.msg, dict) and not record.args else record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info:
                import traceback

                line.update(stackTrace=traceback.format_tb(record.exc_info[2]), errorType=record.exc_info[0].__name__,
                            errorMessage=str(record.exc_info[1]))
            line["requestId"] = getattr(record, "aws_request_id", None)
            if record.exc_info:
                line["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
            line["tenantId"] = getattr(record, "tenant_id", None)
            line.update((key, value) for key, value in vars(record).items() if key not in RESERVED and key not in line)
            line = {key: value for key, value in line.items() if value is not None}
            return to_json(line, escaped=False, default=str) + "\n"

    return JsonFormatter()


class LoggingHook:
    """Installs the log handler when a function imports logging, before it can call basicConfig."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)))
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            install_logging(module)

        # Importing logging here instead would install the handler on a module that the current import then replaces.
        spec.loader.exec_module = exec_module
        return spec


# --- differences between AWS's interpreter and this host's


# The packages of AWS's Python runtimes. Other packages of this host do not exist on AWS, so a function that does not
# pack them must also fail here.
PREINSTALLED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "simplejson", "six", "snapshot_restore_py",
                "urllib3")


class Preinstalled:
    """Finds these packages in the virtual environment of the engine, else in this interpreter's site-packages.

    It is the last finder, so that packages of the function, its layers and the runtime take precedence.
    """

    def __init__(self, environments):
        self.environments = environments

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in PREINSTALLED:
            return None
        import _frozen_importlib_external

        version = "python%d.%d" % sys.version_info[:2]
        folders = [*self.environments, os.path.join(sys.prefix, "lib", version, "site-packages"),
                   "/usr/local/lib/%s/dist-packages" % version, "/usr/lib/python3/dist-packages"]
        spec = _frozen_importlib_external.PathFinder.find_spec(name, folders)
        # Without the option, packages of the runtime are turned off; otherwise the engine has logged that they are missing.
        if spec is None and name in ("boto3", "botocore") and "osbot_support" not in sys._xoptions:
            program = sys._xoptions.get("osbot_program", sys.executable)  # its path outside of the sandbox
            write_log("[WARNING] %s is part of AWS's Python runtime, but the engine runs with --runtime-support off, and "
                      "%s does not have it: start the engine without this option, or run `%s -m pip install boto3`"
                      % (name, program, program))
        return spec


def add_exit():
    """Adds exit() and quit(). `site` would add them, but also this host's packages."""
    import _sitebuiltins
    import builtins

    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")


def set_path(root):
    """Orders sys.path as on AWS: the package, the layers, this folder, the standard library, the runtime's packages."""
    runtime, support = os.path.dirname(__file__), sys._xoptions.get("osbot_support")
    layers = [folder for folder in sys.path if folder not in (runtime, support)]
    library = len(layers)
    while library > 0 and layers[library - 1].startswith(sys.base_prefix):
        library -= 1
    sys.path[:] = [root, *layers[:library], runtime, *layers[library:], *([support] if support else [])]


def main():
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    set_path(root)
    os.chdir(root)
    sys.meta_path.insert(0, LoggingHook())
    packages = sys._xoptions.get("osbot_packages")
    sys.meta_path.append(Preinstalled([packages] if packages else []))
    add_exit()

    # As on AWS, SystemExit and KeyboardInterrupt end the process, during init and during an event.
    try:
        handler = find_handler(os.environ.get("_HANDLER", ""))
    except Exception as error:
        report_error(connection, "init/error", error)
        sys.exit(1)

    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        complete_init(connection)

    while True:
        status, fields, body = connection.exchange("GET", "invocation/next")
        if status != 200:
            sys.exit(1)
        run(connection, handler, fields, body)


def report_error(connection, path, error, kind=None, request_id=""):
    """Logs an error and posts it. `kind` replaces its type in the header, as in AWS's client."""
    error_object = describe(error, request_id)
    log_error(error_object)
    connection.exchange("POST", path, to_json(error_object).encode(), error_headers(kind or error_object["errorType"]))


def complete_init(connection):
    """Runs the hooks of SnapStart, and between them waits to be restored from a snapshot.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
    """
    hooks = sys.modules.get("snapshot_restore_py")  # has no hooks if the function did not import it
    try:
        before = hooks.get_before_snapshot() if hooks else []
        while before:  # in the reverse order of their registration
            call, arguments, keywords = before.pop()
            call(*arguments, **keywords)
        flush()
        status, _, body = connection.exchange("GET", "restore/next")
        if status != 200:
            raise RuntimeError("Request to Lambda Runtime 'restore/next' failed: %d %s" % (status, body))
    except BaseException as error:  # as on AWS, also SystemExit
        report_error(connection, "init/error", error, "Runtime.BeforeSnapshotError")
        sys.exit(64)
    try:
        for call, arguments, keywords in hooks.get_after_restore() if hooks else []:
            call(*arguments, **keywords)
        flush()
    except BaseException as error:
        report_error(connection, "restore/error", error, "Runtime.AfterRestoreError")
        sys.exit(65)


def error_headers(error_type):
    kind = "".join(c if " " <= c <= "~" else "?" for c in error_type)  # the name of a class may be any text
    return "Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: %s\r\n" % kind


def run(connection, handler, fields, body):
    request_id = State.request_id = fields["lambda-runtime-aws-request-id"]
    State.tenant_id = fields.get("lambda-runtime-aws-tenant-id")
    if "lambda-runtime-trace-id" in fields:
        os.environ["_X_AMZN_TRACE_ID"] = fields["lambda-runtime-trace-id"]
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(fields)
        event = decode(body) if fields.get("content-type", "application/json") == "application/json" else body
        response, content_type = encode(handler(event, context))
    except Exception as error:
        report_error(connection, "invocation/%s/error" % request_id, error, request_id=request_id)
        return
    flush()
    if isinstance(response, str):
        response = response.encode("utf-8")
    path = "invocation/%s/response" % request_id
    status, _, _ = connection.exchange("POST", path, response, "Content-Type: %s\r\n" % content_type)
    if status != 202:
        write_log("LAMBDA_RUNTIME Failed to post handler success response. Http response code: %d." % status)
