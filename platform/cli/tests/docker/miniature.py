"""A ``docker`` command that stands for an engine: it keeps containers, volumes and images in files, and starts nothing.

What it shows is how the command line deals with what an engine answers; that a real one answers so is shown by the
tests of the whole system.
"""

import json
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = """\
#!{python} -SE
import json, os, pathlib, sys, time

home = pathlib.Path("{home}")


def read(name, default):
    path = home / name
    return json.loads(path.read_text()) if path.exists() else default


def write(name, value):
    temporary = home / (name + ".new")
    temporary.write_text(json.dumps(value))
    temporary.replace(home / name)


def fail(words, code=1):
    print(words, file=sys.stderr)
    sys.exit(code)


def compose(words):
    options = {{}}
    while words and words[0].startswith("--"):
        options[words[0]] = words[1]
        words = words[2:]
    action, *rest = words
    project, folder = options.get("--project-name"), options.get("--project-directory")
    if action == "version":
        print(read("compose.json", "2.24.0"))
    elif action == "config":
        print(json.dumps(read("model.json", {{}})))
    elif action == "build":
        for part in rest:
            print("#7 [" + part + " stage-2 1/2] RUN something", flush=True)
        if read("unbuildable.json", False):
            fail("ERROR: failed to solve: the reason of the build")
        write("images.json", {{**read("images.json", {{}}), **{{part + ":dev": "sha256:" + part for part in rest}}}})
    elif action == "run":
        if read("unmigratable.json", False):
            fail("the reason of the migration")
    elif action == "up" and "--no-deps" in rest:
        add(project, folder, options["--file"], rest)
    elif action == "up":
        start(project, folder, [word for word in rest if not word.startswith("-")], rest)
    elif action == "down":
        write("containers.json", [one for one in read("containers.json", []) if project_of(one) != project])
        if "--volumes" in rest:
            write("volumes.json", [name for name in read("volumes.json", []) if not name.startswith(project + "_")])
    elif action == "logs":
        print("tiny-1  | a line of the service", flush=True)
        linger()
    write("calls.json", [*read("calls.json", []), [action, *rest]])


def linger():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.05)
    sys.exit()


def start(project, folder, parts, words):
    scales = dict(word.removeprefix("--scale=").split("=") for word in words if word.startswith("--scale="))
    time.sleep(read("late.json", 0))
    found = []
    for part in [*parts, "tiny-migrate"]:
        for number in range(1, int(scales.get(part, 1)) + 1):
            found.append(container(project, folder, part, number))
    write("containers.json", found)
    write("volumes.json", [project + "_store"])
    if read("slow.json", False):
        linger()


def add(project, folder, file, words):
    part = words[-1]
    scales = dict(word.removeprefix("--scale=").split("=") for word in words if word.startswith("--scale="))
    image = json.loads(pathlib.Path(file).read_text())["services"][part]["image"]
    found = read("containers.json", [])
    numbers = [int(one["Id"].rpartition("-")[2]) for one in found if one["Id"].rpartition("-")[0].endswith(part)]
    for _ in range(len(numbers), int(scales.get(part, 1))):
        one = container(project, folder, part, max(numbers, default=0) + 1)
        one["Config"]["Image"] = image
        found.append(one)
    write("containers.json", found)


def container(project, folder, part, number):
    job = part.endswith("-migrate")
    state = {{"Status": "exited" if job else "running", "ExitCode": 0, "Pid": 0 if job else 4000 + number}}
    state.update(read("states.json", {{}}).get(part, {{}}))
    labels = {{
        "com.docker.compose.project": project, "com.docker.compose.service": part,
        "com.docker.compose.container-number": str(number), "com.docker.compose.project.working_dir": folder,
    }}
    name = "/" + project + "-" + part + "-" + str(number)
    published = read("published.json", {{}}).get(part)
    bindings = [{{"HostIp": "127.0.0.1", "HostPort": str(published + number)}}] if published and not job else None
    return {{
        "Id": name[1:], "Name": name, "State": state, "RestartCount": 0,
        "NetworkSettings": {{"Ports": {{"8080/tcp": bindings}}}},
        "Config": {{"Image": read("model.json", {{}})["services"].get(part, {{}}).get("image"), "Labels": labels}},
    }}


def project_of(one):
    return one["Config"]["Labels"]["com.docker.compose.project"]


words = sys.argv[1:]
broken = read("broken.json", None)
if broken and words[:2] != ["compose", "version"]:
    fail(broken)
match words:
    case ["info", *_]:
        print(json.dumps(read("info.json", {{"MemTotal": 8 << 30, "SecurityOptions": ["name=seccomp"]}})))
    case ["context", "inspect", *_]:
        print("unix:///var/run/docker.sock")
    case ["compose", *rest]:
        if read("compose.json", "") is None:
            fail("docker: 'compose' is not a docker command.")
        compose(rest)
    case ["container", "ls", *rest]:
        project = rest[-1].rpartition("=")[2]
        print("\\n".join(one["Id"] for one in read("containers.json", []) if project_of(one) == project))
    case ["container", "inspect", *ids]:
        print(json.dumps([one for one in read("containers.json", []) if one["Id"] in ids]))
    case ["container", "logs", *_]:
        print("the reason of the crash")
    case ["container", "stop", _]:
        pass
    case ["container", "rm", "--force", identifier]:
        write("containers.json", [one for one in read("containers.json", []) if one["Id"] != identifier])
    case ["container", "exec", _, "python", "-m", "warden.docker.ask", command, arguments]:
        write("asked.json", [*read("asked.json", []), command])
        for line in read("trial.json", []) if command == "trial" else [{{}}]:
            print(json.dumps(line), flush=True)
        if command == "trial" and not read("trial.json", []):
            linger()
    case ["build", *rest]:
        digest = next(word.partition("=")[2] for word in rest if word.startswith("pharos.release.digest="))
        write("images.json", {{**read("images.json", {{}}), rest[rest.index("--tag") + 1]: digest}})
    case ["volume", "ls", *rest]:
        project = rest[-1].rpartition("=")[2]
        print("\\n".join(name for name in read("volumes.json", []) if name.startswith(project + "_")))
    case ["image", "inspect", "--format", _, *images]:
        here = read("images.json", {{}})
        if not set(images) <= set(here):
            fail("Error response from daemon: No such image")
        print("\\n".join(here[image] for image in images))
    case ["image", "ls", *rest]:
        project = rest[-1].rpartition("=")[2]
        print("\\n".join(read("releases.json", {{}}).get(project, [])))
    case ["image", "rm", "--force", *images]:
        write("releases.json", {{}})
    case ["image", "pull", *rest]:
        if read("offline.json", False):
            fail("Error response from daemon: dial tcp: lookup registry.example: no such host")
        write("images.json", {{**read("images.json", {{}}), rest[-1]: "sha256:pulled"}})
    case _:
        fail("unknown: " + " ".join(words))
"""


