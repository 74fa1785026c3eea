"""Checks the kill campaign itself: a record that is deleted from the state of a killed engine must be noticed, whatever its kind."""

import contextlib
import json
import pathlib
import re
import shutil
import sqlite3
import tempfile
import threading

from support import Failed, engine_in_folder

from .campaign import Campaign
from .fifo import Fifo_Requests
from .model import Mismatch, Model, Step

REQUESTS = 300  # acknowledged ones of all clients
ROUNDS_MAX = 8
KINDS_MIN = 26  # of records with data of a client
SHARED = re.compile(r"trust-idle|done/|:resources-c\d-g$")  # in keys of records that no client changes
CLIENT = re.compile(r"\bc[0-8][-/]")  # the name of a client. It is a whole word: the digits of an identifier can look like one


def records_of_clients(database, observed_ids):
    """Returns {name: (kind, key)} with one record of each kind that belongs to a client. The records of Logs have several kinds of resources.

    The boot id of unpacked code belongs to none. A message belongs to the client of its queue. `observed_ids` are those of accepted messages
    and of attempts to receive: the records of others, such as attempts for deleted messages, have no effect.
    """
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT kind, key, CAST(value AS TEXT) FROM record WHERE kind NOT IN ('lambda/event', 'lambda.code_boot')").fetchall()
    queues = {json.loads(value)["id"] for kind, key, value in rows if kind == "sqs.queue" and CLIENT.search(key) and "trust-idle" not in key}
    of_kind = {"sqs.message": lambda key, value: key.partition("/")[0] in queues,
               "sqs.deduplication": lambda key, value: json.loads(value)["message_id"] in observed_ids,
               "sqs.receive_attempt": lambda key, value: json.loads(value)["id"] in observed_ids}
    of_others = lambda key, value: CLIENT.search(key + " " + value) and not SHARED.search(key)  # noqa: E731
    return {name_of(kind, value): (kind, key) for kind, key, value in rows if of_kind.get(kind, of_others)(key, value)}


def name_of(kind, value):
    return f"{kind} {json.loads(value)['kind']}" if kind == "log_resource" else kind


def observed_ids_of(campaign):
    return set().union(*(client.services[Fifo_Requests].observed_ids() for client in campaign.clients))


def delete_record(database, kind, key):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key))


def send_requests(campaign):
    """Fills the state with the resources of all clients, kills the engine, and settles the unacknowledged requests."""
    for number in range(ROUNDS_MAX):
        killed = threading.Event()
        threads = campaign.in_parallel(lambda client: client.send_until_killed(f"detection/{number}/{client.name}", killed))
        campaign.wait_for_requests(REQUESTS)
        killed.set()
        campaign.kill()
        campaign.join(threads, number)
        campaign.engine.start()
        campaign.check(number, everything=True)
        campaign.kill()
        if len(records_of_clients(campaign.engine.state / "state.db", observed_ids_of(campaign))) >= KINDS_MIN:
            return
        campaign.engine.start()
    found = records_of_clients(campaign.engine.state / "state.db", observed_ids_of(campaign))
    raise Failed(f"detection: fewer than {KINDS_MIN} kinds of records: {found}")


def check_each_kind(campaign, backup):
    state = campaign.engine.state
    records = records_of_clients(state / "state.db", observed_ids_of(campaign))
    shutil.copytree(state, backup, symlinks=True, ignore=shutil.ignore_patterns("osbot.sock"))
    for name, (kind, key) in records.items():
        shutil.rmtree(state)
        shutil.copytree(backup, state, symlinks=True)
        delete_record(state / "state.db", kind, key)
        campaign.engine.start()
        try:
            campaign.check(0, everything=True)
        except Failed:
            pass
        else:
            raise Failed(f"detection: the kill campaign did not notice that {name} {key} was lost")
        campaign.kill()
        for client in campaign.clients:
            client.error = None
    campaign.engine.start()
    return sorted(records)


def check_half_applied():
    """The model rejects an unacknowledged request of which only a part is applied, and accepts none or all of it."""
    for observed, fate in (({"a": 1, "b": 1}, "absent"), ({"a": 2, "b": 2}, "applied"), ({"a": 2, "b": 1}, "in part"), ({"a": 3, "b": 2}, "in part")):
        model = Model()
        model.commit(Step("create", None, {"a": 1, "b": 1}), None)
        model.pending = Step("change", None, {"a": 2, "b": 2})
        try:
            found = model.compare(observed)
        except Mismatch:
            found = "in part"
        if found != fate:
            raise Failed(f"detection: the model calls {observed} {found}, not {fate}")


def run(options, totals):
    check_half_applied()
    mine = totals.campaign("detection", 1)
    with tempfile.TemporaryDirectory(prefix="osbot-trust-detection-") as folder, engine_in_folder(options.osbot, "detection") as engine:
        campaign = Campaign(engine, 1, {"done": 0, "goal": 0}, lambda: None, pathlib.Path(folder), "detection")
        campaign.prepare()
        send_requests(campaign)
        kinds = check_each_kind(campaign, pathlib.Path(folder) / "state")
    campaign.progress.show(f"a lost record is noticed for each of {len(kinds)} kinds: {', '.join(kinds)}", now=True)
    mine["done"] = 1
    totals.complete(mine)
