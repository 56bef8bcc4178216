"""CPU of a cold start, of each function: `python -m infra.bench.cold` prints milliseconds as JSON.

Each is a process of its own, as on Lambda: the handler's import, then the clients and services that its first event
builds. The interpreter's own start is not counted, and no call is made.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 5  # the least of them: others use the machine too
BUILDERS = {
    "api": "services",
    "ingest": "ingest",
    "compress": "service",
    "tally": "service",
    "finalize": "finalize",
    "notify": "service",
    "recover": "sweep",
}
QUEUES = ("INGEST", "COMPRESS", "ALONE", "FINALIZE", "NOTIFY")
ENVIRONMENT = {
    **{f"{name}_QUEUE": f"https://sqs.us-east-1.amazonaws.com/000000000000/{name.lower()}" for name in QUEUES},
    "ALONE_QUEUE_ARN": "arn:aws:sqs:us-east-1:000000000000:alone",
    "ALONE_DLQ": "https://sqs.us-east-1.amazonaws.com/000000000000/alone-dlq",
    "TABLE": "table",
    "UPLOADS_BUCKET": "uploads",
    "RESULTS_BUCKET": "results",
    "PUBLIC_URL": "https://api.example",
    "REQUIRE_KEYS": "true",
    "RECORD_DAYS": "90",
    "PICTURE_DAYS": "0",
    "DAILY_IMAGES": "0",
    "PATIENCE": "300",
    "DEADLINE_HOURS": "72",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
PROGRAM = """
import importlib, time
began = time.process_time()
importlib.import_module("functions.{function}.handler")
wiring = importlib.import_module("functions.{function}.wiring")
imported = time.process_time()
wiring.{builder}()
built = time.process_time()
print(1_000 * (imported - began), 1_000 * (built - imported))
"""


def cold_start(function: str) -> dict[str, float]:
    """Milliseconds of CPU for the import, and for what the first event builds."""
    program = PROGRAM.format(function=function, builder=BUILDERS[function])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **ENVIRONMENT}
    runs = []
    for _ in range(RUNS):
        command = [sys.executable, "-c", program]
        told = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        runs.append([float(number) for number in told.split()])
    imported, built = min(runs, key=sum)
    return {"import": imported, "build": built, "together": imported + built}


def cold_starts() -> dict[str, dict[str, float]]:
    """Of all functions."""
    return {function: cold_start(function) for function in BUILDERS}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cold_starts(), indent=2) + "\n")
