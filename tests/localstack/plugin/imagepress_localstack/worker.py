"""One process of a function under awslambdaric, and the runtime API of Lambda that it asks for its invocations."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

API = "/2018-06-01/runtime"


@dataclass(frozen=True)
class Invocation:
    """One event, and until when it has to be answered (seconds since the epoch)."""

    request_id: str
    arn: str
    trace_id: str
    payload: bytes
    deadline: float


@dataclass(frozen=True)
class Outcome:
    """What became of a start or an invocation; an error's payload is what Lambda says of it."""

    payload: bytes
    is_error: bool = False
    is_end: bool = False  # of the process, too


class Worker:
    """A process that is started at once. It does one invocation at a time, and none after its end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: BinaryIO) -> None:
        self._outcomes: queue.Queue[Outcome] = queue.Queue()
        self._api = _RuntimeApi(self._outcomes)
        threading.Thread(target=self._api.serve_forever, args=(0.05,), daemon=True).start()
        self._process = subprocess.Popen(
            command,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}"},
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        threading.Thread(target=self._tell_of_the_end, daemon=True).start()

    def started(self, seconds: float) -> Outcome:
        """Wait until the handler is imported; no error is what it was then."""
        return self._outcome(seconds, "Init")

    def invoke(self, invocation: Invocation) -> Outcome:
        """The function's answer. A process that takes too long is ended."""
        self._api.invocations.put(invocation)
        return self._outcome(max(0.0, invocation.deadline - time.time()), invocation.request_id)

    def end(self) -> None:
        """End the process and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._api.shutdown()
        self._api.server_close()

    def _outcome(self, seconds: float, what: str) -> Outcome:
        try:
            outcome = self._outcomes.get(timeout=seconds)
        except queue.Empty:
            outcome = _failure("Sandbox.Timedout", f"{what} Task timed out after {seconds:.2f} seconds")
        if outcome.is_end:
            self.end()
        return outcome

    def _tell_of_the_end(self) -> None:
        status = self._process.wait()
        how = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        self._outcomes.put(_failure("Runtime.ExitError", f"Runtime exited with error: {how}"))


def _failure(kind: str, message: str) -> Outcome:
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message}).encode(), is_error=True, is_end=True)


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, outcomes: "queue.Queue[Outcome]") -> None:
        super().__init__(("127.0.0.1", 0), _Asking)
        self.outcomes = outcomes
        self.invocations: queue.Queue[Invocation] = queue.Queue()
        self.is_ready = False


class _Asking(BaseHTTPRequestHandler):
    """Paths and headers are those of https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html."""

    protocol_version = "HTTP/1.1"
    server: _RuntimeApi

    def do_GET(self) -> None:
        """The next invocation, as soon as there is one. Who asks for the first one has started."""
        if not self.server.is_ready:
            self.server.is_ready = True
            self.server.outcomes.put(Outcome(b""))
        invocation = self.server.invocations.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
            "Content-Type": "application/json",
        }
        with suppress(OSError):  # the process is gone: that is told by its end
            self._answer(200, headers, invocation.payload)

    def do_POST(self) -> None:
        """An answer, an error of the handler's, or one at the start."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(202, {}, b"")
        is_start = self.path == f"{API}/init/error"
        self.server.outcomes.put(Outcome(content, not self.path.endswith("/response"), is_start))

    def log_message(self, format: str, *args: object) -> None:
        """Lambda does not log these."""

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
