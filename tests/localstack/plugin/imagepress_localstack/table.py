"""LocalStack's DynamoDB by a jar that is there, with the Java that is there: it would download both, and a patch."""

import json
import os

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.forwarder import AwsRequestProxy
from localstack.runtime import hooks
from localstack.services.dynamodb.server import DynamodbServer
from localstack.utils.common import TMP_THREADS, ShellCommandThread
from localstack.utils.threads import FuncThread

from .empty_texts import EMPTY, replaced

COMMAND = "IMAGEPRESS_DYNAMODB_COMMAND"  # JSON, a list; `{port}` stands for the port


class YoungerProxy(AwsRequestProxy):  # type: ignore[misc]  # LocalStack is not installed beside mypy
    """To a DynamoDB Local that is older than the one that LocalStack knows."""

    def forward(self, context: RequestContext, service_request: ServiceRequest = None) -> ServiceResponse:
        request = replaced("", EMPTY, context.service_request if service_request is None else service_request)
        if context.operation.name == "GetRecords":
            request["ShardIterator"] = f"000|{request['ShardIterator']}"  # LocalStack takes the ARN in it for all of it
        return replaced(EMPTY, "", super().forward(context, request))


@hooks.on_infra_start()  # type: ignore[untyped-decorator]  # likewise
def use_debians_java() -> None:
    """Instead of downloads."""
    connect = DynamodbServer.__init__

    def made(self: DynamodbServer, *arguments: object, **more: object) -> None:
        connect(self, *arguments, **more)
        self.proxy = YoungerProxy(self.url)

    def start(self: DynamodbServer) -> FuncThread:
        command = [part.replace("{port}", str(self.port)) for part in json.loads(os.environ[COMMAND])]
        thread = ShellCommandThread(command, strip_color=True, auto_restart=True, name="dynamodb-local")
        TMP_THREADS.append(thread)
        thread.start()
        return thread

    DynamodbServer.__init__, DynamodbServer.do_start_thread = made, start
