"""What `sam local` is told of a deployed stack."""

from urllib.parse import urlsplit

from localstack_client.session import Session  # type: ignore[import-untyped]  # ships no annotations

from infra.local.stack import LocalStack
from infra.localstack.env_vars import environments
from tests.system.targets import EMBEDDED, LOCALSTACK, only_on


@only_on(EMBEDDED, LOCALSTACK, because="`sam local` works with a stack on an emulated AWS")
def test_sam_local_is_told_the_environment_of_every_deployed_function(stack: LocalStack) -> None:
    session = Session(localstack_host=urlsplit(stack.stack.endpoint).netloc)
    found = environments(session, "imagepress", "http://host.docker.internal:4566")
    functions = ["Api", "Compress", "Finalize", "Ingest", "Notify", "Recover", "Tally"]
    assert sorted(found) == [f"{name}Function" for name in functions]
    assert {variables["TABLE"] for variables in found.values()} == {stack.stack.outputs["TableName"]}
    assert {variables["AWS_ENDPOINT_URL"] for variables in found.values()} == {"http://host.docker.internal:4566"}
