"""Channels: the ways by which an alert reaches an engineer, which are a log file, a webhook and e-mail."""

import logging
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Final, Protocol

import orjson

from cofferdam.alerts.records import Alert
from cofferdam.runtime.log_files import keep_bounded
from ledger.kernel.alert_settings import AlertSettings, MailServer
from ledger.kernel.settings import Settings
from ledger.kernel.structured_logging import JsonFormatter

_SECONDS: Final = 10
"""The time that the other side has for its answer."""


class Undelivered(Exception):
    """An alert was not delivered, for the reason in the text."""


class Channel(Protocol):
    """A way to deliver alerts."""

    @property
    def name(self) -> str:
        """The channel's name in files and messages."""

    def send(self, alert: Alert) -> None:
        """Deliver an alert. Raises `Undelivered`."""


class LogChannel:
    """Appends alerts to a log file, as the lines of other log files are."""

    name = "log"

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._format: Final = JsonFormatter().format

    def send(self, alert: Alert) -> None:
        """Append a line. Raises `Undelivered`."""
        record = logging.LogRecord("cofferdam.alerts", logging.WARNING, "", 0, alert.text, None, None)
        record.about, record.trouble, record.times = alert.name, alert.trouble.value, alert.times
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            keep_bounded(self._path)
            with self._path.open("a", encoding="utf-8") as log:
                log.write(self._format(record) + "\n")
        except OSError as fault:
            raise Undelivered(str(fault)) from fault


class WebhookChannel:
    """Posts alerts to a URL as JSON; `text` is the member that chat services show."""

    name = "webhook"

    def __init__(self, url: str) -> None:
        self._url: Final = url

    def send(self, alert: Alert) -> None:
        """Post it. Raises `Undelivered` unless the answer is 2xx; a redirect is not followed."""
        body = orjson.dumps(
            {
                "text": f"[cofferdam] {alert.text}",
                "name": alert.name,
                "state": alert.trouble.value,
                "at": alert.at,
                "why": alert.why,
                "remedy": alert.remedy,
                "times": alert.times,
                "host": socket.gethostname(),
            }
        )
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310  # checked by the settings
        try:
            with _OPENER.open(request, timeout=_SECONDS):
                pass
        except urllib.error.HTTPError as answer:
            answer.close()
            raise Undelivered(f"the webhook answered {answer.code}") from None
        except (OSError, ValueError) as fault:  # whose text may quote the URL
            raise Undelivered(f"the webhook does not answer: {type(fault).__name__}") from None


class EmailChannel:
    """Sends alerts by mail, encrypted unless the server is on this machine."""

    name = "e-mail"

    def __init__(self, server: MailServer, sender: str, recipients: tuple[str, ...]) -> None:
        self._server, self._sender, self._recipients = server, sender, recipients

    def send(self, alert: Alert) -> None:
        """Hand it to the server. Raises `Undelivered`."""
        message = EmailMessage()
        message["Subject"] = f"[cofferdam] {alert.title}"
        message["From"], message["To"] = self._sender, ", ".join(self._recipients)
        message["Date"], message["Message-ID"] = alert.at, make_msgid(domain=self._sender.partition("@")[2])
        message.set_content(f"{alert.text}\n\nFrom {socket.gethostname()}.\n")
        try:
            with self._connected() as client:
                client.send_message(message)
        except (OSError, smtplib.SMTPException) as fault:
            raise Undelivered(f"the mail server did not take it: {fault}") from fault

    def _connected(self) -> smtplib.SMTP:
        """Return a connection that is encrypted and logged in."""
        context, place = ssl.create_default_context(), (self._server.host, self._server.port)
        if self._server.begins_with_tls:
            client: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=_SECONDS, context=context)
        else:
            client = smtplib.SMTP(*place, timeout=_SECONDS)
            if not self._server.is_local:
                client.starttls(context=context)
        if self._server.user is not None:
            client.login(self._server.user, self._server.password or "")
        return client


def channels(settings: Settings) -> list[Channel]:
    """Return the channels of an installation: its log file, and those that the settings name."""
    return [LogChannel(settings.home / "logs" / "alerts.log"), *_outside(settings.alerts)]


def _outside(alerts: AlertSettings) -> Iterator[Channel]:
    if alerts.webhook_url is not None:
        yield WebhookChannel(alerts.webhook_url)
    if alerts.mail_server is not None:
        yield EmailChannel(alerts.mail_server, alerts.sender, alerts.recipients)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_asked: object) -> None:
        """Follow none: the alert was meant for the URL that the settings name."""


_OPENER: Final = urllib.request.build_opener(_NoRedirects)
