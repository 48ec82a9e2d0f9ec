"""The page about metrics, the alerts and the dashboard name what there is."""

import json
import re
from pathlib import Path

from prometheus_client import Metric

from mccs_graphql.adapters.metrics import GAUGES, Metrics

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "watching.md").read_text()
ROW = re.compile(r"^\| `(mccs_\w+)` \| (.*?)\| (.*) \|$", re.MULTILINE)


def families() -> list[Metric]:
    metrics = Metrics()
    metrics.count("viewer", "query", outcome="ok", seconds=0.1)
    return [family for family in metrics.registry.collect() if family.name.startswith("mccs_")]


def names() -> set[str]:
    counted = {sample.name for family in families() for sample in family.samples}
    return {name for name in counted if not name.endswith("_created")} | set(GAUGES)


def test_table_says_of_each_metric_what_the_code_says() -> None:
    counted = {f.name + "_total" * (f.type == "counter"): f.documentation for f in families()}
    meant = counted | {name: gauge.meaning for name, gauge in GAUGES.items()}
    assert {name: meaning for name, _, meaning in ROW.findall(PAGE)} == meant


def test_table_names_the_labels() -> None:
    labels = {name: tuple(re.findall(r"`(\w+)`", cell)) for name, cell, _ in ROW.findall(PAGE)}
    assert {name: labels[name] for name in GAUGES} == {n: g.labels for n, g in GAUGES.items()}


def test_alerts_and_dashboard_use_metrics_that_exist() -> None:
    board = json.loads((DOCS / "grafana.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    alerts = re.findall(r"expr: (.*)", PAGE)
    used = set(re.findall(r"mccs_\w+", " ".join(asked + alerts)))
    assert len(alerts) >= 8
    assert used <= names()
    assert set(GAUGES) <= used
