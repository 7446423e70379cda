"""Which sweep a page shows, which of its models are chosen, and what is missing of it.

An address and a browser may say anything: what cannot be shown is refused here, with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.exceptions import PreventUpdate

from dashboard.components import text
from dashboard.components.claim import claim
from dashboard.components.sweep_views import Chosen, cell_axes
from dashboard.runs import RunError, Sweep, get_sweep, list_sweeps
from dashboard.runs.sweep_models import Models, models_of
from dashboard.sweep_api import threshold
from dashboard.tasks.base import Array

PLACES = 3
Refusal = Callable[[Sweep], str]


def choose(wanted: Any, shipped: Iterable[str], refusal: Refusal) -> tuple[Sweep | None, Models | None, str]:
    """The sweep that an address asks for, or the first shipped one that can be read.

    Args:
        wanted: from the address: a name, nothing, or a list if it was given twice.
        shipped: names of the page's own sweeps, the usual one first.
        refusal: why the page cannot show a sweep; "" if it can.

    Returns:
        The sweep and its models with the added ones, or None twice; and a message if a wish was not met.
    """
    problems: list[str] = []
    for identity in ([wanted] if wanted else []) + [name for name in shipped if name != wanted]:
        try:
            sweep, models = _open(identity, refusal)
        except RunError as error:
            problems.append(f"{error}.")
            continue
        instead = ["The page shows the shipped sweep instead."] if problems and wanted else []
        return sweep, models, " ".join([*problems, *instead])
    return None, None, " ".join(problems)


def shown(spec: Any, refusal: Refusal) -> tuple[Sweep, Models]:
    """The sweep on screen and its models with the added ones, from the spec that came back from the browser.

    Raises:
        PreventUpdate: if there is none, or the page would not show it.
    """
    try:
        return _open(spec["id"], refusal)
    except (TypeError, KeyError, RunError) as error:
        raise PreventUpdate from error


def _open(identity: Any, refusal: Refusal) -> tuple[Sweep, Models]:
    sweep = get_sweep(identity)
    if why := refusal(sweep):
        raise RunError(f"{sweep.id} {why}")
    return sweep, models_of(sweep)


def too_many_axes(sweep: Sweep, fixed: Iterable[str] = ()) -> str:
    """Why the map cannot show a sweep; "" if it can.

    Args:
        sweep: any.
        fixed: hyper-parameters of which the map shows one value at a time.
    """
    free = [name for name in sweep.grid.axes if name not in ("seed", *fixed)]
    if len(free) <= PLACES:
        return ""
    return f"has {len(free)} settings with several values ({', '.join(free)}), and the map has room for {PLACES}"


def checked(sweep: Sweep, models: Models, chosen: Any) -> Chosen:
    """What the browser says is chosen, if it can be.

    Args:
        sweep: what is shown.
        models: its models.
        chosen: from the browser.

    Raises:
        PreventUpdate: if it cannot.
    """
    try:
        picked = tuple(int(number) for number in chosen["models"])
        cell = {name: _value(sweep, name, models.axes[name], chosen["cell"][name]) for name in cell_axes(models)}
        found = Chosen(picked, cell, bool(chosen["box"]), float(chosen["min_loss"]), float(chosen["max_ratio"]))
    except (TypeError, KeyError, ValueError, OverflowError, AttributeError) as error:
        raise PreventUpdate from error
    if len(set(picked)) != len(picked) or any(not 0 <= number < models.size for number in picked):
        raise PreventUpdate
    return found


def _value(sweep: Sweep, name: str, axis: Array, given: Any) -> Any:
    """A value of a hyper-parameter: any number, but only the words that there are."""
    value = axis.dtype.type(given).item()
    if isinstance(value, str) and value not in {*sweep.grid.axes[name], *axis.tolist()}:
        raise ValueError(f"{value[:40]!r} is not on the axis")
    return value


def thresholds(query: Mapping[str, Any], min_loss: float, max_ratio: float) -> tuple[float, float]:
    """The thresholds of the rule that an address sets, in nats and of test to train loss; the page's own for others."""
    return threshold(query.get("min_loss"), min_loss), threshold(query.get("max_ratio"), max_ratio)


def notices(sweep: Sweep) -> list[html.Div]:
    """What is missing of the sweep, in a sentence."""
    if sweep.finished == sweep.grid.size:
        return []
    said = f"This sweep is not finished: {share_text(sweep)} are there. The others are missing on the map."
    return [text.message(claim("sweep-unfinished", True, said), "warning")]


def share_text(sweep: Sweep) -> str:
    """How much of the grid is finished: "12 of 960 models (1 %)"; never rounded up."""
    percent = 100 * sweep.finished // sweep.grid.size
    return f"{sweep.finished:,} of {text.count(sweep.grid.size, 'model')} ({percent or 'less than 1'} %)"


def made(sweep: Sweep) -> str:
    """When, how and how long the models were trained."""
    p = sweep.provenance
    count = text.count(sweep.finished, "model") if sweep.finished == sweep.grid.size else share_text(sweep)
    versions = ", ".join(f"{name} {p[name]}" for name in ("numpy", "numba", "commit") if name in p)
    processes = f", {p['processes']} processes" if "processes" in p else ""
    parts = [f"{p.get('engine', '?')} engine{processes}, {versions}"]
    for part in p.get("before", []):
        parts.append(f"{part['models']:,} of them before, with numpy {part['numpy']}, commit {part['commit']}")
    minutes = p.get("seconds", 0) / 60
    return f"{count}, trained until {p.get('date', '?')} in {minutes:,.0f} min of wall-clock time ({'; '.join(parts)})."


def other_sweeps(sweep: Sweep, path: str, refusal: Refusal, but: Iterable[str] = ()) -> html.P | None:
    """Links to the other sweeps that the page can show.

    Args:
        sweep: the one on screen.
        path: of the page.
        refusal: why the page cannot show a sweep; "" if it can.
        but: names that are linked elsewhere.
    """
    known = {sweep.id, *but}
    others = [each for each in list_sweeps().sweeps if each.id not in known and not refusal(each)]
    if not others:
        return None
    links = [dcc.Link(each.id, href=f"{path}?{urlencode({'sweep': each.id})}", className="chip") for each in others]
    return html.P([f"This is {sweep.id}. Other sweeps: ", *links], className="run-note")
