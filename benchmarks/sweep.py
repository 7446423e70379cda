"""How fast is the sweep of sparse parity, beside three ways in which one would usually write it?

    python benchmarks/sweep.py                      about eight minutes
    python benchmarks/sweep.py --jax-python PYTHON  a Python that has jax (pip install jax numpy); default: this one

Model-steps per second of one thread, with logging and the evaluation of the test set every 100 steps:
(a) a plain loop, nn.Module + autograd + torch.optim; (b) 45 models at once, bmm + autograd; (c) jax, vmap + jit +
scan; (d) the look-up engine. All clip the loss as the published sweep does. (a), (b) and (c) are timed on a hundred
steps with their log, the quickest of some turns: what they cost does not depend on what was learned. What ours costs
does: sequences beyond the clip have no gradient and are skipped. So whole trainings are timed, for every weight decay.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ONE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
os.environ |= dict.fromkeys(ONE, "1")

import interactive_run  # noqa: E402  (the threads above are counted when NumPy and torch are imported)
import numpy as np  # noqa: E402
import torch  # noqa: E402
from numba import njit  # noqa: E402

from dashboard.recipes import SWEEPS  # noqa: E402
from dashboard.tasks import sparse_parity  # noqa: E402
from dashboard.tasks.grid import config_values  # noqa: E402
from dashboard.tasks.sparse_parity import Config  # noqa: E402
from dashboard.training import lookup  # noqa: E402
from dashboard.training.engine import Recording, fit, make_trainer  # noqa: E402
from dashboard.training.session import warm_up  # noqa: E402

GRID = SWEEPS[0].grid
SIZES, DECAYS, TRAIN_SIZES = (GRID.axes[name] for name in ("hidden_size", "weight_decay", "train_size"))
SHOWN = (min(TRAIN_SIZES), max(TRAIN_SIZES))
EVERY, MODELS, CLIP = GRID.base["log_every"], 45, GRID.base["clipping"]
BARS = {"plain loop": 25.0, "batched torch": 10.0, "jax": 15.0}
MINUTES, TEST_SHARE = 60.0, 0.10
Cell = tuple[int, int]  # hidden size, train size


def config_of(cell: Cell, decay: float = 0.1, seed: int = 0) -> Config:
    values = {"hidden_size": cell[0], "train_size": cell[1], "weight_decay": decay, "seed": seed}
    return Config(**config_values(GRID.base | values))


def clipped_loss(logits: torch.Tensor, signs: torch.Tensor) -> torch.Tensor:
    return -torch.sigmoid(signs * logits).clamp(CLIP, 1 - CLIP).log()


def plain(cell: Cell, turns: int = 3, after: int = 0) -> float:
    """Seconds per model-step of the loop a user would write; if asked, after some steps of training."""
    config = config_of(cell)
    x, y, test_x, test_y = (torch.tensor(part, dtype=torch.float32) for part in sparse_parity.make_data(config))
    signs, test_signs, model = 2 * y - 1, 2 * test_y - 1, interactive_run.Plain(config)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=(config.beta1, config.beta2), weight_decay=0.1
    )

    def interval() -> None:
        with torch.no_grad():
            for inputs, right in ((x, signs), (test_x, test_signs)):
                logits = model(inputs)
                clipped_loss(logits, right).mean().item()
                ((logits > 0) == (right > 0)).float().mean().item()
        for _ in range(EVERY):
            optimizer.zero_grad()
            clipped_loss(model(x), signs).mean().backward()
            optimizer.step()

    for _ in range(after // EVERY):
        interval()
    return quickest(interval, turns) / EVERY


def batched(cell: Cell, turns: int = 2) -> float:
    """Seconds per model-step of 45 models at once: bmm, autograd, and AdamW with a decay per model."""
    configs = [config_of(cell, decay, seed) for decay in DECAYS for seed in range(9)]
    data, drawn = [sparse_parity.make_data(c) for c in configs], [sparse_parity.make_weights(c) for c in configs]
    x, y, test_x, test_y = (torch.tensor(np.stack(part), dtype=torch.float32) for part in zip(*data, strict=True))
    signs, test_signs = 2 * y - 1, 2 * test_y - 1
    w_in = torch.tensor(np.stack([d["W_in"] for d in drawn]), dtype=torch.float32, requires_grad=True)
    w_out = torch.tensor(np.stack([d["W_out"] for d in drawn])[..., None], dtype=torch.float32, requires_grad=True)
    keep = torch.tensor([1 - c.learning_rate * c.weight_decay for c in configs], dtype=torch.float32)[:, None, None]
    optimizer = torch.optim.Adam([w_in, w_out], lr=configs[0].learning_rate, betas=(0.99, 0.98))

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        return torch.bmm(torch.bmm(inputs, w_in).relu(), w_out).squeeze(-1)

    def interval(steps: int = EVERY // 5) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            clipped_loss(forward(x), signs).mean(dim=1).sum().backward()
            with torch.no_grad():
                w_in.mul_(keep)
                w_out.mul_(keep)
            optimizer.step()

    def log() -> None:
        with torch.no_grad():
            for inputs, right in ((x, signs), (test_x, test_signs)):
                logits = forward(inputs)
                clipped_loss(logits, right).mean(dim=1).numpy()
                ((logits > 0) == (right > 0)).float().mean(dim=1).numpy()

    return (quickest(interval, turns) / (EVERY // 5) + quickest(log, turns) / EVERY) / MODELS


JAX = """
import os, sys, time
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
import jax, jax.numpy as jnp, numpy as np
d = np.load(sys.argv[1]); clip, every = float(d["clip"]), int(d["every"])
x, s, tx, ts = (jnp.asarray(d[k], jnp.float32) for k in ("x", "s", "tx", "ts"))
def forward(w, x): return jax.nn.relu(x @ w[0]) @ w[1]
def loss(w, x, s): return -jnp.log(jnp.clip(jax.nn.sigmoid(s * forward(w, x)), clip, 1 - clip)).mean()
def step(carry, _, x, s, keep):
    w, m, v, t = carry
    g, t = jax.grad(loss)(w, x, s), t + 1
    m = jax.tree.map(lambda m, g: .99 * m + .01 * g, m, g)
    v = jax.tree.map(lambda v, g: .98 * v + .02 * g * g, v, g)
    new = lambda w, m, v: keep * w - 3e-3 * (m / (1 - .99 ** t)) / (jnp.sqrt(v / (1 - .98 ** t)) + 1e-8)
    return (jax.tree.map(new, w, m, v), m, v, t), None
