"""What every task must keep, whatever it is about: a new entry of TASKS is tested by being listed."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from dashboard.analysis.estimate import RATES
from dashboard.analysis.measure import MEASURES
from dashboard.models import NETWORKS
from dashboard.runs import check_id, run_id
from dashboard.tasks import TASKS, task
from dashboard.tasks.base import ConfigError, Setting, parse_config, settings
from dashboard.training.engine import make_trainer

MODULES = [pytest.param(module, id=name) for name, module in TASKS.items()]
FIELDS = [
    pytest.param(module, entry, id=f"{name}-{entry.name}")
    for name, module in TASKS.items()
    for entry in settings(module.Config)
]
NUMBERS = [case for case in FIELDS if case.values[1].kind in ("int", "float")]  # type: ignore[union-attr]
SMALL: dict[str, dict[str, Any]] = {
    "sparse_parity": {"steps": 10, "train_size": 40, "test_size": 30},
    "modular_addition": {"steps": 10, "modulus": 11, "embed_size": 6, "hidden_size": 4},
    "circle_addition": {"steps": 10, "modulus": 11},
    "information_bottleneck": {
        "steps": 10,
        "pretrain_steps": 2,
        "embed_size": 2,
        "hidden_size": 4,
        "log_every": 5,
        "checkpoint_every": 5,
    },
}


def small(module: ModuleType) -> Any:
    return module.Config(**SMALL[module.NAME])


@pytest.mark.parametrize(("module", "entry"), FIELDS)
def test_a_field_says_everything_about_itself(module: ModuleType, entry: Setting) -> None:
    assert entry.label
    assert entry.group
    assert entry.help.endswith(".")
    if entry.kind == "choice":
        assert entry.default in entry.choices
    elif entry.kind == "text":
        assert re.fullmatch(entry.pattern, entry.default)
    else:
        assert entry.minimum is not None
        assert entry.maximum is not None
        assert entry.minimum <= entry.default <= entry.maximum
    assert entry.range_text


@pytest.mark.parametrize("given", [float("nan"), float("inf"), "inf", True, "text", 1e300, None, [1]], ids=repr)
@pytest.mark.parametrize(("module", "entry"), NUMBERS)
def test_a_number_out_of_the_question_is_refused_with_its_range(module: ModuleType, entry: Setting, given: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(module.Config, {entry.name: given})
    assert entry.range_text in caught.value.problems[entry.name]


@pytest.mark.parametrize(("module", "entry"), NUMBERS)
def test_a_number_outside_its_range_is_refused(module: ModuleType, entry: Setting) -> None:
    assert entry.minimum is not None
    assert entry.maximum is not None
    for given in (-entry.maximum, entry.minimum - 1, entry.maximum + 1):
        with pytest.raises(ConfigError) as caught:
            parse_config(module.Config, {entry.name: given})
        assert entry.range_text in caught.value.problems[entry.name]


@pytest.mark.parametrize("module", MODULES)
def test_the_default_config_is_valid_and_survives_json(module: ModuleType) -> None:
    config = module.Config()
    assert parse_config(module.Config, json.loads(json.dumps(config.model_dump()))) == config


@pytest.mark.parametrize("module", MODULES)
def test_a_config_is_frozen_and_closed(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="frozen"):
        module.Config().seed = 1
    with pytest.raises(ConfigError, match="no such field"):
        parse_config(module.Config, {"no_such_field": 1})


@pytest.mark.parametrize("module", MODULES)
def test_data_is_drawn_from_the_seed_alone(module: ModuleType) -> None:
    config = small(module)
    first, again = module.make_data(config), module.make_data(config)
    other = module.make_data(config.model_copy(update={"seed": config.seed + 1}))
    for name, values in first._asdict().items():
        assert np.array_equal(values, getattr(again, name))
        assert not np.array_equal(values, getattr(other, name))


@pytest.mark.parametrize("module", MODULES)
def test_data_has_the_shapes_it_promises(module: ModuleType) -> None:
    data = module.make_data(small(module))
    assert data.train_x.shape[0] == data.train_y.shape[0] > 0
    assert data.test_x.shape[0] == data.test_y.shape[0] > 0
    assert data.train_x.shape[1:] == data.test_x.shape[1:]
    assert data.train_y.shape[1:] == data.test_y.shape[1:] == ()
    assert data.train_y.dtype.kind == "i"


@pytest.mark.parametrize("module", MODULES)
def test_weights_are_drawn_from_the_seed_alone(module: ModuleType) -> None:
    config = small(module)
    first, again = module.make_weights(config), module.make_weights(config)
    other = module.make_weights(config.model_copy(update={"seed": config.seed + 1}))
    fixed = getattr(module, "FIXED", ())
    assert set(fixed) < first.keys()
    for name, values in first.items():
        assert np.array_equal(values, again[name])
        assert np.array_equal(values, other[name]) == (name in fixed)
        assert np.isfinite(values).all()


@pytest.mark.parametrize("module", MODULES)
def test_a_task_names_what_its_summary_holds(module: ModuleType) -> None:
    config = small(module)
    kept = make_trainer(module.NAME, [config]).weights()
    weights = {name: np.concatenate([values, values]) for name, values in kept.items()}
    measured = MEASURES[module.NAME](config, {"step": np.array([0, 10]), **weights}, module.make_data(config))
    assert set(module.SUMMARY) == measured.keys()
    assert all(value is None or isinstance(value, int | float) for value in measured.values())


@pytest.mark.parametrize("module", MODULES)
def test_an_id_is_stable_and_a_safe_folder_name(module: ModuleType) -> None:
    ids = [run_id(module.NAME, module.Config(seed=seed)) for seed in (0, 0, 1)]
    assert ids[0] == ids[1] != ids[2]
    for identity in ids:
        assert check_id(identity) == identity
        assert not set(identity) & set("/\\: ")


@pytest.mark.parametrize("module", MODULES)
def test_a_task_is_found_by_its_name_and_has_an_engine_and_a_page(module: ModuleType) -> None:
    assert task(module.NAME) is task(module.NAME.replace("_", "-")) is module
    assert module.engine(module.Config()) in RATES
    assert getattr(module, "NETWORK", None) in {*NETWORKS, None}
    assert module.TITLE
    assert module.PATH.startswith("/")


def test_an_unknown_task_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match=r"no task named '\.\./x'; there are: sparse_parity"):
        task("../x")
