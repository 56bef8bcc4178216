"""Webhook endpoints, the log of deliveries, and a receiver to try them with."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api.http import KEY_ERRORS, KEYED, Code, answers, leads_to
from functions.api.routes.context import PageToken, answer, body_of, caller, own_request, refuse_lists, services
from functions.api.schemas import Message
from functions.api.webhooks import (
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

MAX_RECEIVED = 50  # in a page
MAX_DELIVERIES = 50  # in a page

router = Router()  # type: ignore[no-untyped-call]  # Powertools left its constructor without annotations

LINKS = {
    name: leads_to(name, "endpoint_id", "endpoint_id")
    for name in ("testEndpoint", "rotateSecret", "listEndpointDeliveries", "deleteEndpoint")
}


@router.post(
    "/webhook/configure",
    operation_id="configureWebhook",
    tags=["Webhooks"],
    summary="Subscribe a URL to events",
    security=KEYED,
    responses=answers(
        HTTPStatus.OK,
        Configured,
        "The endpoint, with its secret.",
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.TOO_MANY_ENDPOINTS,
        Code.UNSUPPORTED_MEDIA_TYPE,
        links=LINKS,
    ),
)
def configure(body: Annotated[WebhookConfiguration, Body()]) -> Response[str]:
    """Again for the same URL: it changes the events, keeps the secret, and enables the endpoint."""
    return answer(HTTPStatus.OK, services(router).subscriptions.configure(caller(router), body))


@router.get(
    "/webhook/endpoints",
    operation_id="listEndpoints",
    tags=["Webhooks"],
    summary="Your endpoints",
    security=KEYED,
    responses=answers(HTTPStatus.OK, EndpointList, "Without their secrets.", *KEY_ERRORS),
)
def endpoints() -> Response[str]:
    """One that answered 410 is disabled; configure it again to enable it."""
    return answer(HTTPStatus.OK, EndpointList(endpoints=services(router).subscriptions.of_caller(caller(router))))


@router.delete(
    "/webhook/endpoints/<endpoint_id>",
    operation_id="deleteEndpoint",
    tags=["Webhooks"],
    summary="Unsubscribe a URL",
    security=KEYED,
    responses=answers(HTTPStatus.OK, Message, "It is gone.", *KEY_ERRORS, Code.NOT_FOUND),
)
def delete(endpoint_id: str) -> Response[str]:
    """What was still to be delivered to it is given up."""
    services(router).subscriptions.delete(caller(router), endpoint_id)
    return answer(HTTPStatus.OK, Message(message="The endpoint is deleted"))


@router.post(
    "/webhook/endpoints/<endpoint_id>/test",
    operation_id="testEndpoint",
    tags=["Webhooks"],
    summary="Send a test event",
    security=KEYED,
    responses=answers(HTTPStatus.ACCEPTED, Pinged, "It is on its way.", *KEY_ERRORS, Code.NOT_FOUND),
)
def ping(endpoint_id: str) -> Response[str]:
    """Once, signed like every event; `last_test` of the endpoint says what became of it."""
    return answer(HTTPStatus.ACCEPTED, services(router).subscriptions.ping(caller(router), endpoint_id))


@router.post(
    "/webhook/endpoints/<endpoint_id>/rotate",
    operation_id="rotateSecret",
    tags=["Webhooks"],
    summary="Replace the secret",
    security=KEYED,
    responses=answers(HTTPStatus.OK, Configured, "The new secret.", *KEY_ERRORS, Code.NOT_FOUND),
)
def rotate(endpoint_id: str) -> Response[str]:
    """For 24 hours the previous one signs `webhook-signature` too, and a repeated call gives the same new one."""
    return answer(HTTPStatus.OK, services(router).subscriptions.rotate(caller(router), endpoint_id))


@router.get(
    "/webhook/endpoints/<endpoint_id>/deliveries",
    operation_id="listEndpointDeliveries",
    tags=["Webhooks"],
    summary="What was sent to an endpoint",
    security=KEYED,
    responses=answers(
        HTTPStatus.OK,
        DeliveryPage,
        "Newest first, with every attempt.",
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.NOT_FOUND,
    ),
)
def endpoint_deliveries(
    endpoint_id: str,
    limit: Annotated[int, Query(ge=1, le=MAX_DELIVERIES)] = MAX_DELIVERIES,
    next_token: PageToken = None,
) -> Response[str]:
    """The endpoint `request` stands for the `webhook_url` of your uploads. What was sent just now may be missing."""
    found = services(router).delivery_log.of_endpoint(caller(router), endpoint_id, limit, next_token)
    return answer(HTTPStatus.OK, found)


@router.get(
    "/webhook/secret",
    operation_id="getSecret",
    tags=["Webhooks"],
    summary="What webhooks to an upload's own webhook_url are signed with",
    security=KEYED,
    responses=answers(HTTPStatus.OK, DefaultSecret, "The secret.", *KEY_ERRORS),
)
def secret() -> Response[str]:
    """Made on first use; null where the deployment has one secret for all."""
    return answer(HTTPStatus.OK, services(router).subscriptions.secret(caller(router)))


@router.post(
    "/webhook/secret/rotate",
    operation_id="rotateDefaultSecret",
    tags=["Webhooks"],
    summary="Replace that secret",
    security=KEYED,
    responses=answers(HTTPStatus.OK, DefaultSecret, "The new secret.", *KEY_ERRORS),
)
def rotate_secret() -> Response[str]:
    """For 24 hours the previous one signs `webhook-signature` too."""
    return answer(HTTPStatus.OK, services(router).subscriptions.rotate_secret(caller(router)))


@router.get(
    "/requests/<request_id>/deliveries",
    operation_id="listDeliveries",
    tags=["Webhooks"],
    summary="What was sent about a request",
    security=KEYED,
    responses=answers(HTTPStatus.OK, DeliveryList, "With every attempt.", *KEY_ERRORS, Code.NOT_FOUND),
)
def deliveries(request_id: str) -> Response[str]:
    """One for each event and endpoint; the `webhook_url` of an upload is the endpoint `request`."""
    found = services(router).delivery_log.of_request(own_request(router, request_id))
    return answer(HTTPStatus.OK, DeliveryList(deliveries=found))


@router.post(
    "/requests/<request_id>/deliveries/redeliver",
    operation_id="redeliver",
    tags=["Webhooks"],
    summary="Send again what was sent, or given up",
    security=KEYED,
    responses=answers(
        HTTPStatus.ACCEPTED,
        Redelivered,
        "It is on its way, under the same webhook-id.",
        Code.INVALID_PARAMETERS,
        *KEY_ERRORS,
        Code.NOT_FOUND,
        Code.UNSUPPORTED_MEDIA_TYPE,
    ),
)
def redeliver(request_id: str, body: Annotated[Redelivery | None, Body()] = None) -> Response[str]:
    """Without a body all deliveries of the request."""
    refuse_lists(router)
    request = own_request(router, request_id)
    count = services(router).delivery_log.redeliver(request, body or Redelivery())
    return answer(HTTPStatus.ACCEPTED, Redelivered(message="On its way", deliveries=count))


@router.post(
    "/webhook",
    operation_id="receiveWebhook",
    tags=["Webhooks"],
    summary="A receiver to try webhooks with",
    security=[*KEYED, {}],
    openapi_extensions={
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    },
    responses=answers(
        HTTPStatus.OK,
        ReceivedAnswer,
        "It is kept for a day.",
        Code.INVALID_PARAMETERS,
        Code.INVALID_SIGNATURE,
        *KEY_ERRORS,
    ),
)
def receive() -> Response[str]:
    """Takes any JSON that is signed with a secret of its request's owner, or that comes with an API key."""
    found, given = services(router), router.current_event.headers
    who = caller(router) if given.get("x-api-key") or not found.keys.required else None
    headers: dict[str, Any] = {name.lower(): value for name, value in given.items()}
    found.receiver.take(who, body_of(router), headers)
    return answer(HTTPStatus.OK, ReceivedAnswer(success=True, message="The webhook was received"))


@router.get(
    "/webhook/received",
    operation_id="listReceived",
    tags=["Webhooks"],
    summary="What the trial receiver got",
    security=KEYED,
    responses=answers(HTTPStatus.OK, ReceivedList, "Newest first.", Code.INVALID_PARAMETERS, *KEY_ERRORS),
)
def received(
    limit: Annotated[int, Query(ge=1, le=MAX_RECEIVED)] = MAX_RECEIVED, next_token: PageToken = None
) -> Response[str]:
    """Of the last day."""
    return answer(HTTPStatus.OK, services(router).receiver.page(caller(router), limit, next_token))
