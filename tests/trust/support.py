"""The engine under test, the failure of a campaign, and its progress lines."""

import contextlib
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "functional"))

from conftest import ROOT, Engine, zip_of  # noqa: E402,F401  (also for the campaigns)
from test_images import tar_of, write_layout  # noqa: E402
from wire import Unanswered, Wire  # noqa: E402

PYTHON_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
PROGRESS_S = 10  # seconds between two progress lines
LOG_TAIL = 2000  # characters of the engine's log that a failure prints


class Failed(Exception):
    """A campaign found a fault, or a bound was exceeded."""


@contextlib.contextmanager
def engine_in_folder(osbot, name, *arguments, wrapper=()):
    """Yields a started engine with its own state folder. After a failure the folder remains, and its path is printed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"osbot-trust-{name}-"))
    engine = Engine(osbot, folder / "state", *arguments, wrapper=wrapper)
    try:
        yield engine.start()
    except KeyboardInterrupt:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except BaseException:
        engine.stop(9)
        print(f"{name}: the state folder and the engine's log remain in {folder}", file=sys.stderr)
        print((folder / "state.log").read_text(errors="replace")[-LOG_TAIL:], file=sys.stderr)
        raise
    engine.stop()
    shutil.rmtree(folder, ignore_errors=True)


def image_layout(folder, files):
    """Writes an OCI layout with one layer of {'path': bytes}. Returns the digest of its manifest."""
    return write_layout(folder, [tar_of(files)], {"Entrypoint": ["/x"]})


class Progress:
    """Prints a line every PROGRESS_S seconds, and the last one."""

    def __init__(self, campaign):
        self.campaign, self.began, self.last = campaign, time.monotonic(), time.monotonic()

    def show(self, text, now=False):
        if now or time.monotonic() - self.last >= PROGRESS_S:
            self.last = time.monotonic()
            print(f"{self.campaign}: {text} ({self.last - self.began:.0f} s)", flush=True)


def wait_until(condition, timeout_s, description):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"not within {timeout_s} s: {description}")
        time.sleep(0.05)


def health_of(engine):
    """Returns the engine's /_osbot/health on a new connection."""
    wire = Wire.control(engine)
    try:
        return wire.send("", "GET", "/_osbot/health").json()
    except Unanswered as error:
        raise Failed(f"the engine does not respond: {error}") from error
    finally:
        wire.close()


def percentile(values, share):
    """Returns the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
