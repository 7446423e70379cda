"""How much faster is a bottleneck trained than with an encoder per feature, one at a time?

    python benchmarks/bottleneck.py       (about two minutes)

Bike rentals: twelve features, 291 distinct values, channels of eight dimensions, a decoder of 128 and 128 neurons,
batches of 256 rows. The plain loops are torch with autograd and Adam, and have a module per feature that is called
in a Python loop, as the source's Keras code does: "one-hot" is its dense layer on a one-hot input, "embedding" the
same as a look-up. At every recorded level they also compute what each feature sends, one after the other. Before
anything is timed, the embedding's losses are compared with ours on the same batches and noise. Everything is
measured in this one run, in turns, on one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn.functional import one_hot

from dashboard.analysis.bottleneck import channel
from dashboard.randomness import Purpose, stream
from dashboard.tasks import information_bottleneck as task
from dashboard.training.engine import Recording, fit, make_trainer

TURNS, STEPS, EVERY = 5, 300, 150
BAR, WHOLE_BAR = 3.0, 240.0


class OneHot(nn.Module):
    """A feature's encoder as in the source: a dense layer without bias on a one-hot input."""

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        self.size, self.dense = len(rows), nn.Linear(*rows.shape, bias=False)
        self.dense.weight.data = rows.T.clone()

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(one_hot(x, self.size).float())


class Plain:
    """The loop a user would write, with an encoder per feature."""

    def __init__(self, config: task.Config, encoder: Callable[[Tensor], nn.Module]) -> None:
        drawn, data = task.make_weights(config), task.make_data(config)
        self.config, sizes = config, [len(values) for values in config.table.values]
        parts = torch.split(torch.tensor(drawn["table"], dtype=torch.float32), sizes)
        self.encoders = nn.ModuleList(encoder(part) for part in parts)
        layers: list[nn.Module] = []
        for i in range(config.layers + 1):
            layer = nn.Linear(*drawn[f"W_{i}"].shape)
            layer.weight.data = torch.tensor(drawn[f"W_{i}"].T, dtype=torch.float32)
            layer.bias.data = torch.tensor(drawn[f"b_{i}"], dtype=torch.float32)
            layers += [layer, nn.LeakyReLU(0.3)]
        self.decoder = nn.Sequential(*layers[:-1])
        rate = config.learning_rate
        groups = [
            {"params": self.encoders.parameters(), "lr": rate * config.table_rate},
            {"params": self.decoder.parameters(), "lr": rate},
        ]
        self.optimizer = torch.optim.Adam(groups)
        self.x, y = torch.from_numpy(data.train_x), data.train_y
        self.y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
        self.test = torch.from_numpy(data.test_x), torch.tensor((data.test_y - y.mean()) / y.std())
        self.counts = [np.bincount(data.train_x[:, f], minlength=n) for f, n in enumerate(sizes)]

    def noise(self, draw: np.random.Generator, rows: int) -> Tensor:
        """Standard normal numbers for some rows."""
        shape = rows, len(self.encoders), self.config.embed_size
        return torch.from_numpy(draw.standard_normal(shape, dtype=np.float32))

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Predictions and the price of each row, in nats."""
        sent, price = [], torch.zeros(len(x))
        for f, encoder in enumerate(self.encoders):
            mean, logs = encoder(x[:, f]).chunk(2, dim=-1)
            sent.append(mean + torch.exp(logs / 2) * noise[:, f])
            price = price + 0.5 * (mean**2 + logs.exp() - logs - 1).sum(dim=1)
        return self.decoder(torch.cat(sent, dim=1))[:, 0], price

    def update(self, step: int) -> float:
        """One update; the loss before it."""
        draw = stream(self.config.seed, Purpose.UPDATE, step)
        chosen = torch.from_numpy(draw.integers(len(self.y), size=self.config.batch_size))
        noise = self.noise(draw, len(chosen))
        said, price = self.forward(self.x[chosen], noise)
        loss = ((said - self.y[chosen]) ** 2).mean() + self.config.beta(step) * price.mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def record(self) -> None:
        """What is kept at a level: the error on both sets, and the bits of each feature."""
        draw = stream(self.config.seed, Purpose.MEASURE)
        for x, y in ((self.x, self.y), self.test):
            said, _ = self.forward(x, self.noise(draw, len(x)))
            float(((said - y) ** 2).mean())
        for f, encoder in enumerate(self.encoders):
            channel(encoder(torch.arange(len(self.counts[f]))).numpy(), self.counts[f], draw)

    def train(self, steps: int) -> None:
        """Some updates, with records."""
        for step in range(steps):
            if step % EVERY == 0:
                self.record()
            self.update(step)
        self.record()


def embedding(rows: Tensor) -> nn.Module:
    """A feature's encoder as a look-up."""
    return nn.Embedding.from_pretrained(rows.clone(), freeze=False)


def config_of(steps: int) -> task.Config:
    """The first steps of the shipped training, or all of it."""
    whole = task.Config()
    if steps == whole.steps:
        return whole
    return task.Config(steps=steps, pretrain_steps=steps // 2, log_every=EVERY, checkpoint_every=EVERY)


def ours(config: task.Config) -> None:
    """Our engine, with its records."""
    fit(make_trainer(task.NAME, [config]), config, Recording())


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def same(config: task.Config) -> float:
    """The largest difference of the parameters after fifty updates of both, on the same batches and noise."""
    trainer, plain = make_trainer(task.NAME, [config]), Plain(config, embedding)
    trainer.advance(50)
    for step in range(50):
        plain.update(step)
    parts = [each.weight for each in plain.encoders]
    for layer in plain.decoder:
        if isinstance(layer, nn.Linear):
            parts += [layer.weight.T, layer.bias]
    flat = torch.cat([part.detach().flatten() for part in parts]).numpy()
    return float(np.abs(trainer.state()["parameters"][0] - flat).max())


def main() -> int:
    torch.set_num_threads(1)
    with threadpool_limits(1):
        config = config_of(STEPS)
        difference = same(config)
        print(f"parameters after 50 updates differ by {difference:.1e} at most")
        assert difference < 1e-3, "the two do not compute the same"
        works: dict[str, Callable[[], object]] = {
            "ours": lambda: ours(config),
            "one-hot, one at a time": lambda: Plain(config, OneHot).train(STEPS),
            "embedding, one at a time": lambda: Plain(config, embedding).train(STEPS),
        }
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(TURNS):
            for name, work in works.items():
                taken[name].append(seconds(work))
        met = True
        for name, times in taken.items():
            ratios = [other / own for other, own in zip(times, taken["ours"], strict=True)]
            rate = STEPS / median(times)
            print(f"{name:<26}{rate:8.0f} steps/s   {median(ratios):5.2f}x ({min(ratios):.2f} to {max(ratios):.2f})")
            met = met and (name == "ours" or median(ratios) >= BAR)
        whole = seconds(lambda: ours(config_of(task.Config().steps)))
    print(f"one seed of bike rentals, whole: {whole:.0f} s (bar: {WHOLE_BAR:.0f} s)")
    print(f"bar of {BAR:g}x over one encoder at a time: {'met' if met else 'missed'}")
    return 0 if met and whole < WHOLE_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