@dataclass(frozen=True)
class Engine:
    """The engine's files, and the folder of its ``docker`` command."""

    home: Path

    @property
    def path(self) -> Path:
        return self.home / "bin"

    def has(self, name: str, value: Any) -> None:
        (self.home / f"{name}.json").write_text(json.dumps(value))

    def get(self, name: str) -> Any:
        file = self.home / f"{name}.json"
        return json.loads(file.read_text()) if file.exists() else []

    @property
    def calls(self) -> list[str]:
        """What compose was told to do."""
        return [action for action, *_ in self.get("calls")]


def miniature_engine(home: Path, *, port: int) -> Engine:
    """An engine that answers, with a ``compose.yaml`` of one service, its job, a store and two backends."""
    engine = Engine(home)
    engine.path.mkdir(parents=True)
    command = engine.path / "docker"
    command.write_text(textwrap.dedent(_SCRIPT).format(python=sys.executable, home=home))
    command.chmod(0o755)
    done = {"condition": "service_completed_successfully"}
    engine.has(
        "model",
        {
            "services": {
                "tiny": {
                    "image": "tiny:dev",
                    "build": {"context": ".", "dockerfile": "services/tiny/Dockerfile"},
                    "mem_limit": str(128 << 20),
                    "depends_on": {"tiny-migrate": done},
                },
                "tiny-migrate": {"image": "tiny:dev", "depends_on": {"store": {"condition": "service_healthy"}}},
                "store": {"image": "store:1.5", "mem_limit": str(256 << 20)},
                "jaeger": {"image": "jaeger:2", "ports": [{"published": str(port), "target": 16686}]},
                "mail": {"image": "mail:3", "mem_limit": str(64 << 20)},
            },
        },
    )
    return engine
