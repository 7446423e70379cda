"""Sweeps over HTTP: what the map needs, and downloads.

GET /api/sweeps/<id>/models.json   axes, and per model the numbers that the map shows
GET /api/sweeps/<id>/models.csv    the same as a table; `min_loss` and `max_ratio` set the classes' thresholds
GET /api/sweeps/<id>/sweep.npz     every curve as arrays
GET /api/sweeps/<id>/sweep.json    grid and provenance

All of it is the sweep as it was sealed, but for the names of runs that have the weights of its models. With `added=1`
the first two hold the models that people added, too, and say which those are.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import orjson
from flask import Blueprint, Response, jsonify, request, send_file

from dashboard.analysis import sweep as analysis
from dashboard.runs import RunError, Sweep, get_sweep
from dashboard.runs.sweep_models import Models, models_of
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, settings
from dashboard.theme import LOSS_SYMBOLS, OUTCOME_SYMBOLS

FILES = {"sweep.npz": "application/zip", "sweep.json": "application/json"}
# How a measure is shown: label, unit, and whether its scale is logarithmic.
MEASURES = {
    "t_test": ("Step of generalisation", "steps", True),
    "delay": ("Grokking delay", "steps", False),
    "final_test_loss": ("Final test loss", "nats", True),
    "final_test_accuracy": ("Final test accuracy", "%", False),
}
blueprint = Blueprint("sweeps", __name__, url_prefix="/api/sweeps")


@blueprint.errorhandler(RunError)
def _refuse(error: RunError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 404


@blueprint.get("/<identity>/models.json")
def models_json(identity: str) -> Response:
    """Axes with their labels, and per model its place on them, the rule's extremes, its measures and its run."""
    sweep = get_sweep(identity)
    models = _asked(sweep)
    answer = Response(orjson.dumps(_content(sweep, models)), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _asked(sweep: Sweep) -> Models:
    """The sweep's own models; with those that people added, if the request asks for them."""
    models = models_of(sweep)
    return models if request.args.get("added") == "1" else models.own


def _content(sweep: Sweep, models: Models) -> dict[str, Any]:
    found = analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"])
    measured = analysis.measures(models.step, models.metrics)._asdict()
    verdicts = analysis.verdicts(models.step, models.metrics).tolist()
    words = [word for word in OUTCOME_SYMBOLS if word in verdicts]
    return {
        "id": sweep.id, "own": models.size - models.added,
        "axes": [_axis(sweep, name, values) for name, values in models.axes.items() if name != "seed"],
        "seed": models.axes["seed"].tolist() if "seed" in models.axes else [0] * models.size,
        "run": list(models.runs),
        "extremes": {name: _rounded(values) for name, values in found._asdict().items()},
        "measures": {
            name: {"label": label, "unit": unit, "log": log, "values": _rounded(measured[name])}
            for name, (label, unit, log) in MEASURES.items()
        },
        "outcomes": list(analysis.OUTCOMES),
        "verdicts": words, "verdict": [words.index(word) for word in verdicts],
        "symbols": OUTCOME_SYMBOLS | LOSS_SYMBOLS,
        "steps": int(models.step[-1]),
    }  # fmt: skip


def _axis(sweep: Sweep, name: str, values: Array) -> dict[str, Any]:
    declared = next(each for each in settings(task_module(sweep.task).Config) if each.name == name)
    distinct = sorted(set(values.tolist()))
    place = {value: i for i, value in enumerate(distinct)}
    return {
        "name": name, "label": declared.label, "unit": declared.unit, "values": distinct,
        "place": [place[value] for value in values.tolist()],
    }  # fmt: skip


def _rounded(values: Array) -> list[float | None]:
    """Six digits; None for what was not reached."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


@blueprint.get("/<identity>/models.csv")
def models_csv(identity: str) -> Response:
    """A row per model: axes, class, verdict, extremes and measures; empty where one was not reached."""
    sweep = get_sweep(identity)
    models = _asked(sweep)
    found = analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"])
    outcome = analysis.outcomes(
        found,
        threshold(request.args.get("min_loss"), analysis.MIN_LOSS),
        threshold(request.args.get("max_ratio"), analysis.MAX_RATIO),
    )
    columns = {name: values.tolist() for name, values in models.axes.items()}
    columns["class_by_loss"] = [analysis.OUTCOMES[i] for i in outcome]
    columns["verdict_by_accuracy"] = analysis.verdicts(models.step, models.metrics).tolist()
    columns |= dict(zip(("min_train_loss", "min_test_loss", "max_ratio"), map(_rounded, found), strict=True))
    columns |= {
        name: _rounded(values) for name, values in analysis.measures(models.step, models.metrics)._asdict().items()
    }
    if request.args.get("added") == "1":
        columns["added"] = ["yes" if number >= models.size - models.added else "no" for number in range(models.size)]
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows(zip(*columns.values(), strict=True))
    disposition = {"Content-Disposition": f"attachment; filename={sweep.id}-models.csv"}
    return Response(text.getvalue(), mimetype="text/csv", headers=disposition)


def threshold(given: Any, default: float) -> float:
    """A threshold of the rule as an address gives it; the default if it is no positive number."""
    try:
        value = float(given)
    except (TypeError, ValueError):
        return default
    return value if 0 < value < np.inf else default


@blueprint.get("/<identity>/<name>")
def sweep_file(identity: str, name: str) -> Response:
    """One of the sweep's files, as a download."""
    sweep = get_sweep(identity)
    if name not in FILES:
        raise RunError(f"a sweep has no file {name[:40]!r}")
    return send_file(sweep.folder / name, mimetype=FILES[name], as_attachment=True, download_name=f"{sweep.id}-{name}")
