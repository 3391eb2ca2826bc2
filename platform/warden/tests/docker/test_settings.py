"""What warden in a container is told."""

import pytest

from chassis.errors import ConfigurationError
from warden.docker.settings import Settings
from warden.release.analysis import Rule

VARIABLES = {"PHAROS_PORT": "8080", "PHAROS_RECOVERY": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


def test_containers_have_more_time_to_answer_than_processes() -> None:
    settings = Settings.from_environ(VARIABLES)
    figures = settings.figures
    assert (figures.liveness_timeout, figures.liveness_failures, figures.startup_grace) == (2.0, 3, 60.0)
    assert (settings.port, settings.telemetry.endpoint) == (8080, "http://collector:4318")


def test_what_the_user_says_goes_before() -> None:
    said = '{"liveness_timeout": 0.7, "restarts": 9}'
    figures = Settings.from_environ(VARIABLES | {"PHAROS_RECOVERY": said}).figures
    assert (figures.liveness_timeout, figures.restarts) == (0.7, 9)


def test_what_a_release_is_judged_by_is_said_as_well() -> None:
    assert Settings.from_environ(VARIABLES | {"PHAROS_RELEASE": '{"window": 2}'}).rule == Rule(window=2)
    with pytest.raises(ConfigurationError, match="PHAROS_RELEASE"):
        Settings.from_environ(VARIABLES | {"PHAROS_RELEASE": '{"windows": 0}'})


@pytest.mark.parametrize("wrong", ["{", '{"restarts": 0}', '{"unknown": 1}', "[]"])
def test_what_is_no_figure_is_refused_by_the_variables_name(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="PHAROS_RECOVERY"):
        Settings.from_environ(VARIABLES | {"PHAROS_RECOVERY": wrong})
