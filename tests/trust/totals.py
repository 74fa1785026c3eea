"""The totals of long campaigns, in a JSON file, so that an interrupted run continues with the remaining work."""

import hashlib
import json
import os
import time


class Totals:
    """{"binary": SHA-256, "campaigns": {name: {"done": 12, "goal": 500, ...}}}. Without a path nothing is stored.

    Totals of another binary or of another goal do not count: the campaign starts again.
    """

    def __init__(self, path, osbot, fresh=False):
        self.path = path
        self.data = {"binary": hashlib.sha256(osbot.read_bytes()).hexdigest(), "campaigns": {}}
        if path and path.exists() and not fresh:
            stored = json.loads(path.read_text())
            if stored["binary"] == self.data["binary"]:
                self.data = stored
            else:
                print(f"{path}: the totals are those of another build; all campaigns start again")

    def campaign(self, name, goal, **parameters):
        """Returns the totals of a campaign, new ones if the goal or the parameters differ from the stored ones."""
        stored = self.data["campaigns"].get(name)
        if stored is None or stored["goal"] != goal or any(stored.get(key) != value for key, value in parameters.items()):
            stored = self.data["campaigns"][name] = {"goal": goal, "done": 0, **parameters}
        stored.pop("failure", None)
        return stored

    def seed(self, name):
        """Returns the seed of the stored totals of a campaign, or None."""
        return self.data["campaigns"].get(name, {}).get("seed")

    def save(self):
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(self.data, indent=1) + "\n")
        os.replace(draft, self.path)

    def fail(self, name, failure):
        """Starts the campaign again at its next run, with the same seed."""
        stored = self.data["campaigns"].get(name, {})
        retained = {key: stored[key] for key in ("goal", "seed") if key in stored}
        self.data["campaigns"][name] = {"goal": 0, **retained, "done": 0, "failure": failure}
        self.save()

    def is_complete(self, name, goal, seed):
        """Returns True if the campaign succeeded in an earlier run with this goal, and with this seed unless it is None."""
        stored = self.data["campaigns"].get(name, {})
        return "complete" in stored and stored["goal"] == goal and seed in (None, stored.get("seed"))

    def complete(self, totals):
        totals["complete"] = time.strftime("%Y-%m-%d")
        self.save()
