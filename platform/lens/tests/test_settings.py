from pathlib import Path

import pytest

from chassis.errors import ConfigurationError
from lens.console.settings import ConsoleSettings
from lens.settings import LensSettings, MailSettings, require_loopback


def test_only_the_folder_is_required() -> None:
    settings = LensSettings.from_environ({"LENS_DATA": "/state/data/lens"})

    assert settings.mail == Path("/state/data/mail")
    assert (settings.retention_hours, settings.max_bytes) == (72, 2 * 1024**3)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LENS_RETENTION_HOURS", "0"), ("LENS_MAX_BYTES", "1GB"), ("LENS_QUEUE_RECORDS", "-1"), ("LENS_DATA", "")],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        LensSettings.from_environ({"LENS_DATA": "/x", variable: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ConfigurationError, match="PHAROS_HOST"):
        MailSettings.from_environ({"LENS_MAIL_DATA": "/x", "PHAROS_PORT": "2525", "PHAROS_HOST": host})


def test_a_mail_sink_in_a_container_is_reached_by_its_neighbours_when_told_to_be() -> None:
    environ = {"LENS_MAIL_DATA": "/x", "PHAROS_PORT": "1025", "PHAROS_HOST": "0.0.0.0", "LENS_MAIL_EXPOSED": "true"}

    assert MailSettings.from_environ(environ).host == "0.0.0.0"


@pytest.mark.parametrize("url", ["127.0.0.1:7702", "ftp://127.0.0.1", "http://"])
def test_a_wrong_address_of_prometheus_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="LENS_PROMETHEUS_URL"):
        ConsoleSettings.from_environ({"LENS_PROMETHEUS_URL": url})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_has_three_names(host: str) -> None:
    require_loopback(host)
