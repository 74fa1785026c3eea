"""Runs the steps of a Dockerfile in a clean Debian and uses the engine of that image from outside, without Docker.

The engine runs under a container's defaults: process 1, no namespaces, no mounts, Docker's default capabilities
and file systems. Features of Docker itself, such as the published port, are not tested.

Usage (root): tests/install/run_dockerfile.py DOCKERFILE ROOT, where ROOT/usr/local/bin has without_namespaces
"""
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CLEAN_ROOT = SOURCE / "tools/clean_root"
DOCKER_CAPABILITIES = "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,setfcap"
READY_MAX_S = 10


def instructions(text):
    """Returns [("RUN", "..."), ...]."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.M))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


class Image:
    def __init__(self, dockerfile, root):
        self.root, self.user, self.environment = pathlib.Path(root), "root", {}
        for instruction, rest in instructions(dockerfile.read_text()):
            getattr(self, f"do_{instruction.lower()}")(rest, dockerfile.parent)

    def do_from(self, rest, _):
        assert rest.startswith("debian:12"), rest

    def do_run(self, rest, _):
        done = subprocess.run([CLEAN_ROOT, "enter", self.root, "machine", "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", rest], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"RUN {rest}\n{done.stdout}"

    def do_add(self, rest, context):
        pattern, target = rest.split()
        for archive in context.glob(pattern):
            subprocess.run(["tar", "-xzf", archive, "-C", self.root / target.strip("/")], check=True)

    def do_user(self, rest, _):
        self.user = rest

    def do_env(self, rest, _):
        self.environment.update(word.split("=", 1) for word in shlex.split(rest))

    def do_volume(self, rest, _):
        assert (self.root / rest.strip("/")).is_dir() and (self.root / rest.strip("/")).stat().st_uid != 0, f"{rest} does not belong to the user"

    def do_expose(self, rest, _):
        self.port = int(rest)

    def do_healthcheck(self, rest, _):
        self.health = json.loads(rest[rest.index("CMD") + 3:])

    def do_cmd(self, rest, _):
        self.command = json.loads(rest)

    def as_user(self, command):
        home = re.search(rf"^{self.user}:.*:(.*):[^:]*$", (self.root / "etc/passwd").read_text(), re.M)[1]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return ["setpriv", "--reuid", self.user, "--regid", self.user, "--init-groups", "--bounding-set=-all,+" + DOCKER_CAPABILITIES.replace(",", ",+"),
                "without_namespaces", "env", f"HOME={home}", *variables, *command]


class Container:
    def __init__(self, image):
        self.image = image
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(["unshare", "--net", "bash", "-c", 'ip link set lo up && exec "$@"', "bash",
                                         CLEAN_ROOT, "enter", image.root, "container", *image.as_user(image.command)], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, text=True)
        start = time.monotonic()
        while (health := self.inside(image.health)).returncode != 0:
            if time.monotonic() - start > READY_MAX_S:
                raise AssertionError(f"not healthy after {READY_MAX_S} s: {health.stderr}\n{self.output()}")
            time.sleep(0.2)
        self.health = health.stdout

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def first_process(self):
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0]

    def inside(self, command):
        try:
            target = self.first_process()
        except (IndexError, FileNotFoundError):
            return subprocess.CompletedProcess(command, 1, "", "the container has exited")
        return subprocess.run(["nsenter", "--target", target, "--mount", "--pid", "--net", "--root", "--wd", "env", "-i",
                               "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *self.image.as_user(command)], capture_output=True, text=True)

    def from_outside(self, *arguments):
        """Runs osbot on the host, in the container's network only, on an address that is not 127.0.0.1."""
        with tempfile.TemporaryDirectory() as home:
            osbot = next(self.image.root.glob("opt/osbot_aws-*/bin/osbot"))
            done = subprocess.run(["nsenter", "--target", self.first_process(), "--net", "env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin",
                                   "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=us-east-1",
                                   osbot, *arguments, "--endpoint-url", f"http://127.0.0.2:{self.image.port}"], capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}\n{self.output()}"
        return done.stdout

    def stop(self):
        os.kill(int(self.first_process()), signal.SIGTERM)
        try:
            assert self.process.wait(10) == 0, f"exit {self.process.returncode}\n{self.output()}"
        finally:
            self.process.kill()


image = Image(pathlib.Path(sys.argv[1]), sys.argv[2])
assert image.user != "root"
start = time.monotonic()
container = Container(image)
print(f"- healthy after {time.monotonic() - start:.1f} s; the sandbox of a plain container:")
print("".join(f"    {line}\n" for line in container.health.splitlines() if line.startswith("sandbox")), end="")
container.from_outside("deploy", str(SOURCE / "examples/hello_python/hello.py"))
assert "Hello, Ada!" in container.from_outside("invoke", "hello", '{"name": "Ada"}')
container.stop()
print("- deployed and invoked from outside; stopped by SIGTERM, as docker stop does")
container = Container(image)
assert "Hello, Bob!" in container.from_outside("invoke", "hello", '{"name": "Bob"}')
container.stop()
print("- the function is in the volume and runs in a new container")