def measure(w, x, s):
    z = forward(w, x); return loss(w, x, s), ((z > 0) == (s > 0)).mean()
def interval(w, m, v, t, x, s, tx, ts, keep):
    rows = measure(w, x, s), measure(w, tx, ts)
    carry, _ = jax.lax.scan(lambda c, i: step(c, i, x, s, keep), (w, m, v, t), None, length=every)
    return carry, rows
best = 1e9
for models in (9, 45):
    cut = lambda a: a[:models]
    w = (cut(jnp.asarray(d["w_in"], jnp.float32)), cut(jnp.asarray(d["w_out"], jnp.float32)))
    zero = jax.tree.map(jnp.zeros_like, w)
    run = jax.jit(jax.vmap(interval)); data = tuple(map(cut, (x, s, tx, ts, jnp.asarray(d["keep"], jnp.float32))))
    state = (w, zero, zero, jnp.zeros(models))
    state, rows = run(*state, *data); jax.block_until_ready(state)
    for _ in range(1 if models == 45 else 2):
        start = time.perf_counter(); out = run(*state, *data); jax.block_until_ready(out)
        best = min(best, (time.perf_counter() - start) / models / every)
print(best)
"""


def jax_loop(cell: Cell, python: str, folder: Path) -> float:
    """Seconds per model-step of jax on one core: the quicker of 9 and 45 models at once."""
    configs = [config_of(cell, decay, seed) for seed in range(9) for decay in DECAYS]
    data, drawn = [sparse_parity.make_data(c) for c in configs], [sparse_parity.make_weights(c) for c in configs]
    x, y, test_x, test_y = (np.stack(part) for part in zip(*data, strict=True))
    keep = np.array([1 - c.learning_rate * c.weight_decay for c in configs])
    weights = {"w_in": np.stack([d["W_in"] for d in drawn]), "w_out": np.stack([d["W_out"] for d in drawn])}
    np.savez(
        folder / "jax.npz", x=x, s=2 * y - 1, tx=test_x, ts=2 * test_y - 1, keep=keep, clip=CLIP, every=EVERY, **weights
    )
    command = [python, "-c", JAX, str(folder / "jax.npz")]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def ours(cell: Cell) -> tuple[float, float]:
    """Seconds per model-step of whole trainings, mean over the decays; and the share of it for the test set."""
    spent = tested = 0.0
    for decay in DECAYS:
        config = config_of(cell, decay)
        trainer, start = make_trainer("sparse_parity", [config]), time.perf_counter()
        fit(trainer, config, Recording())
        spent += time.perf_counter() - start
        tested += config.steps / EVERY * test_seconds(trainer)
    steps = len(DECAYS) * config.steps
    return spent / steps, tested / spent


def test_seconds(trainer: lookup.LookupTrainer) -> float:
    """Seconds of one evaluation of the test set."""
    (model,) = trainer._models
    arguments = (*model.test, model.state[0], model.signed, model.clipping.losses)
    return quickest(lambda: lookup._measure(*arguments), 20)


def quickest(function: Callable[[], object], turns: int) -> float:
    function()
    spent = []
    for _ in range(turns):
        start = time.perf_counter()
        function()
        spent.append(time.perf_counter() - start)
    return min(spent)


@njit(fastmath=True)
def add_up(numbers, times):  # type: ignore[no-untyped-def]
    """Read numbers that stay in the first-level cache, and add them up."""
    total = numbers[0]
    for _ in range(times):
        for i in range(len(numbers)):
            total += numbers[i]
        numbers[0] = total  # so that no reading can be left out
    return total


def share_of_limit(cell: Cell) -> tuple[float, float]:
    """The share of the time that the look-ups would take at the cache's bandwidth, and that bandwidth in bytes/s.

    At a weight decay of 1 all sequences have a gradient. The kernel then reads five rows of 64 bytes for each sequence
    and block of neurons, and eight rows of 128 bytes for each neuron and 32 sequences.
    """
    numbers = np.zeros(4096, np.float32)
    bandwidth = 1000 * numbers.nbytes / quickest(lambda: add_up(numbers, 1000), 10)
    neurons = -(-cell[0] // lookup.LANES) * lookup.LANES
    read = cell[1] * (neurons / lookup.LANES * 5 * 64 + neurons / lookup.BATCH * 8 * 128)
    trainer = make_trainer("sparse_parity", [config_of(cell, 1.0)])
    return read / bandwidth / (quickest(lambda: trainer.advance(trainer.step + 300), 5) / 300), bandwidth


def report(found: dict[str, dict[Cell, float]]) -> dict[str, float]:
    """Print a row per cell, and the ratio over the whole grid's model-steps."""
    names = list(found)
    print(f"\n{'µs per model-step':<24}" + "".join(f"{name:>16}" for name in names))
    for cell in found["ours"]:
        row = [found[name].get(cell, np.nan) * 1e6 for name in names]
        print(f"hidden {cell[0]:>3}, train {cell[1]:>5}  " + "".join(f"{each:>16.1f}" for each in row))
    means = {name: float(np.mean(list(cells.values()))) for name, cells in found.items()}
    print(f"{'mean of the grid':<24}" + "".join(f"{means[name] * 1e6:>16.1f}" for name in names))
    print(f"{'model-steps per second':<24}" + "".join(f"{1 / means[name]:>16,.0f}" for name in names))
    return means


