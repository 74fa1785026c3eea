"""Runs a Python handler inside an environment: the part of AWS's runtime that talks to the Runtime API.

Behaves as AWS's own (awslambdaric 4.2, in its words, shapes and order); tests/functional/test_runtime_client.py runs the
same handlers under both and compares. Source also: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
Before the handler only modules that cost nothing are imported: `json` and `socket` would add 8 ms to every cold start,
so their C halves are used, and `logging` is met by a hook at the moment a function imports it.
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
    """HTTP/1.1 to the Runtime API on one kept connection."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.buffer = b""

    def exchange(self, method, path, body=b"", headers=""):
        """(status, fields with lower-case names, body)"""
        head = "%s %s%s HTTP/1.1\r\nHost: runtime\r\n%sContent-Length: %d\r\n\r\n" % (method, API, path, headers, len(body))
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
        pieces, left = [rest], length - len(rest)
        while left > 0:
            pieces.append(self._read())
            left -= len(pieces[-1])
        received = b"".join(pieces)
        body, self.buffer = received[:length], received[length:]
        return int(lines[0].split(" ")[1]), fields, body

    def _read(self):
        block = self.socket.recv(1 << 18)
        if not block:
            os._exit(0)  # the environment is being ended
        return block


class Failure(Exception):
    """A failure with Lambda's own type and words, instead of those of the exception behind it."""

    def __init__(self, kind, message, trace=()):
        Exception.__init__(self, message)
        self.kind, self.trace = kind, list(trace)


# --- JSON: read as any reader does, written as simplejson does, which AWS's runtime uses


class _Reading:
    """What the C half of `json` asks of a decoder."""

    strict, object_hook, object_pairs_hook, parse_float, parse_int, memo = True, None, None, float, int, {}
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


_scan = _json.make_scanner(_Reading)
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

        return json.loads(text)  # which says what is wrong with it
    except Exception as error:
        raise Failure("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def _escapes_text():
    """Up to python3.11 AWS's runtimes escape what is not ASCII."""
    prefix, _, minor = os.environ.get("AWS_EXECUTION_ENV", "").partition("AWS_Lambda_python3.")
    return bool(prefix) or not minor.isdigit() or int(minor) < 12


_escapes = _escapes_text()


def to_json(value, escaped=_escapes, default=None):
    # Decimals are written digit by digit. The encoder has no way to do that, so they pass through it as marked strings.
    mark = []

    def as_json(one):
        if default is not None:
            return default(one)
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(one, decimal.Decimal):
            return _as_json(one)
        if one.is_nan():
            return float("nan")
        if not mark:
            mark.append("decimal:%s:" % os.urandom(16).hex())
        return mark[0] + str(one)

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
    """Runs over every result, so it asks by type before it asks by class."""
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
    """Named tuples become objects, and keys of bytes become text."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key.decode("utf-8") if isinstance(key, bytes) else key: _as_objects(one) for key, one in value.items()}
    return [_as_objects(one) for one in value] if isinstance(value, (list, tuple)) else value


def encode(result):
    """(the response, its content type)"""
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
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)


# --- the context of an event


def _fill(thing, data):
    for name in thing.__slots__:
        setattr(thing, name, data.get(name))
    return thing


class _Shown:
    __slots__ = ()

    def __repr__(self):
        return "%s([%s])" % (type(self).__name__, ",".join("%s=%s" % (name, getattr(self, name)) for name in self.__slots__))


class CognitoIdentity(_Shown):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


class Client(_Shown):
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class ClientContext(_Shown):
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
        """The W3C trace context that came with the event."""
        given = self._w3c if isinstance(self._w3c, dict) else {}
        return {name: given[name] for name in ("traceparent", "tracestate", "baggage") if isinstance(given.get(name), str)}

    def log(self, msg):
        write_log(str(msg))

    def __repr__(self):
        names = ("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
                 "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id")
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


# --- the handler, and what is said when it fails


def find_handler(text):
    try:
        module_name, function_name = text.rsplit(".", 1)
    except ValueError as error:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (text, error))
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Failure("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
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

        return importlib.import_module(name)  # refuses it in its own words
    return _frozen_importlib._gcd_import(name)  # all that importlib would do, without 2 ms for importing importlib


def frames_of(error):
    import traceback

    frames = [tuple(frame) for frame in traceback.extract_tb(error.__traceback__)]
    while len(frames) > 1 and frames[0][0] == __file__:
        del frames[0]
    return traceback.format_list(frames)


def describe(error, request_id):
    """The error object of a failed invoke or init."""
    if isinstance(error, Failure):
        kind, message, trace = error.kind, str(error), error.trace
    else:
        kind, message, trace = type(error).__name__, str(error), frames_of(error)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def log_error(described):
    if JSON_LOGS:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return write_log(to_json({"timestamp": stamp, "level": "ERROR", **described}))
    message = described["errorMessage"]
    lines = ["[ERROR] " + described["errorType"] + (": " + message if message else ""), "Traceback (most recent call last):"]
    for frame in described["stackTrace"]:
        for line in frame.splitlines() or [""]:
            text = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(text)) + text)  # log viewers cut plain spaces
    write_log("\n".join(lines))


def write_log(text):
    # One record is one event, as in AWS's logs: the engine takes \r as the end of a line inside a record.
    flush()
    if text.endswith("\n"):
        text = text[:-1]
    data = (text.replace("\n", "\r") + "\n").encode()  # raises for half of a surrogate pair, as on AWS
    while data:
        data = data[os.write(2, data):]


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # closed or replaced by the function: its own affair
            pass


# --- logging, only for functions that import it


class State:
    """What log records tell of the event that is running."""

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
            write_log(self.format(record))  # what goes wrong is the function's to see, as it is on AWS

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.addFilter(Records())
    if JSON_LOGS:
        handler.setFormatter(json_formatter(logging))
    else:
        handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
                                               "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    if level in logging._nameToLevel:
        root.setLevel(level)
        if JSON_LOGS:
            handler.setLevel(level)  # a logger that asks for more still gets no more past Lambda itself
    root.addHandler(handler)


# Of a record, what is not the function's own; the rest came by `extra`.
RESERVED = {"name", "msg", "args", "levelname", "levelno", "pathname", "filename", "module", "exc_info", "exc_text", "stack_info",
            "lineno", "funcName", "created", "msecs", "relativeCreated", "thread", "threadName", "processName", "process",
            "aws_request_id", "tenant_id"}


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
            return to_json({key: value for key, value in line.items() if value is not None}, escaped=False, default=str) + "\n"

    return JsonFormatter()


class LoggingHook:
    """Puts the handler in place at the moment a function imports logging, before it can call basicConfig."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)))
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            install_logging(module)

        # Importing it here instead would leave the handler on a module that the import under way then replaces.
        spec.loader.exec_module = exec_module
        return spec


# --- what AWS's interpreter has and this host's may not, or the other way round


# What AWS's Python runtimes bring along. Nothing else that happens to be installed on this host is there on AWS, so a
# function that forgot to pack it must fail here as well.
PREINSTALLED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "simplejson", "six", "snapshot_restore_py",
                "urllib3")


