"""The model of the kill campaign: what each acknowledged operation must leave behind, and how a restarted engine is compared with it."""

import collections
import copy
import dataclasses
from typing import Any, Callable, Optional

ABSENT = None
HISTORY_MAX = 12  # steps of a resource that a failure prints


class Mismatch(Exception):
    """The engine does not show what the model requires."""


@dataclasses.dataclass
class Step:
    """One request, with its effect on the model.

    `changes` maps names of resources to their state afterwards, ABSENT if deleted; a function gets the response and returns
    that. `learn` gets the response of an acknowledged request, for ids and for waits. `accepts` replaces the comparison
    with `changes` for a request whose effect cannot be predicted: it gets {name: state before} and {name: observed state}.
    """
    label: str
    send: Callable[[], Any]
    changes: Any
    learn: Optional[Callable[[Any], None]] = None
    accepts: Optional[Callable[[dict, dict], bool]] = None
    names: tuple = ()  # the resources of `accepts`

    def changes_of(self, response):
        return self.changes(response) if callable(self.changes) else self.changes

    def touched(self):
        return set(self.names) if callable(self.changes) else set(self.changes)


class Model:
    """The resources of one client. Other clients do not touch them, so at most one request on them is unacknowledged."""

    def __init__(self):
        self.state = {}  # name -> state: JSON-like data without ids that only the engine knows
        self.dirty, self.pending = set(), None
        self.history = collections.defaultdict(lambda: collections.deque(maxlen=HISTORY_MAX))
        self.acknowledged = 0

    def of_kind(self, kind):
        return {name: state for name, state in self.state.items() if name.startswith(kind + "/")}

    def copy_of(self, name, **changes):
        return {**copy.deepcopy(self.state[name]), **changes}

    def commit(self, step, response):
        self.acknowledged += 1
        for name, state in step.changes_of(response).items():
            self.adopt(name, state)
            self.history[name].append(step.label)

    def adopt(self, name, state):
        self.dirty.add(name)
        if state is ABSENT:
            self.state.pop(name, None)
        else:
            self.state[name] = state

    # ---- comparison with a restarted engine -------------------------------------------------------------------------

    def names_to_check(self, everything):
        pending = self.pending.touched() if self.pending else set()
        return pending | self.dirty | (set(self.state) if everything else set())

    def compare(self, observed):
        """Compares the observed states with the model. Returns "applied", "absent" or None (no request was pending).

        Raises Mismatch if an acknowledged change is missing, or if the pending request is applied in part.
        """
        step = self.pending
        pending_names = step.touched() if step else set()
        for name, state in observed.items():
            if name not in pending_names and state != self.state.get(name, ABSENT):
                raise Mismatch(self.report(name, state, "an acknowledged change is missing, or an unknown one appeared"))
        self.dirty.clear()
        self.pending = None
        return self.settle(step, {name: observed[name] for name in pending_names}) if step else None

    def settle(self, step, observed):
        before = {name: self.state.get(name, ABSENT) for name in observed}
        if observed == before:
            return "absent"
        whole = step.accepts(before, observed) if step.accepts else observed == step.changes
        if not whole:
            details = "\n".join(self.report(name, state, "see above") for name, state in observed.items())
            raise Mismatch(f"the unacknowledged request {step.label} is applied in part; it expects {step.changes}\n{details}")
        for name, state in observed.items():
            self.adopt(name, state)
            self.history[name].append(step.label + " (unacknowledged)")
        return "applied"

    def report(self, name, observed, problem):
        history = "; ".join(self.history[name])
        return f"{name}: {problem}\n  expected: {self.state.get(name, ABSENT)}\n  observed: {observed}\n  latest steps: {history}"