def judge(means: dict[str, float], tested: float, mean_size: float) -> bool:
    """Print every bar; True if all that could be measured are reached."""
    minutes = GRID.size * GRID.base["steps"] * means["ours"] * mean_size / 2 / 60
    lines = [
        (f"{name} / ours", means[name] / means["ours"], bar, "x", True) for name, bar in BARS.items() if name in means
    ]
    lines += [("whole grid, two idle cores", minutes, MINUTES, " min", False)]
    lines += [("share of the test set", 100 * tested, 100 * TEST_SHARE, " %", False)]
    print()
    for name, value, bar, unit, least in lines:
        reached = value >= bar if least else value < bar
        wanted = f"{'at least' if least else 'under'} {bar:.0f}"
        print(f"{name:<28}{value:>8.1f}{unit:<5}{wanted}: {'reached' if reached else 'MISSED'}")
    return all((value >= bar) if least else (value < bar) for _, value, bar, _, least in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jax-python", default=sys.executable, metavar="PYTHON")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{interactive_run.machine()}; load {os.getloadavg()[0]:.1f}\none thread each")
    start = time.perf_counter()
    warm_up()
    print(f"compiling, or loading what was compiled: {time.perf_counter() - start:.1f} s (not counted)")
    cells = [(hidden, size) for size in SHOWN for hidden in SIZES]
    found: dict[str, dict[Cell, float]] = {"plain loop": {}, "batched torch": {}, "jax": {}, "ours": {}}
    shares = []
    with tempfile.TemporaryDirectory() as folder:
        has_jax = not subprocess.run([arguments.jax_python, "-c", "import jax"], capture_output=True).returncode
        for cell in cells:
            found["plain loop"][cell], found["batched torch"][cell] = plain(cell), batched(cell)
            if has_jax:
                found["jax"][cell] = jax_loop(cell, arguments.jax_python, Path(folder))
            found["ours"][cell], share = ours(cell)
            shares.append(share)
            print(f"measured hidden {cell[0]}, train {cell[1]}", file=sys.stderr)
    if not has_jax:
        print(f"jax is not measured: {arguments.jax_python} cannot import it; give --jax-python")
        del found["jax"]
    means = report(found)
    early, late = plain((16, 750)), plain((16, 750), after=10_000)
    print(f"\nplain loop at hidden 16, train 750: {early * 1e6:.0f} µs early, {late * 1e6:.0f} after 10,000 steps")
    for cell in ((16, 750), (64, 1250), (258, 1750)):
        share, bandwidth = share_of_limit(cell)
        limit = f"{share:.0%} of the limit that {bandwidth / 1e9:.0f} GB/s of cached reads set"
        print(f"hidden {cell[0]}, train {cell[1]}, weight decay 1: {limit}")
    weights = np.array([found["ours"][cell] for cell in cells])
    tested = float(np.average(shares, weights=weights))
    # The mean train size of the grid is that of the two sizes measured.
    return 0 if judge(means, tested, np.mean(TRAIN_SIZES) / np.mean(SHOWN)) else 1


if __name__ == "__main__":
    sys.exit(main())
