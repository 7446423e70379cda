"""What came of a run of somebody's own, which the address names: its pictures, its settings, its files."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import run_picker, text
from dashboard.components.claim import claim
from dashboard.components.text import count
from dashboard.levels import run_levels
from dashboard.pages.information import decomposition
from dashboard.pages.information.own import SHIPPED_TITLES
from dashboard.runs import Run, RunError, list_runs
from dashboard.tasks import information_bottleneck as task


class ids:
    """The ids of the two pictures, and of their slider."""

    curves = "own-decomp"
    matrices = "own-mats"
    level = "own-level"
    said = "own-said"


PLACES = decomposition.Places(ids.curves, ids.matrices, ids.level, ids.said)


def section(spec: dict[str, Any], wanted: Any) -> html.Section | None:
    """What came of one run, with its files: the address names it."""
    if not wanted:
        return None
    run, problem = run_picker.choose_run(task.NAME, wanted, "")
    if run is None or problem:
        gone = problem.replace(" The page shows the run it opens on instead.", "")
        return text.message(
            f"The run of this address cannot be shown: {gone} All runs lists those that there are.", "warning"
        )
    try:
        spec["own"], drawn = pictures(run)
    except RunError as error:
        return text.message(f"{error}. Choose another run under All runs.", "problem")
    s = run.summary
    facts = [
        ("Bits in use at the first and at the last price", f"{s['first_bits']:.2f} and {s['final_bits']:.2f}"),
        (
            "Price at which half of the bits are left",
            "not reached" if s["half_bits_beta"] is None else f"β = {s['half_bits_beta']:.3g}",
        ),
    ]
    return html.Section(
        [
            html.H2("What the features cost"),
            html.P(["Run ", html.Code(run.id)], className="run-note"),
            *drawn,
            html.Div([html.Div([html.H3("What came of it"), run_picker.facts_table(facts)]), html.Div([html.H3("Its settings"), run_picker.config_table(run)])], className="columns"),
            run_picker.reproduce(run),
            run_picker.downloads(run),
            run_picker.train_link(run),
        ],
        className="about-run",
    )  # fmt: skip


def seeds_of(run: Run) -> list[Run]:
    """The run, and all that differ from it in the seed alone."""
    same = run.config.model_copy(update={"seed": 0})
    others = [
        r for r in list_runs(task.NAME).runs if r.id != run.id and r.config.model_copy(update={"seed": 0}) == same
    ]
    return [run, *others[:4]]


def about(found: list[Run]) -> str:
    """What the pictures are about: what is predicted from what, of how many rows, over how many seeds."""
    table, config = found[0].config.table, found[0].config
    named = SHIPPED_TITLES.get(config.prepared, "").partition(":")[0] if config.dataset == "prepared" else ""
    features = ", ".join(table.names[:6]) + (f" and {len(table.names) - 6} more" if len(table.names) > 6 else "")
    held = (
        "with nothing to hold out" if table.is_whole else f"{100 * (1 - config.train_fraction):.0f} % of them held out"
    )
    whose = f"{named}: " if named else ""
    return f"{whose}{table.target_name} from {features}. The table has {count(len(table.target), 'row')}, {held}. The pictures show {count(len(found), 'seed')}."


def pictures(run: Run) -> tuple[dict[str, Any], list[Any]]:
    """What the browser draws of a run of one's own, and the elements that it is drawn in."""
    found = seeds_of(run)
    start = float(run_levels(run)["total_bits"].max()) / 3
    said = decomposition.sentence(run, start)
    content = decomposition.spec(tuple(r.id for r in found), str([r.provenance for r in found]), PLACES)
    told = html.P(claim("own-about", True, about(found)), className="lede")
    return content, [
        told,
        decomposition.control(PLACES, run, start, said),
        *decomposition.pictures(PLACES, found, said),
    ]
