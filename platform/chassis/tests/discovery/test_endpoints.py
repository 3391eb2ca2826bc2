"""The endpoints file: what is accepted, and that a replacement is never seen half done."""

import contextlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.discovery import Endpoints, Instance, MalformedEndpointsError, parse_endpoints, write_endpoints

names = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
instances = st.builds(
    Instance,
    id=st.text(min_size=1, max_size=12),
    url=st.integers(1, 65535).map(lambda port: f"http://127.0.0.1:{port}"),
    weight=st.floats(0, 100),
)


@given(
    st.builds(
        Endpoints,
        version=st.integers(0, 2**40),
        services=st.dictionaries(names, st.lists(instances, max_size=4).map(tuple), max_size=4),
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, endpoints: Endpoints) -> None:
    path = tmp_path_factory.mktemp("endpoints") / "endpoints.json"
    write_endpoints(path, endpoints)
    assert parse_endpoints(path.read_bytes()) == endpoints


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(MalformedEndpointsError):
        assert parse_endpoints(content).version is not None


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:80",
        "https://h:80",
        "http://h",
        "http://h:80/",
        "http://h:80/x",
        "http://h:99999",
        "http://u@h:80",
        "http://:80",
        "http://[::1",
    ],
)
def test_an_address_that_is_no_origin_is_refused_by_place(url: str) -> None:
    content = f'{{"version":1,"services":{{"orders":[{{"id":"orders-1","url":"{url}"}}]}}}}'
    with pytest.raises(MalformedEndpointsError, match=r"services.orders: instance 'orders-1': url"):
        parse_endpoints(content.encode())


def test_weight_is_optional_and_never_negative() -> None:
    instance = '{"version":1,"services":{"a":[{"id":"a","url":"http://h:1"%s}]}}'
    assert parse_endpoints((instance % "").encode()).services["a"][0].weight == 1.0
    with pytest.raises(MalformedEndpointsError, match="weight"):
        parse_endpoints((instance % ',"weight":-1').encode())


def test_readers_see_the_old_content_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    write_endpoints(path, Endpoints(version=0, services={}))
    done = threading.Event()

    def write() -> None:
        for version in range(1, 60):
            many = tuple(Instance(f"a-{n}", f"http://127.0.0.1:{n + 1}") for n in range(version))
            write_endpoints(path, Endpoints(version=version, services={"a": many}))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        read = parse_endpoints(path.read_bytes())
        assert len(read.services.get("a", ())) == read.version
    writer.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["endpoints.json"]


def test_a_refused_write_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    good = Endpoints(version=1, services={})
    write_endpoints(path, good)
    with pytest.raises(MalformedEndpointsError):
        write_endpoints(path, Endpoints(version=2, services={"a": (Instance("a", "nowhere"),)}))
    assert parse_endpoints(path.read_bytes()) == good
