"""Who is told of what: endpoints, deliveries, and the trial receiver."""

from functions.api.webhooks.delivery_log import DeliveryLog
from functions.api.webhooks.receiver import Receiver
from functions.api.webhooks.schemas import (
    Configured,
    DefaultSecret,
    DeliveryList,
    DeliveryPage,
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
    "DeliveryLog",
    "DeliveryPage",
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
