"""How much faster is one interactive training than the loop that a user would write?

    python benchmarks/interactive_run.py          a tenth of the steps for what is slow (about a minute)
    python benchmarks/interactive_run.py --full   all steps of everything

Everything is measured in this one run, in turns, on one thread, and the quickest turn counts, so
that the ratios hold on a busy machine too. Compile time is printed, and not part of any ratio.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from dashboard.tasks import sparse_parity
from dashboard.tasks.sparse_parity import Config
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import warm_up

STEPS, EVERY, SEEDS, TURNS = 20_000, 80, 9, 3
BARS = {"one run": 3.0, "nine seeds": 4.0}


def config_of(steps: int, seed: int = 0) -> Config:
    return Config(
        hidden_size=64, train_size=1200, regularization="L2", weight_decay=0.1, learning_rate=1e-3,
        steps=steps, log_every=EVERY, checkpoint_every=EVERY, seed=seed,
    )  # fmt: skip


class Plain(torch.nn.Module):
    """One hidden ReLU layer with the same initial weights as ours."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        drawn = sparse_parity.make_weights(config)
        self.w_in = torch.nn.Parameter(torch.tensor(drawn["W_in"], dtype=torch.float32))
        self.w_out = torch.nn.Parameter(torch.tensor(drawn["W_out"], dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x @ self.w_in) @ self.w_out


def plain(steps: int) -> float:
    """The loop a user would write; returns its last training loss."""
    config = config_of(steps)
    data, model = sparse_parity.make_data(config), Plain(config)
    train_x, train_y, test_x, test_y = (torch.tensor(part, dtype=torch.float32) for part in data)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=(config.beta1, config.beta2), weight_decay=0.1
    )
    rows, checkpoints = [], []
    for step in range(steps + 1):
        logits = model(train_x)
        loss = binary_cross_entropy_with_logits(logits, train_y)
        if step % EVERY == 0:
            with torch.no_grad():
                test = model(test_x)
                test_loss = binary_cross_entropy_with_logits(test, test_y).item()
                right = [((out > 0) == (y > 0)).float().mean().item() for out, y in ((logits, train_y), (test, test_y))]
                rows.append((step, loss.item(), test_loss, *right))
                checkpoints.append({name: weight.clone() for name, weight in model.state_dict().items()})
        if step < steps:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return float(rows[-1][1])


def ours(engine: str, steps: int, models: int = 1) -> float:
    """One of our engines on one or more seeds; returns the first model's last training loss."""
    configs = [config_of(steps, seed) for seed in range(models)]
    recording = Recording()
    fit(make_trainer("sparse_parity", configs, engine), configs[0], recording)
    return float(recording.metrics["train_loss"][-1][0])


def seconds(function: Callable[[], float]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def with_default_threads(steps: int) -> tuple[float, int]:
    """Seconds of the plain loop in a process where torch takes as many threads as it likes, and how many."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    command = [sys.executable, __file__, "--plain-only", str(steps)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    return float(answer[0]), int(answer[1])


def report(name: str, spent: float, steps: int, models: int, against: float) -> float:
    """Print a line; return how many times faster than the plain loop, per model."""
    per_step = spent / steps / models
    ratio = against / per_step
    print(f"{name:<34}{per_step * 1e6:>9.0f}{per_step * STEPS:>12.2f}{ratio:>10.2f}x{steps:>10,}")
    return ratio


def measure(share: int) -> bool:
    """Measure everything; True if every bar is reached."""
    slow, ensemble = STEPS // share, STEPS // min(share, 4)
    start = time.perf_counter()
    warm_up()
    print(f"compiling, or loading what was compiled: {time.perf_counter() - start:.1f} s (not counted)")
    losses = plain(800), ours("lookup", 800), ours("torch", 800)
    print("train loss after 800 steps: plain {:.6f}, look-up {:.6f}, torch engine {:.6f}".format(*losses))
    cases: dict[str, tuple[Callable[[], float], int, int]] = {
        "plain loop": (lambda: plain(slow), slow, 1),
        "look-up engine, one run": (lambda: ours("lookup", STEPS), STEPS, 1),
        "look-up engine, nine seeds": (lambda: ours("lookup", ensemble, SEEDS), ensemble, SEEDS),
        "torch engine, one run": (lambda: ours("torch", slow), slow, 1),
    }
    turns = [{name: seconds(run) for name, (run, _, _) in cases.items()} for _ in range(1 if share == 1 else TURNS)]
    best = {name: min(turn[name] for turn in turns) for name in cases}
    against = best["plain loop"] / slow
    print(f"\n{'':<34}{'µs/step':>9}{'s/20,000':>12}{'faster':>11}{'measured':>10}")
    ratios = {name: report(name, best[name], *rest, against) for name, (_, *rest) in cases.items()}
    spent, threads = with_default_threads(slow)
    report(f"plain loop, torch's {threads} threads", spent, slow, 1, against)
    found = dict(zip(BARS, (ratios["look-up engine, one run"], ratios["look-up engine, nine seeds"]), strict=True))
    print()
    for name, bar in BARS.items():
        print(
            f"{name}: {found[name]:.2f}x, at least {bar:.0f}x wanted: {'reached' if found[name] >= bar else 'MISSED'}"
        )
    return all(found[name] >= bar for name, bar in BARS.items())


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"{platform.machine()}, {cpu}, {os.cpu_count()} cores; {versions}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="run all 20,000 steps of everything")
    parser.add_argument("--plain-only", type=int, metavar="STEPS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.plain_only:
        plain(80)
        print(seconds(lambda: plain(arguments.plain_only)), torch.get_num_threads())
        return 0
    torch.set_num_threads(1)
    print(f"{machine()}\none thread each; hidden 64, 1,200 sequences, log and checkpoint every {EVERY} steps")
    return 0 if measure(1 if arguments.full else 10) else 1


if __name__ == "__main__":
    sys.exit(main())
