"""What Grafana is provisioned with has only fields that it knows, and fits the dashboards and compose.yaml."""

import json
import re
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import yaml
from msgspec import Meta, Struct
from tree import ROOT

FOLDER = ROOT / "observability" / "grafana" / "provisioning"
Shift = Annotated[str, Meta(pattern=r"^-?\d+[smh]$")]
Interval = Annotated[str, Meta(pattern=r"^\d+(ms|s|m)$")]


class Strict(Struct, forbid_unknown_fields=True, rename="camel"):
    """A field that Grafana does not document would be ignored without a word."""


class Tag(Strict):
    key: str
    value: str


class TracesToLogs(Strict, kw_only=True):
    datasource_uid: str
    span_start_time_shift: Shift
    span_end_time_shift: Shift
    tags: list[Tag]
    filter_by_trace_id: bool = msgspec.field(name="filterByTraceID")
    filter_by_span_id: bool = msgspec.field(name="filterBySpanID")
    custom_query: bool
    query: str


class NamedQuery(Strict):
    name: str
    query: str


class TracesToMetrics(Strict):
    datasource_uid: str
    span_start_time_shift: Shift
    span_end_time_shift: Shift
    tags: list[Tag]
    queries: list[NamedQuery]


class Switch(Strict):
    enabled: bool


class SpanBar(Strict):
    type: Literal["None", "Duration", "Tag"]
    tag: str = ""


class Jaeger(Strict):
    node_graph: Switch
    span_bar: SpanBar
    trace_id_time_params: Switch
    traces_to_logs_v2: TracesToLogs = msgspec.field(name="tracesToLogsV2")
    traces_to_metrics: TracesToMetrics


class Exemplar(Strict):
    name: str
    url: str = ""
    datasource_uid: str = ""
    url_display_label: str = ""


class Prometheus(Strict):
    http_method: Literal["POST", "GET"]
    time_interval: Interval
    prometheus_type: Literal["Prometheus", "Cortex", "Mimir", "Thanos"]
    manage_alerts: bool
    alertmanager_uid: str
    exemplar_trace_id_destinations: list[Exemplar]


class DerivedField(Strict):
    name: str
    matcher_type: Literal["label", "regex"]
    matcher_regex: str
    url: str
    datasource_uid: str = ""
    url_display_label: str = ""


class Loki(Strict):
    max_lines: int
    derived_fields: list[DerivedField]


class Alertmanager(Strict):
    implementation: Literal["prometheus", "cortex", "mimir"]
    handle_grafana_managed_alerts: bool


class Source(Strict):
    name: str
    uid: str
    type: Literal["prometheus", "jaeger", "loki", "alertmanager"]
    access: Literal["proxy"]
    url: str
    editable: Literal[False]
    json_data: dict[str, Any]
    is_default: bool = False


class Sources(Strict):
    api_version: Literal[1]
    prune: bool
    datasources: list[Source]


class Place(Strict):
    path: str
    folders_from_files_structure: bool


class Provider(Strict):
    name: str
    type: Literal["file"]
    disable_deletion: bool
    allow_ui_updates: bool
    update_interval_seconds: int
    options: Place


class Providers(Strict):
    api_version: Literal[1]
    providers: list[Provider]


def document(kind: str) -> Any:
    (file,) = (FOLDER / kind).glob("*.yaml")
    return yaml.safe_load(file.read_text())


def sources() -> dict[str, Source]:
    return {one.uid: one for one in msgspec.convert(document("datasources"), Sources).datasources}


def as_grafana_reads(text: str) -> str:
    """Two dollar signs are one; a single one would be a variable of the environment."""
    assert not re.search(r"(?<!\$)\$(?!\$)", text)
    return text.replace("$$", "$")


def test_every_field_is_one_that_grafana_knows() -> None:
    kinds: dict[str, type[Strict]] = {
        "prometheus": Prometheus,
        "jaeger": Jaeger,
        "loki": Loki,
        "alertmanager": Alertmanager,
    }
    assert sources().keys() == kinds.keys()
    for uid, source in sources().items():
        assert isinstance(msgspec.convert(source.json_data, kinds[source.type]), Strict), uid
    assert [one.uid for one in sources().values() if one.is_default] == ["prometheus"]


def test_every_source_is_a_part_and_its_port() -> None:
    ports = {"prometheus": 9090, "jaeger": 16686, "loki": 3100, "alertmanager": 9093}
    parts = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for uid, port in ports.items():
        assert sources()[uid].url == f"http://{uid}:{port}"
        assert uid in parts


def test_dashboards_are_read_where_they_are_mounted() -> None:
    (provider,) = msgspec.convert(document("dashboards"), Providers).providers
    mounts = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["grafana"]["volumes"]
    assert f"./dashboards:{provider.options.path}:ro" in mounts
    assert "./observability/grafana/provisioning:/etc/grafana/provisioning:ro" in mounts
    assert provider.options.folders_from_files_structure
    assert not provider.allow_ui_updates


def test_the_shortest_step_is_the_interval_of_scraping() -> None:
    scraped = yaml.safe_load((ROOT / "observability" / "prometheus" / "prometheus.yml").read_text())
    assert sources()["prometheus"].json_data["timeInterval"] == scraped["global"]["scrape_interval"]


def test_an_exemplar_leads_to_a_query_for_its_trace() -> None:
    """Grafana's link to a data source would ask Jaeger with Tempo's kind of query, which finds nothing."""
    (destination,) = msgspec.convert(sources()["prometheus"].json_data, Prometheus).exemplar_trace_id_destinations
    assert (destination.name, destination.datasource_uid) == ("trace_id", "")
    url = as_grafana_reads(destination.url).replace("${__value.raw}", "0af7651916cd43dd8448eb211c80319c")
    (panes,) = parse_qs(urlsplit(url).query)["panes"]
    (pane,) = json.loads(unquote(panes)).values()
    (query,) = pane["queries"]
    assert pane["datasource"] == query["datasource"]["uid"] == "jaeger"
    assert query["query"] == "0af7651916cd43dd8448eb211c80319c"
    assert "queryType" not in query


def test_a_span_leads_to_its_log_lines_and_a_line_to_its_trace() -> None:
    spans = msgspec.convert(sources()["jaeger"].json_data, Jaeger).traces_to_logs_v2
    assert spans.datasource_uid == "loki"
    assert as_grafana_reads(spans.query) == '{${__tags}} | trace_id="${__trace.traceId}"'
    (field,) = msgspec.convert(sources()["loki"].json_data, Loki).derived_fields
    assert (field.matcher_type, field.matcher_regex, field.datasource_uid) == ("label", "trace_id", "jaeger")
    assert as_grafana_reads(field.url) == "${__value.raw}"


def test_no_text_has_a_variable_of_the_environment() -> None:
    for file in FOLDER.glob("*/*.yaml"):
        as_grafana_reads(re.sub(r"#.*$", "", file.read_text(), flags=re.MULTILINE))
