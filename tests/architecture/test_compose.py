"""compose.yaml and compose.chaos.yaml: hardened, on loopback only, and true to the manifests."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
CHAOS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.chaos.yaml").read_text())["services"]
WITH_CHAOS = "toxiproxy"
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"] | {WITH_CHAOS: CHAOS[WITH_CHAOS]}
SERVICES = sorted(file.parent.name for file in ROOT.glob("services/*/service.toml"))
SERVING = [*SERVICES, "edge"]
WARDEN, PROXY = "warden", "docker-proxy"
NOT_ROOT_IN_ITS_IMAGE = {WARDEN, PROXY, "mail", "collector", "jaeger", "prometheus", "alertmanager", "loki"}
PROXIES = "${PHAROS_CHAOS:-./.pharos/docker/chaos}:/etc/pharos:ro"
SOCKET = "${PHAROS_DOCKER_SOCKET:-/var/run/docker.sock}:/var/run/docker.sock:ro"

OWN = {
    "accounts": {"key-user-tokens.jwk"},
    "accounts-migrate": {"key-user-tokens.jwk", "demo-customer"},
    "postgres": {"postgres-superuser"},
    "grafana": {"grafana-admin"},
}
"""Secrets that a part has beside the password and the key of its own name."""

each_part = pytest.mark.parametrize("part", sorted(PARTS))


@each_part
def test_a_part_has_no_more_rights_than_it_needs(part: str) -> None:
    wanted = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "pids_limit": 256}
    assert {key: PARTS[part].get(key) for key in wanted} == wanted
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & PARTS[part].keys()
    assert part == PROXY or not {"network_mode", "group_add"} & PARTS[part].keys()


@each_part
def test_a_part_is_not_root(part: str) -> None:
    assert part in NOT_ROOT_IN_ITS_IMAGE or PARTS[part]["user"] == "${PHAROS_UID:-999}:${PHAROS_GID:-999}"


@each_part
def test_a_part_has_a_bound_on_its_memory_and_its_log(part: str) -> None:
    assert re.fullmatch(r"\d+m", PARTS[part]["mem_limit"])
    assert PARTS[part]["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


@each_part
def test_a_port_is_published_on_loopback_only(part: str) -> None:
    ports = PARTS[part].get("ports", [])
    if part in SERVICES:
        assert ports == ["127.0.0.1::8080"], "on any free port, since a service has as many containers as are wanted"
    else:
        assert all(re.fullmatch(r"127\.0\.0\.1:\$\{PHAROS_[A-Z_]+:-77\d\d\}:\d+", port) for port in ports)


@pytest.mark.parametrize("part", sorted(set(CHAOS) - {WITH_CHAOS}))
def test_chaos_changes_nothing_of_a_part_but_whom_it_reaches_and_a_port_on_loopback(part: str) -> None:
    assert set(CHAOS[part]) <= {"environment", "depends_on", "ports"}
    assert CHAOS[part].get("depends_on", {}).keys() <= {WITH_CHAOS}
    assert all(
        re.fullmatch(r"127\.0\.0\.1:\$\{PHAROS_[A-Z_]+:-77\d\d\}:\d+", port) for port in CHAOS[part].get("ports", [])
    )
    given = CHAOS[part].get("environment", {})
    known = PARTS[part]["environment"]
    assert given.keys() <= known.keys()
    assert all("toxiproxy:" in value or value == "${PHAROS_LED:-dns:8080}" for value in given.values())


def test_without_chaos_nothing_knows_of_it() -> None:
    assert WITH_CHAOS not in (ROOT / "compose.yaml").read_text()


@each_part
def test_an_image_has_a_tag_that_stays(part: str) -> None:
    assert not PARTS[part]["image"].endswith(":latest")
    assert ":" in PARTS[part]["image"]


@each_part
def test_only_code_and_configuration_of_the_checkout_is_mounted_and_only_to_be_read(part: str) -> None:
    for mount in PARTS[part].get("volumes", []):
        source = mount.partition(":")[0] if isinstance(mount, str) else "tmpfs"
        if mount in [SOCKET, PROXIES]:
            assert part == {SOCKET: PROXY, PROXIES: WITH_CHAOS}[mount]
        elif source.startswith("."):
            assert mount.endswith(":ro"), mount
            assert (ROOT / source).exists(), f"{source} is not there"
        else:
            assert source == "tmpfs" or source in COMPOSE["volumes"]


@each_part
def test_no_part_reaches_the_engine_or_the_machine(part: str) -> None:
    assert part == PROXY or "docker.sock" not in str(PARTS[part])
    assert not {"extra_hosts", "userns_mode", "uts", "cgroup", "sysctls", "env_file"} & PARTS[part].keys()
    assert all(str(mount).startswith(("/tmp", "/var/run")) for mount in PARTS[part]["tmpfs"])


def test_the_engines_socket_is_held_by_a_part_without_a_network_that_only_warden_shares_a_volume_with() -> None:
    proxy = PARTS[PROXY]
    assert proxy["volumes"] == [SOCKET, "engine:/run/pharos"]
    assert proxy["network_mode"] == "none"
    assert proxy["group_add"] == ["${PHAROS_DOCKER_GROUP:-0}"]
    assert not {"ports", "secrets", "depends_on", "networks"} & proxy.keys()
    assert {part for part in PARTS if "engine:" in str(PARTS[part].get("volumes"))} == {WARDEN, PROXY}


def test_the_program_of_the_proxy_is_short_and_all_that_its_image_has() -> None:
    file = ROOT / "platform" / "warden" / "src" / "warden" / "docker" / "proxy.py"
    image = (ROOT / PARTS[PROXY]["build"]["dockerfile"]).read_text()
    assert len(file.read_text().splitlines()) <= 150
    assert re.findall(r"^COPY (\S+) ", image, re.MULTILINE) == [str(file.relative_to(ROOT))]
    assert "pip" not in image
    assert "\nUSER 10001\n" in image


@each_part
def test_nothing_but_warden_restarts_a_part_and_the_engine_restarts_warden(part: str) -> None:
    assert PARTS[part]["restart"] == ("unless-stopped" if part in {WARDEN, PROXY} else "no")


@each_part
def test_warden_keeps_what_goes_on_and_no_job(part: str) -> None:
    jobs = {
        name
        for one in PARTS.values()
        for name, wait in one.get("depends_on", {}).items()
        if wait["condition"] == "service_completed_successfully"
    }
    labels = PARTS[part]["labels"]
    if part in jobs | {WARDEN, PROXY}:
        assert labels == {}
    elif part in SERVING:
        assert labels == {"pharos.alive": "8080/health/live", "pharos.ready": "8080/health/ready"}
    else:
        checked = "healthcheck" in PARTS[part] or "build" in PARTS[part]
        assert checked == (labels["pharos.alive"] == "engine"), "a part without a health check is asked over HTTP"


@pytest.mark.parametrize("part", sorted(set(PARTS) - {"databases"}))
def test_a_part_is_given_no_other_services_secrets(part: str) -> None:
    owner = part.removesuffix("-migrate")
    own = {f"db-{owner}", f"key-{owner}.jwk"} | OWN.get(part, set())
    public = {"operator.jwks"} if owner in SERVICES else set()
    assert set(PARTS[part].get("secrets", [])) <= own | public


def test_every_secret_is_a_file_of_the_state_folder() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


@each_part
def test_secrets_come_from_files(part: str) -> None:
    for name, value in PARTS[part].get("environment", {}).items():
        secret = re.search(r"PASSWORD|KEY|TOKEN|SECRET", name)
        assert not secret or str(value).startswith("/run/secrets/"), f"{name} of {part}"


def test_every_secret_is_used_and_every_used_one_declared() -> None:
    used = {secret for part in PARTS.values() for secret in part.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


@pytest.mark.parametrize("service", SERVING)
def test_a_service_gets_what_its_manifest_asks_for(service: str) -> None:
    folder = "platform" if service == "edge" else "services"
    manifest = tomllib.loads((ROOT / folder / service / "service.toml").read_text())
    given = PARTS[service]["environment"] | PARTS.get(f"{service}-migrate", {}).get("environment", {})
    assert set(manifest.get("environment", {})) <= set(given)
    assert given["PHAROS_SIGNING_KEY_FILE"] == f"/run/secrets/key-{service}.jwk"
    assert manifest.get("callers", {}).get("operator") is None or "PHAROS_OPERATOR_KEYS_FILE" in given
    assert given["PHAROS_INSTANCE"] == f"{service}-{{hostname}}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_its_own_migrations_and_no_sibling(service: str) -> None:
    needed = PARTS[service]["depends_on"]
    assert needed[f"{service}-migrate"] == {"condition": "service_completed_successfully"}
    assert not (set(SERVICES) | {"edge"}) & set(needed)


def test_no_part_waits_for_a_telemetry_backend() -> None:
    backends = {"collector", "jaeger", "prometheus", "alertmanager", "loki", "grafana", "mail"}
    assert not backends & {needed for part in PARTS.values() for needed in part.get("depends_on", {})}


def test_the_dockerfiles_are_one_pattern() -> None:
    """They differ in the names of folder and package alone."""
    patterns = {
        _without_names((ROOT / "services" / name / "Dockerfile").read_text(), f"services/{name}", name)
        for name in SERVICES
    } | {_without_names((ROOT / "platform" / "edge" / "Dockerfile").read_text(), "platform/edge", "edge")}
    assert len(patterns) == 1


@pytest.mark.parametrize("file", [*ROOT.glob("*/*/Dockerfile")], ids=lambda file: file.parent.name)
def test_an_image_is_built_in_stages_serves_unprivileged_and_can_tell_its_health(file: Path) -> None:
    text = file.read_text()
    assert text.count("\nFROM ") >= 3
    assert "\nUSER 10001\n" in text
    assert "\nHEALTHCHECK " in text
    assert "--require-hashes" in text


def _without_names(text: str, folder: str, name: str) -> str:
    return text.replace(folder, "FOLDER").replace(f"pharos-{name} ", "pharos-NAME ").replace(f'"{name}"', '"NAME"')
