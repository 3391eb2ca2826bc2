"""Settings from the environment."""

import json
import socket
from pathlib import Path

import pytest

from chassis.auth.keys import SigningKey, generate, key_set
from chassis.environment import Environment, Secret
from chassis.errors import ConfigurationError
from chassis.manifest import parse_manifest
from chassis.settings import ChassisSettings, instance_name

MANIFEST = """
name = "shop"
description = "Sells"
owner = "team-shop"
pager = "shop@pharos.example"
tier = 1
[calls]
till = ["take_money"]
[events]
publishes = ["shop.thing.sold.v1"]
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """All that a process of a service with everything needs."""
    (tmp_path / "service.toml").write_text(MANIFEST)
    (tmp_path / "key.jwk").write_text('{"kty": "OKP"}\n')
    (tmp_path / "password").write_text("s3cret-word\n")
    return {
        "PHAROS_MANIFEST": str(tmp_path / "service.toml"),
        "PHAROS_INSTANCE": "shop-2",
        "PHAROS_PORT": "7720",
        "PHAROS_DATABASE_URL": "postgresql://shop@127.0.0.1:7705/shop",
        "PHAROS_DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
        "PHAROS_NATS_URL": "nats://127.0.0.1:7703",
        "PHAROS_DISCOVERY": "file:/run/endpoints.json",
        "PHAROS_SIGNING_KEY_FILE": str(tmp_path / "key.jwk"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:7701",
    }


def test_the_environment_of_a_process_is_read(environ: dict[str, str]) -> None:
    settings = ChassisSettings.from_environ(environ)

    assert (settings.service, settings.instance, settings.host, settings.port) == ("shop", "shop-2", "127.0.0.1", 7720)
    assert settings.database_url == "postgresql://shop@127.0.0.1:7705/shop"
    assert settings.database_password == Secret("s3cret-word")
    assert settings.signing_key == Secret('{"kty": "OKP"}')
    assert settings.log_level == "INFO"


def test_replicas_that_differ_in_their_host_only_have_different_names(environ: dict[str, str]) -> None:
    settings = ChassisSettings.from_environ({**environ, "PHAROS_INSTANCE": "shop-{hostname}"})

    assert settings.instance == f"shop-{socket.gethostname()}"
    assert instance_name("shop-{hostname}-a", "3f2b.example") == "shop-3f2b.example-a"
    assert instance_name("shop-1", "3f2b") == "shop-1"


@pytest.mark.parametrize(
    "variable",
    [
        "PHAROS_MANIFEST",
        "PHAROS_PORT",
        "PHAROS_DATABASE_URL",
        "PHAROS_NATS_URL",
        "PHAROS_DISCOVERY",
        "PHAROS_SIGNING_KEY_FILE",
    ],
)
def test_a_missing_variable_is_named_with_the_fix(environ: dict[str, str], variable: str) -> None:
    del environ[variable]

    with pytest.raises(ConfigurationError, match=f"^{variable}: is not set; set it"):
        ChassisSettings.from_environ(environ)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PHAROS_PORT", "http", "is 'http'; set a whole number from 1 to 65535"),
        ("PHAROS_PORT", "70000", "is '70000'; set a whole number from 1 to 65535"),
        ("PHAROS_DATABASE_URL", "mysql://shop@db/shop", "is not a PostgreSQL URL; write postgresql://"),
        ("PHAROS_NATS_URL", "127.0.0.1:7703", "set a URL like nats://HOST:PORT"),
        ("PHAROS_DISCOVERY", "consul", "set file:PATH or dns:PORT"),
        ("PHAROS_INSTANCE", "{host}", "is '{host}'; set at most 128 letters, digits"),
        ("PHAROS_INSTANCE", "a b", "is 'a b'; set at most 128 letters, digits"),
        ("PHAROS_LOG_LEVEL", "LOUD", "set one of TRACE, DEBUG"),
        ("PHAROS_DRAIN_DEADLINE", "soon", "set a number of seconds from 0 to 300"),
        ("PHAROS_OPERATOR_KEYS_FILE", "/nowhere/keys", "names '/nowhere/keys': No such file or directory; give a"),
        ("PHAROS_SIGNING_KEY_FILE", "/nowhere/key", "names '/nowhere/key': No such file or directory"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "lens", "set a URL like http://HOST:PORT"),
    ],
)
def test_a_wrong_value_is_named_with_the_fix(environ: dict[str, str], variable: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChassisSettings.from_environ({**environ, variable: value})

    assert str(caught.value).startswith(variable)
    assert words in str(caught.value)


def test_the_operators_public_keys_are_read(environ: dict[str, str], tmp_path: Path) -> None:
    keys = key_set(SigningKey.parse(Secret(json.dumps(generate("operator-1")))))
    (tmp_path / "operator.jwks").write_text(json.dumps(keys))

    settings = ChassisSettings.from_environ({**environ, "PHAROS_OPERATOR_KEYS_FILE": str(tmp_path / "operator.jwks")})

    assert settings.operator_keys == keys
    assert ChassisSettings.from_environ(environ).operator_keys is None


def broken_key_sets() -> dict[str, tuple[str, str]]:
    """By what is wrong: the content of the file, and what is said of it."""
    private = generate("a")
    public = {name: value for name, value in private.items() if name != "d"}
    return {
        "no JSON": ("{", "is not a JWK set"),
        "a single key": (json.dumps(public), "is not a JWK set"),
        "no keys": ('{"keys": []}', "is not a JWK set"),
        "a private key": (json.dumps({"keys": [private]}), "holds a private key"),
        "a key without an ID": (json.dumps({"keys": [{**public, "kid": None}]}), "holds a key that cannot be used"),
        "one ID twice": (json.dumps({"keys": [public, public]}), "two under one kid"),
        "what is no key": ('{"keys": ["a"]}', "holds a key that cannot be used"),
        "nothing": ("", "which is empty"),
    }


@pytest.mark.parametrize(("content", "words"), broken_key_sets().values(), ids=broken_key_sets())
def test_operator_keys_that_cannot_be_used_are_refused(
    environ: dict[str, str], tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "operator.jwks").write_text(content)

    with pytest.raises(ConfigurationError) as caught:
        ChassisSettings.from_environ({**environ, "PHAROS_OPERATOR_KEYS_FILE": str(tmp_path / "operator.jwks")})

    assert str(caught.value).startswith("PHAROS_OPERATOR_KEYS_FILE: ")
    assert words in str(caught.value)
    assert "; " in str(caught.value)


def test_an_empty_secret_file_is_an_error(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")

    with pytest.raises(ConfigurationError, match=r"PHAROS_DATABASE_PASSWORD_FILE: names .* which is empty"):
        ChassisSettings.from_environ(environ)


def test_a_password_in_the_database_url_is_taken_out_of_it(environ: dict[str, str]) -> None:
    del environ["PHAROS_DATABASE_PASSWORD_FILE"]
    environ["PHAROS_DATABASE_URL"] = "postgresql://shop:s3cret@127.0.0.1:7705/shop"

    settings = ChassisSettings.from_environ(environ)

    assert settings.database_url == "postgresql://shop@127.0.0.1:7705/shop"
    assert settings.database_password == Secret("s3cret")


def test_no_secret_shows_in_what_settings_print(environ: dict[str, str]) -> None:
    settings = ChassisSettings.from_environ(environ)

    assert "s3cret-word" not in repr(settings)
    assert "OKP" not in f"{settings} {settings.signing_key}"


def test_a_part_without_database_calls_and_events_needs_little(tmp_path: Path) -> None:
    manifest = tmp_path / "service.toml"
    manifest.write_text('name="door"\ndescription="x"\nowner="o"\npager="p"\ntier=1\ndatabase=false\n')

    settings = ChassisSettings.from_environ({"PHAROS_MANIFEST": str(manifest), "PHAROS_PORT": "7700"})

    assert settings.instance == "door-1"
    assert settings.database_url is None


def test_settings_made_by_hand_need_a_manifest_only() -> None:
    manifest = parse_manifest({"name": "shop", "description": "x", "owner": "o", "pager": "p", "tier": 1})

    assert ChassisSettings(manifest=manifest).instance == "shop-1"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("ON", True), ("0", False), ("No", False)])
def test_a_boolean_has_many_spellings(text: str, value: bool) -> None:
    assert Environment({"X": text}).boolean("X") is value


def test_a_boolean_has_no_other_spelling() -> None:
    with pytest.raises(ConfigurationError, match="X: is 'maybe'; set true or false"):
        Environment({"X": "maybe"}).boolean("X")


def test_an_empty_variable_counts_as_absent() -> None:
    assert Environment({"X": ""}).integer("X", 3) == 3
