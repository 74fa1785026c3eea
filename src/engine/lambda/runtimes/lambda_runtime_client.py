"""Runs a Python handler inside an environment: the part of AWS's runtime that talks to the Runtime API.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and python-handler.html, python-exceptions.html.
Only light modules are imported (no http.client, urllib, logging): each would be paid for in every cold start.
"""

import json
import os
import socket
import sys
import time

API = "/2018-06-01/runtime/"


class Connection:
    """HTTP/1.1 to the Runtime API on one kept connection."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def exchange(self, method, path, body=b"", headers=""):
        head = "%s %s%s HTTP/1.1\r\nHost: runtime\r\n%sContent-Length: %d\r\n\r\n" % (method, API, path, headers, len(body))
        self.socket.sendall(head.encode() + body)
        while b"\r\n\r\n" not in self.buffer:
            self._read()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        length = int(fields.get("content-length", "0"))
        while len(self.buffer) < length:
            self._read()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split(" ")[1]), fields, body

    def _read(self):
        block = self.socket.recv(65536)
        if not block:
            os._exit(0)  # the environment is being ended
        self.buffer += block


class Failure(Exception):
    """A failure with Lambda's own type and words, instead of those of the exception behind it."""

    def __init__(self, kind, message, trace=()):
        Exception.__init__(self, message)
        self.kind, self.trace = kind, list(trace)


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, data):
        self.cognito_identity_id = data.get("cognitoIdentityId")
        self.cognito_identity_pool_id = data.get("cognitoIdentityPoolId")


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, data):
        for name in self.__slots__:
            setattr(self, name, data.get(name))


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, data):
        self.custom, self.env = data.get("custom"), data.get("env")
        self.client = Client(data["client"]) if data.get("client") else None


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, fields):
        environment = os.environ
        self.aws_request_id = fields["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = fields.get("lambda-runtime-invoked-function-arn", "")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = fields.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity(json.loads(fields.get("lambda-runtime-cognito-identity") or "{}"))
        self._deadline_ms = int(fields.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return "LambdaContext([aws_request_id=%s,function_name=%s,invoked_function_arn=%s])" % (
            self.aws_request_id, self.function_name, self.invoked_function_arn)


class State:
    """What the log handler needs to know of the event that is running."""

    request_id = ""


def find_handler(text):
    module_name, dot, function_name = text.rpartition(".")
    if not dot:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % text)
    module_name = module_name.replace("/", ".")
    try:
        # Not importlib, which costs 2 ms: __import__ leaves the module itself in sys.modules.
        __import__(module_name)
    except SyntaxError as error:
        raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error),
                      ['  File "%s" Line %s\n    %s\n' % (error.filename, error.lineno, (error.text or "").rstrip())])
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    module = sys.modules[module_name]
    if not hasattr(module, function_name):
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))
    return getattr(module, function_name)


def frames_of(error):
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    here = os.path.splitext(os.path.abspath(__file__))[0]
    return traceback.format_list([frame for frame in frames if not os.path.abspath(frame.filename).startswith(here)])


def describe(error, request_id):
    """The error object of a failed invoke or init, and the line for the log."""
    if isinstance(error, Failure):
        kind, message, trace = error.kind, str(error), error.trace
    else:
        kind, message, trace = type(error).__name__, str(error), frames_of(error)
    described = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
    if JSON_LOGS:
        logged = {"timestamp": stamp(time.time()), "log_level": "ERROR"}
        logged.update(described)
        return described, json.dumps(logged, ensure_ascii=False)
    line = "[ERROR] %s%s" % (kind, ": " + message if message else "")
    if trace:
        line += "\nTraceback (most recent call last):\n" + "".join(trace)
    return described, line.rstrip("\n")


JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".%03dZ" % int(seconds % 1 * 1000)


def write_log(text):
    # One record stays one event, as in AWS's logs: the engine takes \r as the end of a line inside a record.
    flush()
    data = (text.replace("\n", "\r") + "\n").encode("utf-8", "replace")
    while data:
        data = data[os.write(2, data):]


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # closed or replaced by the function: its own affair
            pass


