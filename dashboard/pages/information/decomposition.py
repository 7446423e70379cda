"""The decomposition of a table, of any run: what the browser draws, the sentence of a level, the two pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from dash import html

from dashboard.analysis.bottleneck import seed_band
from dashboard.analysis.information import entropy
from dashboard.analysis.quantise import scale_of
from dashboard.api import weights_address
from dashboard.components.chart import drawing
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.slider import slider
from dashboard.levels import run_levels
from dashboard.runs import Run, get_run
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import Array

# The source's colours of its twelve features; further features go round again.
COLOURS = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
    "#3a7f9c", "#F59F00",
)  # fmt: skip
# So many features, those that use most, are named and have a matrix.
SHOWN = 12


class Places(NamedTuple):
    """The ids of the two pictures, the slider and the sentence."""

    curves: str
    matrices: str
    level: str
    said: str


def _error(run: Run) -> str:
    return "rmse" if run.config.table.is_number else "unknown"


@lru_cache(maxsize=8)
def spec(
    identities: tuple[str, ...], version: str, places: Places, published: tuple[tuple[float, float], ...] = ()
) -> dict[str, Any]:
    """Everything that the browser draws, of some seeds; the first one is shown in full."""
    found = [get_run(identity) for identity in identities]
    each, main = [run_levels(run) for run in found], found[0]
    table, weights, name = main.config.table, main.weights(), _error(main)
    sizes = np.cumsum([0, *map(len, table.shown)])
    bits = each[0]["feature_bits"]
    first, penalised = each[0][name], each[0][f"{name}_penalised"]

    def rounded(values: Array) -> Any:
        return np.round(values.astype(float), 4).tolist()

    spread = seed_band([one["total_bits"] for one in each], [one[name] for one in each])
    band = {key: rounded(values) for key, values in spread.items()}
    return {
        "ids": places._asdict(),
        "names": list(table.names),
        "units": list(table.units),
        "values": [_texts(values[codes]) for values, codes in zip(table.values, table.shown, strict=True)],
        "rows": np.stack([sizes[:-1], sizes[1:]], axis=1).tolist(),
        "colours": [COLOURS[f % len(COLOURS)] for f in range(len(table.names))],
        "show": sorted(np.argsort(-bits.mean(axis=0), kind="stable")[:SHOWN].tolist()),
        "table": {
            "url": weights_address(main, "table"), "scale": scale_of(weights["table"]),
            "shape": list(weights["table"].shape),
        },
        "first": int(each[0]["first"]),
        "beta": [float(f"{value:.4g}") for value in each[0]["beta"]],
        "feature_bits": rounded(bits),
        "total_bits": rounded(each[0]["total_bits"]), "total_error": [float(f"{e:.1g}") for e in each[0]["total_error"]],
        "errors": rounded(first), "penalised": rounded(penalised),
        "band": band if len(each) > 1 else None,
        "bounds": [rounded(each[0][end]) for end in ("lower_bits", "upper_bits")] if "lower_bits" in each[0] else None,
        "published": [list(pair) for pair in published],
        "error": {"title": _error_title(table), "said": _error_said(main), "digits": _digits(first)},
        "range": [float(min(first.min(), penalised.min(), spread["low"].min())), float(max(first.max(), penalised.max(), spread["high"].max(), _nothing(main)))],
        "nothing": _nothing(main),
    }  # fmt: skip


def _texts(values: Array) -> list[Any]:
    """Values as labels: numbers as short as they are told apart."""
    return values.tolist() if values.dtype.kind == "U" else [float(f"{value:.4g}") for value in values]


def _nothing(run: Run) -> float:
    """The error of an answer that knows nothing: the deviation, or the entropy in bits, of the held-out target."""
    target = task.make_data(run.config).test_y
    if run.config.table.is_number:
        return float(target.std())
    return entropy(np.bincount(target) / len(target))


def _digits(errors: Array) -> int:
    """Digits behind the point: none for large errors, else three digits or more that count."""
    most = float(errors.max())
    return 0 if most > 20 else min(12, max(3, 2 - int(np.floor(np.log10(most))))) if most > 0 else 3


def _error_title(table: Any) -> str:
    return f"RMSE ({table.target_name})" if table.is_number else f"unknown of {table.target_name} (bits)"


def _error_said(run: Run) -> list[str]:
    """What stands before and behind the error of a level in its sentence."""
    table, rows = run.config.table, measured_rows(run)
    if table.is_number:
        if run.config.dataset == "prepared":
            return [f"RMSE of {table.target_name}", f"on {rows}"]
        return ["RMSE", f"{table.target_name} on {rows}"]
    return ["", f"bits of {table.target_name} unknown on {rows}"]


def measured_rows(run: Run) -> str:
    """The rows on which the error is measured; of a whole table none are held out."""
    if run.config.table.is_whole:
        return "all rows"
    return "held-out hours" if run.config.dataset == "bike_rentals" else "held-out rows"


def sentence(run: Run, bits: float) -> str:
    """What the level nearest to so many bits uses; the browser says the same of every level."""
    found, name = run_levels(run), _error(run)
    at = int(np.abs(found["total_bits"] - bits).argmin())
    order = np.argsort(-found["feature_bits"][at])
    names = run.config.table.names
    used = [f"{names[f]} {found['feature_bits'][at][f]:.2f}" for f in order if found["feature_bits"][at][f] > 0.02]
    before, behind = _error_said(run)
    error = f"{before} {found[name][at]:.{_digits(found[name])}f} {behind}".strip()
    return f"{in_bits(found['total_bits'][at], found['total_error'][at])}: {', '.join(used) or 'nothing'}; {error}."


def in_bits(bits: float, error: float) -> str:
    """A number of bits with its standard error, where it was sampled."""
    return f"{bits:.2f} ± {error:.1g} bits" if error > 0 else f"{bits:.2f} bits"


def control(places: Places, run: Run, bits: float, said: str) -> html.Div:
    """The slider over the levels, with the sentence of the one that is chosen."""
    total = run_levels(run)["total_bits"]
    compression = slider(places.level, "Compression", len(total) - 1, int(np.abs(total - bits).argmin()), places.level)
    sentence = html.P(
        said, id=places.said, role="status", className="pair-readout", **{"data-claim": f"{places.level}-shown"}
    )
    return html.Div([compression, sentence], className="circle-sliders bikes-slider")


def _is_wide(run: Run) -> bool:
    return bool(run.config.table.is_continuous.any())


def _bounds() -> list[Any]:
    what = " For a continuous feature, the line is what its channel carries of the rows of this table. The band holds what it would carry of all values that there could be. Its lower end is InfoNCE over all rows; its upper end is the leave-one-out bound, or the price if that is lower. Both are moved outwards by two standard errors "
    return [what, cite("poole2019")]


def pictures(places: Places, found: list[Run], said: str, beside: str = "") -> list[html.Figure]:
    """The two pictures of a decomposition."""
    main = found[0]
    return [
        drawing(
            places.curves, "Error and bits per feature", height=360, kind="controls", summary=claim(f"{places.level}-summary", True, said),
            caption=["Left: the error ", claim("error-rows", True, f"on {measured_rows(main)}"), ", against the bits in use", claim("error-seeds", len(found) > 1, f"; the band is the spread of {len(found)} seeds"), f". Dashed is the error with the price in it, dotted that of an answer that knows nothing{beside}. Right: the bits of each feature. Point at a line, a name or a matrix.", claim("error-bounds", _is_wide(main), *_bounds())],
            data=("CSV", f"/api/runs/{main.id}/measures.csv"),
        ),
        drawing(
            places.matrices, "What can still be told apart", height=620, kind="controls",
            summary=["A matrix per feature at the chosen compression. ", claim(f"{places.level}-summary", True, said)],
            caption="A matrix per feature, with its values in order along both sides. It shows the Bhattacharyya coefficient of every two values: dark means that the network can tell them apart, white that it cannot.",
            data=("JSON", f"/api/runs/{main.id}/levels.json"),
        ),
    ]  # fmt: skip
