"""Who is told of what: endpoints, deliveries, and the trial receiver."""

from functions.api.webhooks.receiver import Receiver
from functions.api.webhooks.schemas import (
    Configured,
    DefaultSecret,
    DeliveryList,
    EndpointList,
    Pinged,
    ReceivedAnswer,
    ReceivedList,
    Redelivered,
    Redelivery,
    WebhookConfiguration,
)
from functions.api.webhooks.subscriptions import Subscriptions

__all__ = [
    "Configured",
    "DefaultSecret",
    "DeliveryList",
    "EndpointList",
    "Pinged",
    "ReceivedAnswer",
    "ReceivedList",
    "Receiver",
    "Redelivered",
    "Redelivery",
    "Subscriptions",
    "WebhookConfiguration",
]
