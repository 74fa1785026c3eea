"""Measures S3 against controls in interleaved rounds. Prints one line per promise and fails on a wrong response.

    s3_numbers.py --osbot BINARY --aws CLI [--smoke] [--only large|small|memory] [--folder FOLDER] [--beside OTHER]

--beside measures the small puts and the memory of a second binary, such as that of an older commit, in the same run.

The controls handle the same bytes on the same disk: a copy with fsync for uploads, a copy without fsync for downloads with
`aws s3 cp`, a read for downloads that curl discards, a new file with fsync for a small put. The start of the CLI, measured as a copy
of one byte, is printed and subtracted from its times. Two more controls show the CLI's own cost: a server that discards uploads, and
nginx, if installed, from which the same CLI downloads the same file (HeadObject and GetObject are a HEAD and GETs of a file). curl
is the comparison without the cost of a client.
"""
import argparse
import base64
import concurrent.futures
import contextlib
import http.client
import http.server
import io
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
import zipfile

parser = argparse.ArgumentParser()
parser.add_argument("--osbot", type=pathlib.Path, required=True)
parser.add_argument("--aws", type=pathlib.Path, required=True)
parser.add_argument("--only", choices=("large", "small", "memory"))
parser.add_argument("--folder", help="on the disk that is measured")
parser.add_argument("--smoke", action="store_true")
parser.add_argument("--beside", type=pathlib.Path, help="another osbot to compare with")
options = parser.parse_args()
MIB = 1 << 20
LARGE, ROUNDS, SMALL_ROUNDS = (9 * MIB, 1, 5) if options.smoke else (1024 * MIB, 3, 300)
FUNCTIONS, OBJECTS = (20, 200) if options.smoke else (10_000, 100_000)
CONNECTIONS = 16
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIABENCH/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def of_other(is_other):
    return ", the other binary" if is_other else ""


