"""Kills the engine again and again, restarts it, and compares it with the models of all clients."""

import os
import pathlib
import random
import re
import signal
import tempfile
import threading
import time

from measures import cgroups_of, parents
from support import PYTHON_RUNTIME, Failed, Progress, engine_in_folder, wait_until, zip_of
from wire import Wire

from .client import Client
from .deliveries import WORKER, create_worker
from .log_resources import Log_Resource_Requests, permit_logs
from .moves import Move_Requests
from .s3 import SHARED_BUCKET

CLIENTS = 6
REQUESTS_MAX = 300         # acknowledged ones of all clients before a kill
KILL_DELAY_S_MAX = 0.01    # between the last of them and the kill, so that it meets each moment of a request
REQUESTS_S_MAX = 5         # time for them; a busy machine gets fewer requests
INTERRUPTED_STARTS = 0.1   # share of kills that are followed by another one while the engine starts
START_KILL_S_MAX = 0.02
FULL_CHECK_EVERY = 10      # kills between two comparisons of all resources; else only the changed ones are compared
LEFT_S_MAX = 5             # for the processes of killed engines to end
CLIENT_S_MAX = 120         # for a client to notice the kill, and for a comparison
UNEXPECTED_LOG = re.compile(r"\[error\]|cannot be read|assert", re.I)


