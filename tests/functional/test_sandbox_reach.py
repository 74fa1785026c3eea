"""Runs hostile functions in Python and in C++ in each mode of the sandbox. SECURITY.md names these tests."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import types

import boto3
import pytest

from conftest import Engine, Functions, refusal_of, skip_without

ROOT = os.geteuid() == 0
OTHER_USER = 65534
TASKS_MAX = 1024

PYTHON_ATTACK = """
import ctypes, errno, os, signal, socket, subprocess, sys, threading, time, urllib.request
libc = ctypes.CDLL(None, use_errno=True)
BOMB_MAX = 1500  # above the limit, and harmless for the host

def call(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")

def connect(family, address):
    with socket.socket(family) as connection:
        connection.connect(address)

def call_runtime_api(address):
    # Any response counts: the API has accepted the connection.
    with socket.create_connection(address) as connection:
        connection.sendall(b"POST /2018-06-01/runtime/invocation/none/response HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n")
        if not connection.recv(1):
            raise ConnectionResetError(errno.ECONNRESET, "")

PROBES = {
    "read": lambda e: open(e["path"]).close(),
    "write": lambda e: open(e["path"], "r+").close(),
    "create": lambda e: open(e["path"], "x").close(),
    "connect": lambda e: connect(socket.AF_INET, (e["path"], e["number"])),
    "connect_abstract": lambda e: connect(socket.AF_UNIX, "\\0" + e["path"]),
    "runtime_api": lambda e: call_runtime_api((e["path"], e["number"])),
    "connect_unix": lambda e: connect(socket.AF_UNIX, e["path"]),
    "signal": lambda e: os.kill(e["number"], 0),
    "ptrace": lambda e: call(libc.ptrace(0x4206, e["number"], None, None)),  # PTRACE_SEIZE
    "raw_socket": lambda e: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
    "packet_socket": lambda e: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
    "vsock": lambda e: call(libc.socket(40, 1, 0)),
    "setuid": lambda e: os.setuid(0),
    "mount": lambda e: call(libc.mount(b"none", b"/nowhere", b"tmpfs", 0, None)),
    "unshare": lambda e: call(libc.unshare(0x10000000)),  # CLONE_NEWUSER
    "chroot": lambda e: os.chroot("/nowhere"),
}

def run(event):
    # In a child process, because some probes change the process.
    child = os.fork()
    if child == 0:
        try:
            PROBES[event["probe"]](event)
            os._exit(0)
        except OSError as error:
            os._exit(error.errno)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return errno.errorcode[code] if code else "allowed"

def fork_bomb(event):
    children, error = [], ""
    try:
        while len(children) < BOMB_MAX:
            children.append(os.posix_spawn("/bin/sleep", ["sleep", "60"], {}))
        time.sleep(10)  # until the engine counts them
    except OSError as failure:
        error = errno.errorcode[failure.errno]
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    return f"{len(children)}{error}"

def thread_bomb(event):
    threading.stack_size(65536)
    stop, count = threading.Event(), 0
    try:
        while count < BOMB_MAX:
            threading.Thread(target=stop.wait, daemon=True).start()
            count += 1
        time.sleep(10)
    except RuntimeError:
        return f"{count}EAGAIN"
    finally:
        stop.set()
    return str(count)

def memory_bomb(event):
    blocks = [bytes([1]) * (1 << 20) for _ in range(1000)]
    time.sleep(5)
    return "allowed"

def memfd_bomb(event):
    file = os.memfd_create("bomb")
    for _ in range(300):
        os.write(file, bytes(1 << 20))
    time.sleep(5)
    return "allowed"

def flood_output(event):
    line = b"x" * 200 + b"\\n"
    for _ in range(event["number"]):
        os.write(1, line)
    return "allowed"

def fill_folder(event):
    path = event["path"] + "/large"
    with open(path, "wb") as file:
        os.unlink(path)
        try:
            os.posix_fallocate(file.fileno(), 0, event["number"] << 20)
        except OSError as error:
            return errno.errorcode[error.errno]
    return "allowed"

def flood_files(event):
    try:
        for count in range(event["number"]):
            open(f"{event['path']}/{count}", "x").close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "allowed"

def leave_daemon(event):
    # A session of its own, and no parent that waits for it. Popen returns after sleep is executed: an environment may freeze between events.
    script = "from subprocess import *; Popen(['sleep', '" + event["path"] + "'], start_new_session=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)"
    subprocess.run([sys.executable, "-c", script], check=True)
    return "allowed"

def ignore_signals(event):
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(60)

def list_buckets(event):
    scope = f"AWS4-HMAC-SHA256 Credential={event['path']}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    return urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], headers={"Authorization": scope})).read().decode()

ATTACKS = [list_buckets, fork_bomb, thread_bomb, memory_bomb, memfd_bomb, flood_output, fill_folder, flood_files, leave_daemon, ignore_signals]
ATTACKS = {attack.__name__: attack for attack in ATTACKS}
ATTACKS["tmp"] = lambda event: os.environ.get("TMPDIR", "/tmp")
ATTACKS["runtime_api_address"] = lambda event: os.environ["AWS_LAMBDA_RUNTIME_API"]

if "EXIT_IN_INIT" in os.environ:
    os._exit(7)

def handler(event, context):
    return ATTACKS.get(event["probe"], run)(event)
"""

# Mode -> (arguments of the engine, whether it runs as another user, whether the host refuses namespaces).
MODES = {
    "auto": ((), False, False),
    "strict": (("--sandbox", "strict"), False, False),
    "user": ((), True, False),
    "plain": ((), False, True),
    "plain user": ((), True, True),
    "off": (("--sandbox", "off"), False, False),
}
NAMESPACES = ("auto", "strict", "user")
NEEDS = {"auto": ["namespaces"], "strict": ["namespaces", "network", "cgroup", "processes"], "user": ["namespaces"]}
LANGUAGES = ["python", "c++"]


def programs_for_others(osbot, wrapper, folder):
    """Copies the programs: another user may not enter the folder of the build, such as one in /root."""
    folder.mkdir()
    folder.chmod(0o755)
    return (pathlib.Path(shutil.copy(osbot, folder)), [pathlib.Path(shutil.copy(program, folder)) for program in wrapper])


class Hostile:
    """An engine in one mode, and a hostile function in each language."""

    def __init__(self, osbot, mode, program, folder):
        arguments, as_other_user, without_namespaces = MODES[mode]
        wrapper = [osbot.parent / "without_namespaces"] if without_namespaces else []
        if as_other_user:
            os.chown(folder, OTHER_USER, OTHER_USER)
            osbot, wrapper = programs_for_others(osbot, wrapper, folder / "bin")
            wrapper = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups", *wrapper]
        self.mode, self.program, self.folder = mode, program, folder
        self.privileged = ROOT and not as_other_user
        self.engine = Engine(osbot, folder / "state", *arguments, wrapper=wrapper)
        self.engine.environment["HOME"] = str(folder)
        self.secret = folder / "secret"
        self.secret.write_text("a file of the host")
        self.secret.chmod(0o666)
        self.engine.start()
        self.pid = self.engine.process.pid
        self.functions = Functions(self.engine)
        # 10 GB, because the memory that processes share counts for each of them.
        for language in LANGUAGES:
            self.create(f"reach-{language}", language, MemorySize=10_240, EphemeralStorage={"Size": 512}, Timeout=60)

    def create(self, name, language, **settings):
        name = name.replace("+", "p")
        if language == "python":
            return self.functions.python(name, PYTHON_ATTACK, **settings)
        return self.functions.create(name, self.program, "provided.al2023", "x", **settings)

    def attack(self, language, probe, path="", number=0, function=None):
        return self.functions.invoke((function or f"reach-{language}").replace("+", "p"), {"probe": probe, "path": str(path), "number": number})[0]


@pytest.fixture(scope="module", params=MODES)
def hostile(request, osbot_path, hostile_program):
    mode = request.param
    if MODES[mode][1] and not ROOT:
        pytest.skip("only root can start an engine as another user; the other modes ran as an ordinary user")
    for part in NEEDS.get(mode, []):
        skip_without(request.config, part)
    with tempfile.TemporaryDirectory(prefix="osbot-reach-") as folder:
        os.chmod(folder, 0o755)
        running = Hostile(osbot_path, mode, hostile_program, pathlib.Path(folder))
        yield running
        running.engine.stop()


in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def in_namespaces(hostile):
    return hostile.mode in NAMESPACES


# ---- files ----------------------------------------------------------------------------------------------------------

@in_each_language
def test_function_reads_host_files_only_without_namespaces(hostile, language):
    expected = "ENOENT" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "read", hostile.secret) == expected
    assert hostile.attack(language, "write", hostile.secret) == expected
    if in_namespaces(hostile):
        assert hostile.attack(language, "create", "/usr/hostile") == "EROFS"
        assert hostile.attack(language, "read", "/etc/shadow") == "ENOENT"


@in_each_language
def test_function_reads_state_folder_only_without_namespaces(hostile, language):
    """The state folder contains the data of all services, and the code of other functions."""
    state = hostile.engine.state
    codes = [path for path in (state / "code").rglob("*") if path.is_file()]
    assert codes
    expected = "ENOENT" if in_namespaces(hostile) else "allowed"
    for path in [next(state.glob("*.db*"), codes[0]), codes[0], codes[-1]]:
        assert hostile.attack(language, "read", path) == expected, path


@in_each_language
def test_function_changes_its_code_only_without_namespaces(hostile, language):
    if in_namespaces(hostile):
        assert hostile.attack(language, "create", "/var/task/new") == "EROFS"
        return
    code = next((hostile.engine.state / "code").rglob("app.py"))
    assert hostile.attack(language, "write", code) == "allowed"


@in_each_language
def test_tmp_is_limited_only_with_namespaces(hostile, language):
    tmp = hostile.attack(language, "tmp")
    limited = "ENOSPC" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "fill_folder", tmp, 520) == limited
    assert hostile.attack(language, "flood_files", tmp, 33_000) == limited
    assert tmp == "/tmp" or not in_namespaces(hostile)


# ---- the engine and its processes -----------------------------------------------------------------------------------

def http_status(port, path):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return int(connection.recv(100).split()[1])


def test_port_of_the_engine_has_no_control_endpoint_but_health(hostile):
    assert http_status(hostile.engine.port, "/_osbot/health") == 200
    for path in ("/_osbot/status", "/_osbot/images", "/_osbot/reset", "/_osbot/prune", "/_osbot/unknown"):
        assert http_status(hostile.engine.port, path) == 403, path


@in_each_language
def test_function_reaches_control_socket_only_without_namespaces(hostile, language):
    expected = "ENOENT" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "connect_unix", hostile.engine.state / "osbot.sock") == expected


@in_each_language
def test_function_signals_engine_only_without_namespaces(hostile, language):
    expected = "ESRCH" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "signal", number=hostile.pid) == expected


@in_each_language
def test_function_reads_engine_environment_only_without_namespaces(hostile, language):
    expected = "ENOENT" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "read", f"/proc/{hostile.pid}/environ") == expected


@in_each_language
def test_function_traces_engine_only_without_sandbox(hostile, language):
    expected = {"EPERM"} if hostile.mode != "off" else {"allowed"} if hostile.privileged else {"allowed", "EPERM"}
    assert hostile.attack(language, "ptrace", number=hostile.pid) in expected


# ---- network --------------------------------------------------------------------------------------------------------

@in_each_language
def test_function_reaches_ports_of_the_host_except_in_strict(hostile, language):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert hostile.attack(language, "connect", "127.0.0.1", port) == ("ECONNREFUSED" if hostile.mode == "strict" else "allowed")
    assert hostile.attack(language, "connect", "127.0.0.1", hostile.engine.port) == "allowed"
    if hostile.mode == "strict":
        assert hostile.attack(language, "connect", "192.0.2.1", 80) == "ENETUNREACH"


@in_each_language
def test_function_reaches_abstract_sockets_except_in_strict(hostile, language):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0osbot-{os.getpid()}")
        listener.listen()
        expected = "ECONNREFUSED" if hostile.mode == "strict" else "allowed"
        assert hostile.attack(language, "connect_abstract", f"osbot-{os.getpid()}") == expected


def test_function_reaches_operations_of_every_account(hostile):
    """IAM policies are not enforced, and the account is what the request names."""
    account = "111122223333"
    client = boto3.client("s3", endpoint_url=hostile.engine.url, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="test")
    client.create_bucket(Bucket="bucket-of-another-account")
    try:
        assert "<Name>bucket-of-another-account</Name>" in hostile.attack("python", "list_buckets", account)
    finally:
        client.delete_bucket(Bucket="bucket-of-another-account")


def runtime_api_port(hostile, language, function):
    return int(hostile.attack(language, "runtime_api_address", function=function).rpartition(":")[2])


@in_each_language
def test_runtime_api_of_others_is_closed_in_namespaces(hostile, language):
    """A foreign connection is closed without a response: it can neither take an event nor send a response."""
    victim = hostile.create(f"victim-{language}", language)
    port = runtime_api_port(hostile, language, victim)
    if hostile.mode == "strict":  # the same port is that of its own Runtime API, in its own network
        assert hostile.attack(language, "runtime_api", "127.0.0.1", port) == "allowed"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
        return
    expected = "ECONNRESET" if in_namespaces(hostile) else "allowed"
    assert hostile.attack(language, "runtime_api", "127.0.0.1", port) == expected
    assert hostile.attack(language, "runtime_api", "127.0.0.1", port, function=victim) == "allowed", "its own, also from a child process"
    assert hostile.attack(language, "tmp", function=victim)


def test_foreign_connections_do_not_stop_a_function(hostile):
    """They do not count towards the limit of connections to a Runtime API, where they are closed."""
    victim = hostile.create("held", "c++")
    if hostile.mode == "strict":
        return  # no process outside can connect: the test above
    port = runtime_api_port(hostile, "c++", victim)
    connections = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(50)]
    try:
        assert hostile.attack("c++", "tmp", function=victim)
        assert not in_namespaces(hostile) or [connection.recv(1) for connection in connections] == [b""] * len(connections)
    finally:
        for connection in connections:
            connection.close()


# ---- privileges -----------------------------------------------------------------------------------------------------

@in_each_language
@pytest.mark.parametrize("probe", ["raw_socket", "packet_socket"])
def test_raw_sockets_need_root_without_namespaces(hostile, language, probe):
    allowed = hostile.privileged and not in_namespaces(hostile)
    assert hostile.attack(language, probe) == ("allowed" if allowed else "EPERM")


@in_each_language
def test_function_cannot_become_root(hostile, language):
    already_root = hostile.privileged and not in_namespaces(hostile)
    assert hostile.attack(language, "setuid") == ("allowed" if already_root else "EINVAL" if in_namespaces(hostile) else "EPERM")


def has_cap_sys_admin():
    """Whether this process has the capability, which is bit 21 in <linux/capability.h>."""
    effective = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    return int(effective.split()[1], 16) >> 21 & 1 == 1


@in_each_language
@pytest.mark.parametrize("probe", ["mount", "unshare", "chroot", "vsock"])
def test_filter_denies_system_calls_except_in_off(hostile, language, probe):
    denied = hostile.attack(language, probe) == "EPERM"
    if hostile.mode != "off":
        assert denied
    elif hostile.privileged and probe != "vsock":  # a virtual machine may not have it
        if probe != "chroot" and not has_cap_sys_admin():  # Docker's default
            pytest.skip(f"this host refuses {probe}: root has no CAP_SYS_ADMIN")
        assert not denied


RARE_CALLS = ["clone_newuser", "keyctl", "add_key", "bpf", "perf_event_open", "io_uring_setup", "userfaultfd", "process_vm_readv", "init_module",
              "kexec_load", "reboot", "syslog", "clock_settime"]


def test_filter_denies_rare_system_calls_except_in_off(hostile):
    results = {call: hostile.attack("c++", call, number=hostile.pid) for call in RARE_CALLS}
    if hostile.mode != "off":
        assert results == dict.fromkeys(RARE_CALLS, "EPERM")
    elif hostile.privileged:  # the kernel decides, by its version and settings
        assert set(results.values()) != {"EPERM"} and results["clock_settime"] == "EINVAL"


def test_filter_hides_calls_that_it_cannot_check_except_in_off(hostile):
    """libc falls back to older calls after ENOSYS. A 32-bit call has other numbers than the filter's."""
    hidden = {call: hostile.attack("c++", call) for call in ("clone3", "call_32_bit")}
    if hostile.mode != "off":
        assert hidden == dict.fromkeys(hidden, "ENOSYS")
    else:
        # A container's filter hides clone3, too.
        assert hidden["clone3"] in ("EINVAL", "ENOSYS") and hidden["call_32_bit"] in ("allowed", "ENOSYS")


# ---- processes, threads and memory ----------------------------------------------------------------------------------

@in_each_language
@pytest.mark.parametrize("bomb", ["fork_bomb", "thread_bomb"])
def test_processes_and_threads_are_limited(hostile, language, bomb):
    """The kernel refuses to create more (EAGAIN), or the engine ends the function, where the kernel does not count."""
    result = hostile.attack(language, bomb)
    if isinstance(result, dict):
        assert hostile.mode in ("off", "plain", "plain user"), result
        assert result["errorType"] == "Runtime.ExitError", result
    else:
        count, error = re.fullmatch(r"(\d+)(\w*)", result).groups()
        assert error == "EAGAIN" and TASKS_MAX - 24 <= int(count) < TASKS_MAX, result
    assert hostile.attack(language, "tmp"), "the function can run again"


@in_each_language
@pytest.mark.parametrize("bomb", ["memory_bomb", "memfd_bomb"])
def test_memory_above_the_setting_ends_the_function(hostile, language, bomb):
    name = hostile.create(f"{bomb}-{language}", language, MemorySize=128, Timeout=30)
    assert hostile.attack(language, bomb, function=name)["errorType"] == "Runtime.OutOfMemory"


def memory_peak_mb(engine):
    status = pathlib.Path(f"/proc/{engine.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@in_each_language
def test_output_without_end_takes_little_memory(hostile, language):
    before = memory_peak_mb(hostile.engine)
    assert hostile.attack(language, "flood_output", number=200_000) == "allowed"
    assert memory_peak_mb(hostile.engine) - before < 60


# ---- the end of a function ------------------------------------------------------------------------------------------

@in_each_language
def test_function_that_ignores_signals_ends_at_its_timeout(hostile, language):
    name = hostile.create(f"deaf-{language}", language, Timeout=1)
    result = hostile.attack(language, "ignore_signals", function=name)
    assert "Task timed out after 1.00 seconds" in result["errorMessage"]
    assert hostile.attack(language, "tmp", function=name), "a new environment runs the next event"


@in_each_language
def test_exit_in_init_fails_the_event(hostile, language):
    name = hostile.create(f"exits-{language}", language, Environment={"Variables": {"EXIT_IN_INIT": "1"}})
    result = hostile.attack(language, "tmp", function=name)
    assert result["errorType"] == "Runtime.ExitError" and "exit status 7" in result["errorMessage"]


def processes_with(argument):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and argument.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            pass  # it exited
    return found


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@in_each_language
def test_daemon_of_a_function_ends_with_it(hostile, language, request):
    """It has a session of its own and no parent. Without namespaces, only a cgroup finds it."""
    duration = f"300.{time.monotonic_ns() % 1_000_000_000}"
    name = hostile.create(f"daemon-{language}", language)
    assert hostile.attack(language, "leave_daemon", duration, function=name) == "allowed"
    assert wait_until(lambda: processes_with(duration))
    hostile.functions.lambda_.delete_function(FunctionName=name)
    hostile.functions.names.remove(name)
    without_cgroups = all(refusal_of(request.config, part) for part in ("cgroup", "processes"))
    outlives = hostile.mode in ("off", "plain user") or hostile.mode == "plain" and without_cgroups
    try:
        if outlives:
            time.sleep(1)
            assert processes_with(duration), "SECURITY.md: it outlives the function"
        elif hostile.mode != "plain" or hostile.privileged:
            assert wait_until(lambda: not processes_with(duration))
    finally:
        for pid in processes_with(duration):
            os.kill(pid, 9)


# ---- secrets of the user --------------------------------------------------------------------------------------------

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIASECRETOFTHEUSER0", "AWS_SECRET_ACCESS_KEY": "secret-of-the-user", "AWS_SESSION_TOKEN": "token-of-the-user",
    "AWS_PROFILE": "profile-of-the-user", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-of-the-user",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://uri-of-the-user", "AWS_WEB_IDENTITY_TOKEN_FILE": "/file-of-the-user",
}


def as_started_daemon(osbot, folder, *arguments):
    """Starts a daemon with secrets and an open file, from `folder`. Returns (engine, its process id, the open file)."""
    engine = Engine(osbot, folder / "state", *arguments)
    engine.environment.update(SECRETS)
    opened = os.open(folder / "open-file", os.O_CREAT | os.O_RDWR)
    subprocess.run([osbot, "local", "start", "--port", str(engine.port), "--state", "state", *arguments], env=engine.environment, cwd=folder,
                   pass_fds=[opened], check=True, capture_output=True, timeout=60)
    os.close(opened)
    status = engine.run("local", "status", "--json").stdout
    return engine, int(re.search(r'"pid": ?(\d+)', status).group(1))


@pytest.fixture
def daemon(osbot_path, tmp_path):
    engine, pid = as_started_daemon(osbot_path, tmp_path)
    yield types.SimpleNamespace(engine=engine, process=pathlib.Path(f"/proc/{pid}"))
    engine.run("local", "stop")


def test_daemon_keeps_no_secret_of_its_starter(daemon):
    environment = (daemon.process / "environ").read_bytes()
    assert b"PATH=" in environment and b"\0AWS_" not in b"\0" + environment
    assert not [value for value in SECRETS.values() if value.encode() in environment]


def test_daemon_keeps_no_file_and_folder_of_its_starter(daemon, tmp_path):
    targets = [os.readlink(link) for link in (daemon.process / "fd").iterdir()]
    assert str(tmp_path / "open-file") not in targets
    assert [os.readlink(daemon.process / f"fd/{fd}") for fd in (0, 1, 2)] == ["/dev/null"] * 3
    assert os.readlink(daemon.process / "cwd") == "/"
    assert (tmp_path / "state/osbot.sock").exists(), "a relative path of the state folder is relative to the starter's folder"


@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_secrets_of_the_user_reach_no_function(osbot_path, tmp_path, sandbox):
    engine = Engine(osbot_path, tmp_path / "state", "--sandbox", sandbox)
    engine.environment.update(SECRETS)
    engine.start()
    try:
        functions = Functions(engine)
        functions.python("environment", """
            import os, pathlib
            def handler(event, context):
                texts = [str(dict(os.environ))]
                for file in pathlib.Path("/proc").glob("[0-9]*/environ"):
                    if file.parent.name == str(event["engine"]): texts.append(file.read_text(errors="replace"))
                return texts
            """)
        texts, _ = functions.invoke("environment", {"engine": engine.process.pid})
        assert sandbox == "auto" or len(texts) == 2, "without a sandbox it reads the environment of the engine"
        assert not [value for value in SECRETS.values() if value in "".join(texts)]
    finally:
        engine.stop()
