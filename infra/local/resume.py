"""Makes a stack that was loaded from disk go on where it was.

ministack keeps the positions of stream readers but not the records, so that a mapping which comes back waits for
records that will never be: it is made again, and recover is asked to settle what the lost records stood for.
"""

from typing import Any

from infra.local.deploy import STACK, Stack

SETTINGS = (
    "BatchSize",
    "FilterCriteria",
    "MaximumBatchingWindowInSeconds",
    "FunctionResponseTypes",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
)


def resume(stack: Stack) -> None:
    """Read the stream from here on, and settle what happened before."""
    functions = stack.client("lambda")
    for mapping in functions.list_event_source_mappings(FunctionName=f"{STACK}-tally")["EventSourceMappings"]:
        _remake(functions, mapping)
    functions.invoke(FunctionName=f"{STACK}-recover", InvocationType="Event", Payload=b"{}")


def _remake(functions: Any, mapping: dict[str, Any]) -> None:
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    functions.create_event_source_mapping(
        FunctionName=f"{STACK}-tally",
        EventSourceArn=mapping["EventSourceArn"],
        StartingPosition="LATEST",
        **{name: mapping[name] for name in SETTINGS if mapping.get(name)},
    )