class Campaign:
    def __init__(self, engine, seed, totals, save, folder, name="kills"):
        self.engine, self.seed, self.totals, self.save, self.folder = engine, seed, totals, save, folder
        self.progress, self.clients, self.pids = Progress(name), [], []
        for name in ("acknowledged", "applied", "absent", "interrupted_starts", "deliveries"):
            totals.setdefault(name, 0)

    # ---- preparation ------------------------------------------------------------------------------------------------

    def prepare(self):
        """Creates the resources that all clients share, and the clients."""
        wire = Wire(self.engine.port)
        role = wire.create_role("trust-role")
        wire.send("s3", "PUT", f"/{SHARED_BUCKET}")
        create_worker(wire, zip_of, PYTHON_RUNTIME, role)
        permit_logs(wire)
        for number in range(CLIENTS):
            name = f"c{number}"
            folder = self.folder / name
            folder.mkdir()
            self.clients.append(Client(name, self.engine, zip_of, PYTHON_RUNTIME, role, folder))
            wire.rpc("sqs", "CreateQueue", {"QueueName": self.clients[-1].idle_queue})
            for kind in (Move_Requests, Log_Resource_Requests):
                self.clients[-1].services[kind].prepare(wire)
        wire.close()

    def raise_errors(self, cycle):
        for client in self.clients:
            if client.error:
                raise Failed(f"kill {cycle}, client {client.name}, --seed {self.seed}: {type(client.error).__name__}: {client.error}") from client.error

    def in_parallel(self, act):
        threads = [threading.Thread(target=act, args=(client,), daemon=True) for client in self.clients]
        for thread in threads:
            thread.start()
        return threads

    def join(self, threads, cycle):
        for thread in threads:
            thread.join(CLIENT_S_MAX)
            if thread.is_alive():
                raise Failed(f"kill {cycle}, --seed {self.seed}: a client waits for more than {CLIENT_S_MAX} s")
        self.raise_errors(cycle)

    # ---- one kill ---------------------------------------------------------------------------------------------------

    def cycle(self, number):
        choices, killed = random.Random(f"{self.seed}/{number}"), threading.Event()
        threads = self.in_parallel(lambda client: client.send_until_killed(f"{self.seed}/{number}/{client.name}", killed))
        self.wait_for_requests(choices.randrange(REQUESTS_MAX))
        time.sleep(choices.uniform(0, KILL_DELAY_S_MAX))
        self.raise_errors(number)
        killed.set()
        self.kill()
        self.join(threads, number)
        while choices.random() < INTERRUPTED_STARTS:
            self.interrupt_start(choices)
        self.engine.start()
        self.check(number, everything=number % FULL_CHECK_EVERY == 0)

    def acknowledged(self):
        return sum(client.model.acknowledged for client in self.clients)

    def wait_for_requests(self, count):
        deadline, goal = time.monotonic() + REQUESTS_S_MAX, self.acknowledged() + count
        while self.acknowledged() < goal and time.monotonic() < deadline and not any(client.error for client in self.clients):
            time.sleep(0.002)

    def kill(self):
        if self.engine.process.poll() is not None:
            raise Failed(f"the engine ended by itself with {self.engine.process.returncode}, --seed {self.seed}")
        self.pids.append(self.engine.process.pid)
        self.engine.stop(signal.SIGKILL)

    def interrupt_start(self, choices):
        """Starts the engine and kills it before or shortly after it listens."""
        starting = threading.Thread(target=self.try_start)
        starting.start()
        time.sleep(choices.uniform(0, START_KILL_S_MAX))
        if self.engine.process.poll() is None:
            self.engine.process.kill()
        starting.join()
        self.engine.stop()
        self.pids.append(self.engine.process.pid)
        self.totals["interrupted_starts"] += 1

    def try_start(self):
        try:
            self.engine.start()
        except AssertionError:
            pass  # killed before it listened

    def check(self, number, everything):
        fates = {}
        self.join(self.in_parallel(lambda client: fates.__setitem__(client.name, client.check(everything))), number)
        for fate in fates.values():
            if fate:
                self.totals[fate] += 1

    # ---- the whole campaign -----------------------------------------------------------------------------------------

    def run(self):
        self.prepare()
        before = self.acknowledged()
        while self.totals["done"] < self.totals["goal"]:
            self.cycle(self.totals["done"] + 1)
            self.totals["done"] += 1
            now = self.acknowledged()
            self.totals["acknowledged"] += now - before
            before = now
            self.save()
            self.progress.show(self.text())
        self.finish()

    def finish(self):
        self.check(self.totals["done"], everything=True)
        for client in self.clients:
            missing = client.deliveries.drain(lambda: self.progress.show("waits for deliveries"))
            if missing:
                raise Failed(f"--seed {self.seed}: acknowledged, but never delivered: {missing}")
            self.totals["deliveries"] += len(client.deliveries.acknowledged)
        self.check_log()
        self.restart_once()
        self.check_nothing_left()
        self.progress.show(self.text(), now=True)

    def check_log(self):
        log = pathlib.Path(self.engine.log.name).read_text(errors="replace")
        found = [line for line in log.splitlines() if UNEXPECTED_LOG.search(line)]
        if found:
            raise Failed("the engine's log has unexpected lines: " + " | ".join(found[:5]))

    def restart_once(self):
        """Stops the engine, and starts it once more for one invoke: the first function of an engine removes what killed engines left."""
        self.kill()
        self.engine.start()
        wire = Wire(self.engine.port)
        wire.invoke(WORKER, {"path": f"/{SHARED_BUCKET}/last"})
        wire.close()
        self.pids.append(self.engine.process.pid)
        self.engine.stop()

    def check_nothing_left(self):
        """Neither processes nor cgroups of the killed engines may remain."""
        marker = str(self.engine.state).encode()
        wait_until(lambda: not [pid for pid in parents() if pid != os.getpid() and marker in command_line(pid)], LEFT_S_MAX,
                   "the processes of killed engines end")
        groups = cgroups_of(self.pids)
        if groups:
            raise Failed(f"{len(groups)} cgroups of killed engines remain, such as {groups[0]}")

    def text(self):
        t = self.totals
        return (f"{t['done']} of {t['goal']} kills, seed {self.seed}: {t['acknowledged']} acknowledged requests, {t['applied'] + t['absent']} "
                f"unacknowledged ({t['applied']} applied, {t['absent']} absent), {t['interrupted_starts']} interrupted starts, "
                f"{t['deliveries']} deliveries")


def command_line(pid):
    """Returns the arguments and the environment of a process, or nothing if it ended or belongs to another user."""
    text = b""
    for name in ("cmdline", "environ"):
        try:
            text += pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            pass
    return text


def run(options, totals):
    seed = options.seed if options.seed is not None else totals.seed("kills")
    seed = seed if seed is not None else random.SystemRandom().randrange(1 << 32)
    mine = totals.campaign("kills", options.kills, seed=seed)
    print(f"kills: --seed {seed} --kills {options.kills} repeats this campaign", flush=True)
    with tempfile.TemporaryDirectory(prefix="osbot-trust-images-") as folder, engine_in_folder(options.osbot, "kills") as engine:
        campaign = Campaign(engine, seed, mine, totals.save, pathlib.Path(folder))
        campaign.run()
    totals.complete(mine)
