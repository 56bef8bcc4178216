"""LocalStack's execution environments as processes: the unzipped function under awslambdaric, without a container."""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .worker import Invocation, Outcome, Worker

RUNTIME = "IMAGEPRESS_LAMBDA_RUNTIME"  # the folder with what Lambda's own Python has: awslambdaric, boto3
HERE = "127.0.0.1"


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]  # LocalStack is not installed beside mypy
    """Chosen by LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_arguments: Any, **_more: Any) -> type["ProcessExecutor"]:
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc]  # likewise
    """One execution environment. A process that died or was too slow is followed by another one."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._environment: dict[str, str] = {}
        self._worker: Worker | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the environment
        self._read = 0

    def start(self, env_vars: dict[str, Any]) -> None:
        code = self._code()
        given = {name: str(value) for name, value in env_vars.items()}
        self._environment = given | {
            "PATH": os.environ["PATH"],
            "HOME": tempfile.gettempdir(),
            "LAMBDA_TASK_ROOT": str(code),
            "PYTHONPATH": os.pathsep.join([str(code), os.environ[RUNTIME]]),  # the zip's own go first
        }
        started = self._begin()
        if started.is_error:
            raise StatusErrorException("the function did not start", payload=started.payload)

    def stop(self) -> None:
        if self._worker:
            self._worker.end()
            self._worker = None

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        outcome = self._begin() if self._worker is None else Outcome(b"")
        if self._worker:
            outcome = self._worker.invoke(
                Invocation(
                    payload["invoke-id"],
                    payload["invoked-function-arn"],
                    payload["trace-id"],
                    payload["payload"].encode(),
                    time.time() + self.function_version.config.timeout,
                )
            )
            if outcome.is_end:
                self._worker = None
        request = f"RequestId: {payload['invoke-id']}"
        logs = f"START {request} Version: $LATEST\n{self.get_logs()}END {request}\n"
        return InvocationResult(payload["invoke-id"], outcome.payload, outcome.is_error, logs)

    def get_logs(self) -> str:
        """What was written since the last look."""
        self._log.seek(self._read)
        written = self._log.read()
        self._read += len(written)
        return written.decode("utf-8", "replace")

    def get_address(self) -> str:
        return HERE

    def get_endpoint_from_executor(self) -> str:
        return HERE

    def get_runtime_endpoint(self) -> str:
        return ""  # of LocalStack's own init, which there is none of

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing: the next version has the same code where only its environment changed."""

    def _code(self) -> Path:
        return Path(self.function_version.config.code.get_unzipped_code_location())

    def _begin(self) -> Outcome:
        """A new process, without LocalStack's own packages: -S leaves all out but those of PYTHONPATH."""
        python = getattr(sys, "_base_executable", sys.executable)
        command = [python, "-S", "-m", "awslambdaric", self.function_version.config.handler]
        self._worker = Worker(command, self._environment, self._code(), self._log)
        started = self._worker.started(config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT)
        if started.is_error:
            self.stop()
        return started