class Preinstalled:
    """Finds those in the virtual environment that the engine was started with, else in this interpreter's site-packages; asked
    last, so that the function's and its layers' own win."""

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
        if spec is None and name in ("boto3", "botocore"):
            write_log("[WARNING] %s is part of AWS's Python runtime, and %s has none: `%s -m pip install boto3` puts it there; or start "
                      "the engine in a virtual environment of %s that has it" % (name, sys.executable, sys.executable, version))
        return spec


def add_exit():
    """exit() and quit(), which `site` would bring, if it did not bring this host's packages as well."""
    import _sitebuiltins
    import builtins

    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")


def main():
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    sys.path.insert(0, root)
    os.chdir(root)
    sys.meta_path.insert(0, LoggingHook())
    packages = sys._xoptions.get("osbot_packages")
    sys.meta_path.append(Preinstalled([packages] if packages else []))
    add_exit()

    # What is no Exception (SystemExit, KeyboardInterrupt) ends the process, as it ends AWS's: here, and in an event.
    try:
        handler = find_handler(os.environ.get("_HANDLER", ""))
    except Exception as error:
        described = describe(error, "")
        log_error(described)
        connection.exchange("POST", "init/error", to_json(described).encode(), error_headers(described))
        sys.exit(1)

    while True:
        status, fields, body = connection.exchange("GET", "invocation/next")
        if status != 200:
            sys.exit(1)
        run(connection, handler, fields, body)


def error_headers(described):
    kind = described["errorType"].encode("ascii", "replace").decode()
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
        answer, content_type = encode(handler(event, context))
    except Exception as error:
        described = describe(error, request_id)
        log_error(described)
        connection.exchange("POST", "invocation/%s/error" % request_id, to_json(described).encode(), error_headers(described))
        return
    flush()
    if isinstance(answer, str):
        answer = answer.encode("utf-8")
    status, _, _ = connection.exchange("POST", "invocation/%s/response" % request_id, answer, "Content-Type: %s\r\n" % content_type)
    if status != 202:
        write_log("LAMBDA_RUNTIME Failed to post handler success response. Http response code: %d." % status)
