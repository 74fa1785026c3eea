"""One client of the kill campaign: it sends requests until the engine is killed, then compares the restarted engine with its model."""

import random

from wire import Unanswered, Wire

from .deliveries import Delivery_Requests
from .fifo import Fifo_Requests
from .iam import Iam_Requests
from .iam_users import Iam_User_Requests
from .images import Image_Requests
from .lambda_ import Lambda_Requests
from .log_resources import Log_Resource_Requests
from .logs import Logs_Requests
from .model import Mismatch, Model
from .moves import Move_Requests
from .redrive import Redrive_Requests
from .s3 import S3_Requests
from .sqs import Sqs_Requests
from .versions import Version_Requests

# Weight of each service in the mix.
MIX = {Lambda_Requests: 26, S3_Requests: 22, Sqs_Requests: 12, Redrive_Requests: 4, Fifo_Requests: 8, Move_Requests: 4, Iam_Requests: 12,
       Logs_Requests: 8, Delivery_Requests: 6, Image_Requests: 2, Iam_User_Requests: 10, Version_Requests: 10, Log_Resource_Requests: 10}


class Client:
    """Owns resources that no other client touches, named after it. Used by one thread at a time."""

    def __init__(self, name, engine, make_zip, runtime, role, folder):
        self.name, self.engine, self.make_zip, self.runtime, self.role, self.folder = name, engine, make_zip, runtime, role, folder
        self.model, self.wire, self.control, self.serials, self.error = Model(), None, None, 0, None
        self.idle_queue = f"trust-idle-{name}"  # for mappings; it never has a message
        self.services = {kind: kind(self) for kind in MIX}
        self.service_of = {kind: service for service in self.services.values() for kind in service.kinds}

    @property
    def deliveries(self):
        return self.services[Delivery_Requests]

    def serial(self):
        self.serials += 1
        return self.serials

    def connect(self):
        for wire in (self.wire, self.control):
            if wire:
                wire.close()
        self.wire, self.control = Wire(self.engine.port), Wire.control(self.engine)

    # ---- requests ---------------------------------------------------------------------------------------------------

    def send_until_killed(self, seed, killed):
        """Sends requests until the connection ends. An end before `killed` is set is a fault."""
        try:
            self.connect()
            choices = random.Random(seed)
            while not killed.is_set():
                self.send_one(choices)
        except Unanswered as error:
            if not killed.is_set():
                self.error = error
        except Exception as error:
            self.error = error

    def send_one(self, choices):
        service = choices.choices(list(self.services.values()), list(MIX.values()))[0]
        step = service.plan(choices)
        self.model.pending = step
        response = step.send()
        self.model.commit(step, response)
        self.model.pending = None
        if step.learn:
            step.learn(response)

    # ---- comparison -------------------------------------------------------------------------------------------------

    def check(self, everything):
        """Compares the engine with the model. Returns the fate of the unacknowledged request: "applied", "absent" or None."""
        try:
            self.connect()
            observed = {name: self.observe(name) for name in sorted(self.model.names_to_check(everything))}
            fate = self.model.compare(observed)
            if everything:
                self.check_names()
            return fate
        except Exception as error:
            self.error = error
            return None

    def observe(self, name):
        kind, _, rest = name.partition("/")
        return self.service_of[kind].observe(kind, rest)

    def check_names(self):
        """Checks that the engine has no resources of this client that the model does not have."""
        listed = set().union(*(service.names() for service in self.services.values() if service.kinds))
        if listed != set(self.model.state):
            raise Mismatch(f"only in the engine: {sorted(listed - set(self.model.state))}; only in the model: {sorted(set(self.model.state) - listed)}")
