"""The settings of alerts: what they may be, and that no refusal repeats a secret."""

import pytest

from ledger.kernel.alert_settings import AlertSettings, MailServer, alert_settings
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings

MAIL = {"COFFERDAM_ALERT_SMTP": "smtp://me:p%40ss@mail.example", "COFFERDAM_ALERT_TO": "a@x.example, b@x.example"}


def test_nothing_is_set_by_default():
    assert alert_settings({}) == AlertSettings()


def test_a_mail_server_has_login_and_port():
    found = alert_settings(MAIL | {"COFFERDAM_ALERT_FROM": "ledger@x.example"})

    assert found.mail_server == MailServer("mail.example", 587, begins_with_tls=False, user="me", password="p@ss")
    assert (found.sender, found.recipients) == ("ledger@x.example", ("a@x.example", "b@x.example"))
    assert alert_settings(MAIL | {"COFFERDAM_ALERT_SMTP": "smtps://mail.example"}).mail_server.port == 465
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"COFFERDAM_ALERT_WEBHOOK": "hooks.example/SECRET"}, "write it as in https://"),
        ({"COFFERDAM_ALERT_WEBHOOK": "http://hooks.example/SECRET"}, "not encrypted"),
        ({"COFFERDAM_ALERT_WEBHOOK": "https://hooks.example:port/SECRET"}, "write it as in https://"),
        (MAIL | {"COFFERDAM_ALERT_SMTP": "mail.example:SECRET"}, "smtp://user:password@host:587"),
        (MAIL | {"COFFERDAM_ALERT_SMTP": ""}, "COFFERDAM_ALERT_SMTP is not"),
        ({"COFFERDAM_ALERT_SMTP": "smtp://me:SECRET@mail.example"}, "COFFERDAM_ALERT_TO is not"),
        (MAIL | {"COFFERDAM_ALERT_TO": "everybody"}, "'everybody' is no mailbox"),
        (MAIL | {"COFFERDAM_ALERT_FROM": "ledger\nBcc: x@y.example"}, "is no mailbox"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_its_secret_is_not_repeated(environ, said):
    with pytest.raises(InvalidInput) as refusal:
        alert_settings(environ)

    assert said in str(refusal.value)
    assert "SECRET" not in str(refusal.value)


def test_no_child_process_inherits_what_may_hold_a_secret(monkeypatch, tmp_path):
    hook = "https://hooks.example/SECRET"
    for name, text in (MAIL | {"COFFERDAM_ALERT_WEBHOOK": hook}).items():
        monkeypatch.setenv(name, text)
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_ALERT_WEBHOOK": hook} | MAIL)

    child = settings.child_environ()

    assert settings.alerts.webhook_url == hook
    assert not [text for text in child.values() if "SECRET" in text or "p%40ss" in text]
