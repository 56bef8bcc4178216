"""Takes a stack away: functions, queues, roles. Its data stay until they are deleted on purpose."""

from typing import Any

from infra.operate.deployment import Deployment, StackError

KEPT = ("UploadsBucket", "ResultsBucket", "TableName")  # outputs; the template retains what they name


def destroy(deployment: Deployment, confirmed: str, with_data: bool) -> str:
    """Delete the stack, and its buckets and table where `with_data` says so. Returns what was done.

    `confirmed` has to be the stack's name. Raises StackError where it is not, or a deletion fails.
    """
    if confirmed != deployment.stack:
        raise StackError(f"say CONFIRM={deployment.stack} too: the stack is deleted, and nobody can undo that")
    kept = {name: deployment.outputs[name] for name in KEPT}
    cloudformation = deployment.client("cloudformation")
    cloudformation.delete_stack(StackName=deployment.stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=deployment.stack)
    if not with_data:
        names = ", ".join(kept.values())
        return f"{deployment.stack} is deleted. Its data are kept: {names}. DATA=delete deletes them too"
    _delete_data(deployment, kept)
    return f"{deployment.stack} and its data are deleted"


def _delete_data(deployment: Deployment, kept: dict[str, str]) -> None:
    s3: Any = deployment.client("s3")
    for name in ("UploadsBucket", "ResultsBucket"):
        deployment.delete_objects(kept[name], "")
        s3.delete_bucket(Bucket=kept[name])
    deployment.client("dynamodb").delete_table(TableName=kept["TableName"])