def report(title, promise, measured):
    print(f"{title:<66} {promise:<12} {measured}", flush=True)


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def interleaved(rounds, before=lambda: None, **works):
    """Returns the median seconds by name. The measurements alternate, so that other load affects all of them. `before` is not timed."""
    results = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            before()
            results[name].append(seconds(work))
    return {name: statistics.median(values) for name, values in results.items()}


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def processor_seconds():
    """Returns the CPU seconds of all commands that were run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pieces(path):
    with open(path, "rb", buffering=0) as source:
        while piece := source.read(MIB):
            yield piece


def copy(source, target, fsync):
    with open(target, "wb", buffering=0) as out:
        for piece in pieces(source):
            out.write(piece)
        if fsync:
            os.fsync(out.fileno())
    os.unlink(target)


def wait_for(port, process):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert process.poll() is None
            time.sleep(0.01)


class Daemon:
    def __init__(self, folder, program):
        self.program = program
        self.port = free_port()
        self.state = folder / "state"
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, "local", "start", "--foreground", "--port", str(self.port), "--state", self.state],
                                        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def memory(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(field + ":")[1].split()[0]) / 1024

    def connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def send_request(connection, method, target, body=b"", service="s3", expected=200):
    connection.request(method, target, body, {"Authorization": SIGNED.format(service)})
    response = connection.getresponse()
    content = response.read()
    assert response.status == expected, (method, target, response.status, content[:300])
    return content


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, root):
    """Yields the address of an nginx that serves the files below root, or None if nginx is not installed."""
    if not (program := shutil.which("nginx")):
        yield None
        return
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(f"""daemon off; user root; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}
        http {{ sendfile on; access_log off; server {{ listen 127.0.0.1:{port}; root {root}; }} }}""")
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


class Discarding_Handler(http.server.BaseHTTPRequestHandler):
    """Just enough of S3 for an upload by the CLI. Neither checks nor stores the data."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self):
        piece, remaining = memoryview(bytearray(MIB)), int(self.headers["Content-Length"])
        while remaining > 0:
            count = self.rfile.readinto(piece[:remaining])
            if not count:
                return  # the CLI closed the connection
            remaining -= count
        self.respond(b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        result = "InitiateMultipartUploadResult" if "uploads" in self.path else "CompleteMultipartUploadResult"
        self.respond(f"<{result}><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId><ETag>e</ETag></{result}>".encode())

    def respond(self, body):
        self.send_response(200)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def discarding_server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Discarding_Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def large(daemon, folder):
    (folder / "www/large").mkdir(parents=True)
    with nginx(folder, folder / "www") as peer, discarding_server() as sink:
        measure_large(daemon, folder, peer, sink)


def measure_large(daemon, folder, peer, sink):
    source, download, one_byte = folder / "source", folder / "download", folder / "one_byte"
    with open(source, "wb") as out:
        for _ in range(LARGE // MIB):
            out.write(os.urandom(MIB))
        os.fsync(out.fileno())
    one_byte.write_bytes(b"1")
    url = f"http://127.0.0.1:{daemon.port}/large/by-curl"
    send_request(daemon.connection(), "PUT", "/large")
    cp_at = (options.aws, "s3", "cp", "--only-show-errors", "--endpoint-url")
    cp = (*cp_at, f"http://127.0.0.1:{daemon.port}")
    os.link(source, folder / "www/large/by-aws")
    peers = {"nginx_down": lambda: run(*cp_at, peer, "s3://large/by-aws", download)} if peer else {}

    def settle():
        download.unlink(missing_ok=True)  # replacing a file with unwritten data waits for the disk
        os.sync()  # each measurement starts without unwritten data

    took = interleaved(
        ROUNDS,
        before=settle,
        **peers,
        discarded=lambda: run(*cp_at, sink, source, "s3://large/by-aws"),
        start=lambda: run(*cp, one_byte, "s3://large/one"),
        written=lambda: copy(source, folder / "written", fsync=True),
        aws_up=lambda: run(*cp, source, "s3://large/by-aws"),
        curl_up=lambda: run("curl", "-sfT", source, "-H", f"Authorization: {SIGNED.format('s3')}", url),
        copied=lambda: copy(source, folder / "written", fsync=False),
        aws_down=lambda: run(*cp, "s3://large/by-aws", download),
        read=lambda: sum(map(len, pieces(source))),
        curl_down=lambda: run("curl", "-sf", "-o", "/dev/null", "-H", f"Authorization: {SIGNED.format('s3')}", url))
    before = processor_seconds()
    run(*cp, "s3://large/by-aws", download)
    cli_seconds = processor_seconds() - before
    assert all(a == b for a, b in zip(pieces(source), pieces(download), strict=True)), "the downloaded file differs from the uploaded one"
    ratio = lambda name, control, start=0: f"{(took[name] - start) / took[control]:.2f}x ({took[name] - start:.2f} s over {took[control]:.2f} s)"
    size = f"{LARGE // MIB} MiB"
    report(f"aws s3 cp of {size} up, over writing it with fsync", "<= 1.5x",
           f"{ratio('aws_up', 'written', took['start'])}; curl {ratio('curl_up', 'written')}; start of the CLI {took['start']:.2f} s")
    report(f"aws s3 cp of {size} up, over the same to a server that discards it", "", ratio("aws_up", "discarded"))
    if peer:
        report(f"aws s3 cp of {size} down, over the same from nginx", "", ratio("aws_down", "nginx_down"))
    report(f"aws s3 cp of {size} down, over copying it", "<= 1.5x",
           f"{ratio('aws_down', 'copied', took['start'])}, CPU time of the CLI {cli_seconds:.2f} s; curl over reading it {ratio('curl_down', 'read')}")
    report("peak memory of the engine meanwhile", "<= 80 MiB", f"{daemon.memory('VmHWM'):.0f} MiB")
    for path in (source, download):
        path.unlink()


def small(daemon, beside, folder):
    bodies = [os.urandom(64 << 10) for _ in range(3 * SMALL_ROUNDS)]

    def fsynced():
        with open(folder / f"small{len(bodies)}", "wb", buffering=0) as out:
            out.write(bodies.pop())
            os.fsync(out.fileno())

    def put_to(engine):
        connection = engine.connection()
        send_request(connection, "PUT", "/small")
        return lambda: send_request(connection, "PUT", f"/small/{len(bodies)}", bodies.pop())

    puts = {"put": put_to(daemon)} | ({"beside": put_to(beside)} if beside else {})
    took = interleaved(SMALL_ROUNDS, **puts, fsynced=fsynced)
    for name in puts:
        report("a 64 KB put over one fsync of the same bytes" + of_other(name == "beside"), "<= 4x",
               f"{took[name] / took['fsynced']:.1f}x ({took[name] * 1e3:.2f} ms over {took['fsynced'] * 1e3:.2f} ms)")


def in_parallel(daemon, count, send):
    def send_share(first):
        connection = daemon.connection()
        for i in range(first, count, CONNECTIONS):
            send(connection, i)

    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as workers:
        list(workers.map(send_share, range(CONNECTIONS)))


def memory(daemon, is_other=False):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return event\n")
        archive.getinfo("app.py").external_attr = 0o644 << 16  # readable for the function
    connection = daemon.connection()
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    connection.request("POST", "/", urllib.parse.urlencode({"Action": "CreateRole", "Version": "2010-05-08", "RoleName": "r", "AssumeRolePolicyDocument": trust}),
                       {"Authorization": SIGNED.format("iam"), "Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().read()
    send_request(connection, "PUT", "/memory")

    def create(connection, i):
        send_request(connection, "POST", "/2015-03-31/functions", json.dumps(
            {"FunctionName": f"function-number-{i:05}", "Runtime": "python3.11", "Handler": "app.handler", "Role": "arn:aws:iam::000000000000:role/r",
             "Environment": {"Variables": {"STAGE": "test"}}, "Code": {"ZipFile": base64.b64encode(zipped.getvalue()).decode()}}), "lambda", 201)

    before = daemon.memory("VmRSS")
    in_parallel(daemon, FUNCTIONS, create)
    with_functions = daemon.memory("VmRSS")
    in_parallel(daemon, OBJECTS, lambda connection, i: send_request(connection, "PUT", f"/memory/folder-{i % 100:02}/object-{i:06}.json", b"%d" % i))
    with_objects = daemon.memory("VmRSS")
    daemon.stop()
    daemon.start()
    page = send_request(daemon.connection(), "GET", "/memory?list-type=2&prefix=folder-07/&max-keys=1000")
    assert page.count(b"<Key>") == min(1000, OBJECTS // 100)
    report(f"memory with {FUNCTIONS:,} functions and {OBJECTS:,} objects" + of_other(is_other), "<= 80 MiB",
           f"{with_objects:.0f} MiB; after a restart {daemon.memory('VmRSS'):.0f} MiB (before {before:.0f}, with the functions {with_functions:.0f})")


with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
    home = pathlib.Path(temporary).resolve()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1", HOME=temporary)
    engine = Daemon(home, options.osbot)
    other = Daemon(home / "other", options.beside) if options.beside else None
    try:
        if options.only in (None, "large"):
            large(engine, home)
        if options.only in (None, "small"):
            small(engine, other, home)
        if options.only in (None, "memory"):
            memory(engine)
            if other:
                memory(other, is_other=True)
    finally:
        for daemon in filter(None, (engine, other)):
            daemon.stop()