def encode(result):
    try:
        return json.dumps(result, ensure_ascii=False, default=_refuse).encode("utf-8")
    except Failure:
        raise
    except (TypeError, ValueError, UnicodeEncodeError, RecursionError) as error:
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def _refuse(value):
    import decimal

    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def install_logging():
    """The root logger writes as AWS's does. Only when the function has imported logging: most do not need it."""
    logging = sys.modules.get("logging")
    if logging is None or getattr(install_logging, "done", False):
        return
    install_logging.done = True

    usual = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

    def as_json(record):
        line = {"timestamp": stamp(record.created), "level": record.levelname, "message": record.getMessage(),
                "logger": record.name}
        if record.exc_info and record.exc_info[0]:
            import traceback

            line.update(stackTrace=traceback.format_tb(record.exc_info[2]), errorType=record.exc_info[0].__name__,
                        errorMessage=str(record.exc_info[1]),
                        location="%s:%s:%s" % (record.pathname, record.funcName, record.lineno))
        if State.request_id:
            line["requestId"] = State.request_id
        line.update((key, value) for key, value in vars(record).items() if key not in usual and key not in line)
        return json.dumps(line, ensure_ascii=False, default=str)

    class Handler(logging.Handler):
        def emit(self, record):
            try:
                write_log(as_json(record) if JSON_LOGS else
                          "[%s]\t%s\t%s\t%s" % (record.levelname, stamp(record.created), State.request_id, self.format(record)))
            except Exception:
                self.handleError(record)

    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(Handler())
        if JSON_LOGS:
            level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO").upper()
            root.setLevel({"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}.get(level, level))


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
            install_logging()

        # Importing it here instead would leave the handler on a module that the import under way then replaces.
        spec.loader.exec_module = exec_module
        return spec


# What AWS's Python runtimes bring along. Nothing else that happens to be installed on this host is there on AWS, so a
# function that forgot to pack it must fail here as well.
PREINSTALLED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "simplejson", "six", "urllib3")


class Preinstalled:
    """Finds those in this interpreter's site-packages; asked last, so that the function's and its layers' own win."""

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in PREINSTALLED:
            return None
        import _frozen_importlib_external

        version = "python%d.%d" % sys.version_info[:2]
        folders = [os.path.join(sys.prefix, "lib", version, "site-packages"),
                   "/usr/local/lib/%s/dist-packages" % version, "/usr/lib/python3/dist-packages"]
        spec = _frozen_importlib_external.PathFinder.find_spec(name, folders)
        if spec is None and name in ("boto3", "botocore"):
            write_log("[WARNING] %s is part of AWS's Python runtime, and this host's interpreter has none: "
                      "`%s -m pip install boto3` puts it there" % (name, sys.executable))
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
    sys.path[:1] = [root] if sys.path[:1] == [""] else [root] + sys.path[:1]
    os.chdir(root)
    sys.meta_path.insert(0, LoggingHook())
    sys.meta_path.append(Preinstalled())
    add_exit()

    try:
        handler = find_handler(os.environ.get("_HANDLER", ""))
    except SystemExit as error:
        return fail_init(connection, Failure("Runtime.ExitError", "Runtime exited with error: exit status %s" % exit_status(error)))
    except BaseException as error:
        return fail_init(connection, error)

    while True:
        status, fields, body = connection.exchange("GET", "invocation/next")
        if status != 200:
            return 1
        run(connection, handler, fields, body)


def exit_status(error):
    return error.code if isinstance(error.code, int) else (0 if error.code is None else 1)


def fail_init(connection, error):
    described, line = describe(error, "")
    write_log(line)
    connection.exchange("POST", "init/error", json.dumps(described).encode(),
                        "Lambda-Runtime-Function-Error-Type: %s\r\n" % described["errorType"])
    flush()
    os._exit(1)


def run(connection, handler, fields, body):
    request_id = State.request_id = fields["lambda-runtime-aws-request-id"]
    if "lambda-runtime-trace-id" in fields:
        os.environ["_X_AMZN_TRACE_ID"] = fields["lambda-runtime-trace-id"]
    try:
        try:
            event = json.loads(body.decode("utf-8"))
        except ValueError as error:
            raise Failure("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
        answer = encode(handler(event, LambdaContext(fields)))
    except SystemExit as error:
        flush()
        os._exit(exit_status(error) & 255)
    except BaseException as error:
        described, line = describe(error, request_id)
        write_log(line)
        connection.exchange("POST", "invocation/%s/error" % request_id, json.dumps(described).encode(),
                            "Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: %s\r\n" % described["errorType"])
    else:
        flush()
        connection.exchange("POST", "invocation/%s/response" % request_id, answer, "Content-Type: application/json\r\n")
