"""Releases as seen from the command line, on a checkout with one tiny service."""

import shutil
from pathlib import Path

from cli_process import Cli

from testkit.tiny import release_tiny


def test_a_release_is_deployed_shown_and_rolled_back(cli: Cli) -> None:
    cli.up()
    release_tiny(cli.checkout, cli.state, "2.0.0")

    deployed = cli.run("deploy", "tiny", "--skip-analysis")

    assert deployed.returncode == 0, deployed.stderr
    assert "tiny: 2.0.0 serves" in deployed.stderr
    shown = cli.document("releases", "tiny")
    assert (shown["current"], shown["built"], shown["earlier"]) == ("2.0.0", ["2.0.0"], ["checkout"])
    back = cli.document("rollback", "tiny")
    assert (back["outcome"], back["release"]) == ("rolled-back", "checkout")


def test_without_requests_it_says_that_it_is_held_and_how_to_go_on(cli: Cli) -> None:
    cli.state.mkdir()
    (cli.state / "config.toml").write_text("[release]\nwindow = 0.2\n")
    cli.up()
    release_tiny(cli.checkout, cli.state, "2.0.0")

    held = cli.run("deploy", "tiny", "2.0.0")

    assert held.returncode == 1
    assert "inconclusive: tiny is held at a tenth" in held.stderr
    assert "./just tiny promote" in held.stderr
    assert cli.document("promote", "tiny")["outcome"] == "deployed"


def test_what_cannot_be_says_what_to_do(cli: Cli) -> None:
    assert "./just up" in cli.run("deploy", "tiny", "2.0.0").stderr
    cli.up()
    for words, hint in (
        (("deploy", "tiny"), "./just tiny release"),
        (("deploy", "tiny", "9.9.9"), "./just tiny release"),
        (("release", "tinny"), "the services are: tiny"),
        (("promote", "tiny"), "./just tiny deploy"),
        (("rollback", "tiny"), "name a version"),
    ):
        refused = cli.run(*words)
        assert refused.returncode == 1
        assert hint in refused.stderr


def test_a_rollback_makes_an_environment_that_was_deleted(cli: Cli, tmp_path: Path) -> None:
    cli.up()
    for version in ("2.0.0", "3.0.0"):
        release_tiny(cli.checkout, cli.state, version)
        cli.run("deploy", "tiny", version, "--skip-analysis")
    (cli.state / "environments" / "tiny" / "2.0.0").rename(tmp_path / "whole")
    script = cli.checkout.root / "bootstrap" / "env"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\necho "making $1 $3" >&2\nmv {tmp_path}/whole "$3"\n')
    script.chmod(0o755)

    back = cli.run("rollback", "tiny")

    assert back.returncode == 0, back.stderr
    assert f"making release {cli.state}/environments/tiny/2.0.0" in back.stderr
    assert "tiny: 2.0.0 serves" in back.stderr


def test_what_goes_in_without_a_verdict_says_that_nothing_judges_it(cli: Cli) -> None:
    cli.up()
    release_tiny(cli.checkout, cli.state, "2.0.0")

    said = cli.run("deploy", "tiny", "--skip-analysis").stderr

    assert "nothing judges this release" in said
    assert "./just tiny rollback" in said


def test_a_deployed_release_whose_folder_is_gone_stops_the_start_and_is_named(cli: Cli) -> None:
    cli.up()
    release_tiny(cli.checkout, cli.state, "2.0.0")
    cli.run("deploy", "tiny", "--skip-analysis")
    cli.run("down")
    shutil.rmtree(cli.state / "releases")

    refused = cli.up()

    assert refused.returncode == 1
    assert "there is no release 2.0.0 of tiny" in refused.stderr
