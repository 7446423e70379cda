"""The small HTTP API: a run's files, and its weights as typed arrays for the browser.

GET /api/runs/<id>/run.json           config, summary, provenance
GET /api/runs/<id>/history.csv        metrics at every logged step
GET /api/runs/<id>/history.npz        the same as arrays
GET /api/runs/<id>/measures.csv       measures of the weights at every checkpoint
GET /api/runs/<id>/levels.json        of an information bottleneck: its levels of compression
GET /api/runs/<id>/answers.json       what a shipped network's answers are worth of each input
GET /api/runs/<id>/weights.npz        every checkpoint of every weight
GET /api/runs/<id>/weights/<name>.npy one tensor as int16; `X-Scale` is worth one step of it
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache

import numpy as np
from flask import Blueprint, Response, jsonify, request, send_file

from dashboard.analysis.bottleneck import alike, still_unknown
from dashboard.analysis.measure import measures
from dashboard.analysis.quantise import quantise
from dashboard.levels import run_levels
from dashboard.runs import Run, RunError, check_id, get_answers, get_run
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks.base import Array

FILES = {"run.json": "application/json", "history.npz": "application/zip", "weights.npz": "application/zip"}
FOREVER = "public, max-age=31536000, immutable"
blueprint = Blueprint("api", __name__, url_prefix="/api")


def weights_address(run: Run, tensor: str) -> str:
    """Where the browser fetches a tensor; the address changes when the run is trained again."""
    return f"/api/runs/{run.id}/weights/{tensor}.npy?v={_version(run)}"


def _version(run: Run) -> str:
    return "".join(c for c in str(run.provenance["date"]) if c.isdigit())


@blueprint.errorhandler(RunError)
def _refuse(error: RunError) -> tuple[Response, int]:
    return jsonify(error=str(error)), 404


@blueprint.get("/<path:rest>")
def _unknown(rest: str) -> tuple[Response, int]:
    return jsonify(error="there is nothing at this address"), 404


@blueprint.get("/runs/<identity>/<name>")
def run_file(identity: str, name: str) -> Response:
    """One of the run's files, as a download."""
    run = get_run(check_id(identity))
    if name == "history.csv":
        return _csv(run, name, run.history())
    if name == "measures.csv":
        return _csv(run, name, measures(run.task, run.config, run.weights()))
    if name == "levels.json" and run.task == bottleneck.NAME:
        return _levels(run)
    if name == "answers.json":
        return jsonify(_answers(run))
    if name not in FILES:
        raise RunError(f"a run has no file {name[:40]!r}")
    return send_file(run.folder / name, mimetype=FILES[name], as_attachment=True, download_name=f"{run.id}-{name}")


@blueprint.get("/runs/<identity>/weights/<name>.npy")
def run_weights(identity: str, name: str) -> Response:
    """One tensor over all checkpoints, (n_checkpoints, …), as int16 in numpy's own format.

    Only the address that names this very training (`weights_address`) is kept by browsers for ever.
    """
    run = get_run(check_id(identity))
    content, scale = _typed_array(run, name)
    answer = Response(content, mimetype="application/x-npy")
    answer.headers["X-Scale"] = repr(scale)
    answer.headers["Cache-Control"] = FOREVER if request.args.get("v") == _version(run) else "no-cache"
    answer.set_etag(f"{run.id}-{name}-{run.provenance.get('date', '')}")
    return answer


def _csv(run: Run, name: str, columns: dict[str, Array]) -> Response:
    table = np.stack(list(columns.values()), axis=1)
    text = io.StringIO()
    # A feature of somebody's own table may have a comma or a quote in its name.
    csv.writer(text, lineterminator="\n").writerow(columns)
    np.savetxt(text, table, fmt="%.9g", delimiter=",")
    disposition = f"attachment; filename={run.id}-{name}"
    return Response(text.getvalue(), mimetype="text/csv", headers={"Content-Disposition": disposition})


def _levels(run: Run) -> Response:
    found = {name: values.tolist() for name, values in run_levels(run).items()}
    return jsonify(found | {"features": list(run.config.table.names)})


def _answers(run: Run) -> dict[str, object]:
    """The prices as means over the seeds with their ends, and the accuracies; of two numbers also what is alike."""
    found, history = get_answers(run), run.history()

    def rounded(values: Array, digits: int = 3) -> object:
        return np.round(np.asarray(values, dtype=float), digits).tolist()

    bits, unknown = found["bits"].astype(float), still_unknown(found["unknown"], found["entropy"])
    told = {
        "step": found["step"].tolist(), "beta": rounded(found["beta"], 5), "bits": rounded(bits.mean(axis=1)),
        "low": rounded(bits.min(axis=1)), "high": rounded(bits.max(axis=1)),
        "unknown": rounded(unknown.mean(axis=1)), "flips": rounded(found["flips"], 4),
        "entropy": rounded(found["entropy"]), "seeds": bits.shape[1],
        "history": {
            "step": history["step"].tolist(), "train_accuracy": rounded(history["train_accuracy"]),
            "test_accuracy": rounded(history["test_accuracy"]),
        },
    }  # fmt: skip
    if "table" in found:
        # Of the first number only: the network treats both alike.
        half = found["table"].shape[2] // 2
        like = [[rounded(alike(rows[:half]), 2) for rows in each] for each in found["table"]]
        told |= {"kept": found["kept"].tolist(), "alike": like}
    return told


def _typed_array(run: Run, name: str) -> tuple[bytes, float]:
    tensors = _quantised(run.id, str(run.provenance))
    if name not in tensors:
        raise RunError(f"run {run.id} has no tensor {name[:40]!r}")
    return tensors[name]


@lru_cache(maxsize=4)
def _quantised(identity: str, provenance: str) -> dict[str, tuple[bytes, float]]:
    tensors = {}
    for name, values in get_run(identity).weights().items():
        if name != "step":
            small = quantise(values)
            file = io.BytesIO()
            np.save(file, small.values, allow_pickle=False)
            tensors[name] = file.getvalue(), small.scale
    return tensors
