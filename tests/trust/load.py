"""Sends one request again and again on many connections, from one thread: a client that is faster than an SDK."""

import collections
import selectors
import socket
import time

from support import Failed

READ_BYTES = 65_536
SILENCE_S_MAX = 60  # without any response


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received, self.began = b"", 0.0

    def send(self, request):
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def response(self):
        """Reads the bytes that have arrived. Returns (status, body) if the response is complete, else None."""
        piece = self.socket.recv(READ_BYTES)
        if not piece:
            raise Failed(f"the engine closed a connection after {self.received!r}")
        self.received += piece
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return None
        self.received = b""
        return int(head[9:12]), body


class Outcome:
    """Numbers of responses by status, and the latencies of those with status 200, in seconds."""

    def __init__(self):
        self.statuses, self.latencies = collections.Counter(), []

    def add(self, status, _body, seconds):
        self.statuses[status] += 1
        if status == 200:
            self.latencies.append(seconds)


def request_bytes(port, path, body, **headers):
    """Returns the bytes of a POST to Lambda."""
    fields = {"Host": f"127.0.0.1:{port}", "Content-Length": len(body), "Content-Type": "application/json", **headers}
    return (f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode() + body


def run_load(port, request, successes, connections, check, outcome=None, proceed=lambda: None):
    """Sends a request on each connection without a pause until `successes` responses have status 200, then reads the outstanding ones.

    `check(status, body)` raises Failed for a wrong response. Returns an Outcome.
    """
    outcome = outcome or Outcome()
    clients = [Connection(port) for _ in range(min(connections, successes))]
    selector = selectors.DefaultSelector()
    try:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send(request)
        exchange(selector, request, outcome.statuses[200] + successes, len(clients), check, outcome, proceed)
    finally:
        selector.close()
        for client in clients:
            client.socket.close()
    return outcome


def exchange(selector, request, goal, outstanding, check, outcome, proceed):
    while outstanding > 0:
        ready = selector.select(SILENCE_S_MAX)
        if not ready:
            raise Failed(f"no response for {SILENCE_S_MAX} s; {outcome.statuses} until then")
        for key, _ in ready:
            response = key.data.response()
            if response is None:
                continue
            outcome.add(*response, time.perf_counter() - key.data.began)
            check(*response)
            if outcome.statuses[200] < goal:
                key.data.send(request)
            else:
                outstanding -= 1
        proceed()
