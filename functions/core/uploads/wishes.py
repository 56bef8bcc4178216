"""What is asked for with a CSV, by whatever way it comes: its options, and where its webhook goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from functions.core.model import Request
from functions.core.options import InvalidOptionsError, Mode, OptionError, Options, parse_options
from functions.core.reuse import why_not_reused
from functions.core.webhooks import WebhookUrlError, checked_webhook_url

WEBHOOK_FIELD = "webhook_url"


@dataclass(frozen=True, slots=True)
class Wishes:
    """`webhook_url` is None for nowhere."""

    options: Options
    webhook_url: str | None


@dataclass(frozen=True, slots=True)
class WishReader:
    """`find` gives the request that is to be reused; `clock` is in epoch seconds. `presets` are renditions by name."""

    find: Callable[[str], Request | None]
    clock: Callable[[], float]
    https_only: bool
    presets: Mapping[str, str] = field(default_factory=dict)

    def read(self, owner: str, fields: Mapping[str, str], mode: Mode = Mode.STRICT) -> tuple[Wishes, list[OptionError]]:
        """From fields by name; what cannot be taken has its default, and an error. `mode` is the default one."""
        given = dict(fields)
        webhook_url, errors = given.pop(WEBHOOK_FIELD, ""), list[OptionError]()
        preset = given.get("renditions", "").strip().lower()
        if preset in self.presets:
            given["renditions"] = self.presets[preset]
        options = Options()
        try:
            options = parse_options(given, default_mode=mode)
        except InvalidOptionsError as error:
            errors += error.errors
        try:
            webhook_url = checked_webhook_url(webhook_url, https_only=self.https_only)
        except WebhookUrlError as error:
            errors.append(OptionError(WEBHOOK_FIELD, str(error)))
            webhook_url = ""
        if unusable := why_not_reused(options, owner, self.find, self.clock()):
            errors.append(OptionError("reuse", unusable))
        return Wishes(options, webhook_url or None), errors
