"""Releases as seen from the command line, on a checkout with one tiny service."""

import shutil

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


def test_a_deployed_release_whose_folder_is_gone_stops_the_start_and_is_named(cli: Cli) -> None:
    cli.up()
    release_tiny(cli.checkout, cli.state, "2.0.0")
    cli.run("deploy", "tiny", "--skip-analysis")
    cli.run("down")
    shutil.rmtree(cli.state / "releases")

    refused = cli.up()

    assert refused.returncode == 1
    assert "there is no release 2.0.0 of tiny" in refused.stderr
