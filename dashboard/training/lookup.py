"""The fast engine for networks whose inputs are bits: products become table look-ups.

With up to thirty inputs packed six to a code, `x @ W_in` for 16 neurons is a sum of one row
from each of five tables of 64 rows, all of which stay in the first-level cache; the gradient is
a scatter into the same tables, folded back to one row per digit (the method of four
Russians; Arlazarov et al. 1970, applied here by this project). Adam runs on each block of
16 neurons while it is hot. The torch engine is the oracle of this one in the tests.

Layout: weights of one network are held as (n_blocks, n + 2, LANES): for each block of 16
neurons a row per digit, the bias row, and the row of `W_out`. Neurons that only fill the
last block have weights of zero and keep them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from dashboard.tasks.base import Array, Data
from dashboard.training.adamw import EPSILON

LANES = 16
DIGITS = 6
CODES = 2**DIGITS
GROUPS = 5
MAX_DIGITS = DIGITS * GROUPS
STRIDE = 8
TINY = 1e-30
_FAST = {"reassoc", "contract", "nsz", "arcp"}


def _row(context: Any, builder: Any, array_type: Any, array: Any, start: Any) -> tuple[Any, Any]:
    vector = ir.VectorType(context.get_value_type(array_type.dtype), LANES)
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [start]), vector.as_pointer()), vector


def _load(builder: Any, pointer: Any) -> Any:
    row = builder.load(pointer)
    row.align = 4
    return row


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    lanes = ir.VectorType(ir.IntType(32), LANES)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), ir.Constant(lanes, [0] * LANES))


@intrinsic
def add_rows(typing_context, out, i, a, j, b, k):  # type: ignore[no-untyped-def]
    """out[i : i + 16] = a[j : j + 16] + b[k : k + 16] on flat arrays, as one vector operation."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        left, _ = _row(context, builder, signature.args[2], args[2], args[3])
        right, _ = _row(context, builder, signature.args[4], args[4], args[5])
        target, _ = _row(context, builder, signature.args[0], args[0], args[1])
        builder.store(builder.fadd(_load(builder, left), _load(builder, right)), target).align = 4
        return context.get_dummy_value()

    return types.void(out, i, a, j, b, k), generate


@intrinsic
def look_up(typing_context, table, codes, row, w_out):  # type: ignore[no-untyped-def]
    """One sequence through 16 neurons: (relu(sum of its five table rows) · w_out, 16 bits saying which are on).

    `table` is flat, (GROUPS · CODES · 16,); `codes` is flat, with STRIDE bytes per sequence.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        places = _table_rows(context, builder, signature, args)
        total = _load(builder, next(places))
        for place in places:
            total = builder.fadd(total, _load(builder, place))
        on = builder.fcmp_ordered(">", total, ir.Constant(total.type, [0.0] * LANES))
        start = ir.Constant(ir.IntType(64), 0)
        out, _ = _row(context, builder, signature.args[3], args[3], start)
        active = builder.select(on, total, ir.Constant(total.type, [0.0] * LANES))
        product = builder.fmul(active, _load(builder, out))
        bits = builder.zext(builder.bitcast(on, ir.IntType(LANES)), ir.IntType(32))
        return context.make_tuple(builder, signature.return_type, [_sum(builder, product), bits])

    return types.Tuple((table.dtype, types.int32))(table, codes, row, w_out), generate


@intrinsic
def scatter(typing_context, table, codes, row, value, bits):  # type: ignore[no-untyped-def]
    """Add `value` to the five table rows of one sequence, at the neurons whose bit is set."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        lanes = ir.VectorType(ir.IntType(32), LANES)
        vector = ir.VectorType(context.get_value_type(signature.args[0].dtype), LANES)
        mask = builder.and_(_splat(builder, args[4], lanes), ir.Constant(lanes, [1 << h for h in range(LANES)]))
        on = builder.icmp_signed("!=", mask, ir.Constant(lanes, [0] * LANES))
        added = builder.select(on, _splat(builder, args[3], vector), ir.Constant(vector, [0.0] * LANES))
        for place in _table_rows(context, builder, signature, args):
            builder.store(builder.fadd(_load(builder, place), added), place).align = 4
        return context.get_dummy_value()

    return types.void(table, codes, row, value, bits), generate


def _table_rows(context: Any, builder: Any, signature: Any, args: Any) -> Iterator[Any]:
    """Pointers to the table rows of sequence args[2] under the codes args[1], group by group."""
    i64 = ir.IntType(64)
    codes = context.make_array(signature.args[1])(context, builder, args[1]).data
    first = builder.mul(args[2], ir.Constant(i64, STRIDE))
    for g in range(GROUPS):
        code = builder.load(builder.gep(codes, [builder.add(first, ir.Constant(i64, g))]))
        row = builder.add(builder.zext(code, i64), ir.Constant(i64, g * CODES))
        yield _row(context, builder, signature.args[0], args[0], builder.mul(row, ir.Constant(i64, LANES)))[0]


def _sum(builder: Any, vector: Any) -> Any:
    """The sum over the lanes, by halves."""
    while (lanes := vector.type.count) > 1:
        half = ir.VectorType(ir.IntType(32), lanes // 2)
        undefined = ir.Constant(vector.type, ir.Undefined)
        low = builder.shuffle_vector(vector, undefined, ir.Constant(half, list(range(lanes // 2))))
        high = builder.shuffle_vector(vector, undefined, ir.Constant(half, list(range(lanes // 2, lanes))))
        vector = builder.fadd(low, high)
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


@njit(error_model="numpy", cache=True)
def _fill_tables(block, signed, digit, table):  # type: ignore[no-untyped-def]
    """table[g, code] = sum of the weights of group g under that code; group 0 adds the bias.

    Code 0 has every digit off: 0, or −1 where the coding is signed. Each further digit doubles
    the rows: those with it on are those with it off plus what turning it on is worth.
    """
    n = block.shape[0] - 2
    flat = table.reshape(-1)
    for g in range(GROUPS):
        first, last = g * DIGITS, min(n, (g + 1) * DIGITS)
        for h in range(LANES):
            table[g, 0, h] = block[n, h] if g == 0 else 0
            if signed:
                for i in range(first, last):
                    table[g, 0, h] -= block[i, h]
        for j in range(DIGITS):
            half = 1 << j
            for h in range(LANES):
                weight = block[first + j, h] if first + j < last else 0
                digit[h] = 2 * weight if signed else weight
            for code in range(g * CODES, g * CODES + half):
                add_rows(flat, (half + code) * LANES, flat, code * LANES, digit, 0)


@njit(error_model="numpy", cache=True)
def _fold_tables(table, n, signed, sums):  # type: ignore[no-untyped-def]
    """sums[i] = sum over rows of input i times what was scattered; row n is the bias."""
    flat, out = table.reshape(-1), sums.reshape(-1)
    for g in range(GROUPS):
        base = g * CODES
        for j in range(DIGITS - 1, -1, -1):
            i, half = g * DIGITS + j, 1 << j
            if i < n:
                sums[i] = 0
                for code in range(half):
                    add_rows(out, i * LANES, out, i * LANES, flat, (base + half + code) * LANES)
            for code in range(half):
                add_rows(flat, (base + code) * LANES, flat, (base + code) * LANES, flat, (base + half + code) * LANES)
    sums[n] = table[0, 0]
    if signed:
        for i in range(n):
            for h in range(LANES):
                sums[i, h] = 2 * sums[i, h] - sums[n, h]


@njit(error_model="numpy", cache=True)
def _forward(codes, weights, signed, table, digit, logits, masks):  # type: ignore[no-untyped-def]
    """Logits of all sequences; keep which neurons were on, 16 bits per block and sequence."""
    flat, packed = table.reshape(-1), codes.reshape(-1)
    logits[:] = 0
    for block in range(weights.shape[0]):
        _fill_tables(weights[block], signed, digit, table)
        w_out, mask = weights[block, -1], masks[block]
        for row in range(logits.size):
            share, on = look_up(flat, packed, row, w_out)
            logits[row] += share
            mask[row] = on


@njit(error_model="numpy", fastmath=_FAST, cache=True)
def _adamw(weights, mean, square, gradient, rate, root, constants):  # type: ignore[no-untyped-def]
    """One update, as `training.adamw` makes it; constants are 1 − β₁, 1 − β₂, ε, λ of L1, 1 − ηλ of L2."""
    zero, tiny = weights.dtype.type(0), weights.dtype.type(TINY)
    fresh1, fresh2, epsilon, l1, keep = constants[0], constants[1], constants[2], constants[3], constants[4]
    for i in range(weights.size):
        w, g = weights[i], gradient[i]
        shrunk = max(abs(g) - l1, zero)
        at_zero = shrunk if g > zero else -shrunk
        penalised = g + l1 if w > zero else g - l1
        g = at_zero if w == zero else penalised
        m = mean[i] + fresh1 * (g - mean[i])
        v = square[i] + fresh2 * (g * g - square[i])
        mean[i] = m if abs(m) > tiny else zero
        square[i] = v if v > tiny else zero
        new = w * keep - rate * mean[i] / (np.sqrt(square[i]) / root + epsilon)
        stays = (l1 > zero) & ((new * w < zero) | ((w == zero) & (g == zero)))
        weights[i] = zero if stays else new


@njit(error_model="numpy", cache=True)
def _advance(codes, signs, weights, mean, square, first, last, signed, schedule, constants):  # type: ignore[no-untyped-def]
    """Make the updates first + 1 … last in place.

    `signs` is +1 for label 1 and −1 for 0; `schedule` is learning rate, β₁, β₂ in float64.
    """
    size, n, real = codes.shape[0], weights.shape[1] - 2, weights.dtype.type
    table = np.zeros((GROUPS, CODES, LANES), weights.dtype)
    digit = np.zeros(LANES, weights.dtype)
    sums = np.zeros((n + 1, LANES), weights.dtype)
    gradient = np.zeros((n + 2, LANES), weights.dtype)
    logits, residual = np.zeros(size, weights.dtype), np.zeros(size, weights.dtype)
    masks = np.zeros((weights.shape[0], size), np.uint16)
    flat, packed, one, share = table.reshape(-1), codes.reshape(-1), real(1), real(1 / size)
    for step in range(first + 1, last + 1):
        rate = real(schedule[0] / (1 - schedule[1] ** step))
        root = real(np.sqrt(1 - schedule[2] ** step))
        _forward(codes, weights, signed, table, digit, logits, masks)
        for row in range(size):
            residual[row] = -signs[row] * share / (one + np.exp(signs[row] * logits[row]))
        for block in range(weights.shape[0]):
            mask, w = masks[block], weights[block]
            table[:] = 0
            for row in range(size):
                scatter(flat, packed, row, residual[row], np.int32(mask[row]))
            _fold_tables(table, n, signed, sums)
            gradient[n + 1] = 0
            for i in range(n + 1):
                for h in range(LANES):
                    gradient[i, h] = sums[i, h] * w[n + 1, h]
                    gradient[n + 1, h] += sums[i, h] * w[i, h]
            m, v = mean[block].reshape(-1), square[block].reshape(-1)
            _adamw(w.reshape(-1), m, v, gradient.reshape(-1), rate, root, constants)


class LookupTrainer:
    """An ensemble of parity networks on bit inputs; see `training.engine.Trainer`.

    Args:
        configs: sparse-parity configs with equal `n` (at most 30), sizes and precision.
        data: a `Data` per config, inputs coded as the config says with a bias column.
        weights: initial weights per config, as `make_weights` draws them.
    """

    def __init__(self, configs: Sequence[Any], data: Sequence[Data], weights: Sequence[dict[str, Array]]) -> None:
        if configs[0].n > MAX_DIGITS:
            raise ValueError(f"n={configs[0].n} is too many digits for look-ups; at most {MAX_DIGITS}")
        self.step = 0
        self._models = [_Model(*each) for each in zip(configs, data, weights, strict=True)]

    def advance(self, step: int) -> None:
        """Make updates until `self.step` is `step`."""
        for model in self._models:
            _advance(*model.train, *model.state, self.step, step, *model.constants)
        self.step = step

    def metrics(self) -> dict[str, Array]:
        """Loss in nats and accuracy of the networks as they are now; each of shape (n_models,)."""
        rows = [model.metrics() for model in self._models]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def weights(self) -> dict[str, Array]:
        """Copies of `W_in` (n_models, n + 1, hidden_size) and `W_out` (n_models, hidden_size)."""
        flat = [model.rows(0) for model in self._models]
        return {"W_in": np.stack([rows[:-1] for rows in flat]), "W_out": np.stack([rows[-1] for rows in flat])}

    def state(self) -> dict[str, Array]:
        """What `restore` needs to go on exactly from here: weights and Adam's moments."""
        names = ("weights", "mean", "square")
        return {name: np.stack([model.state[i] for model in self._models]) for i, name in enumerate(names)}

    def restore(self, step: int, state: dict[str, Array]) -> None:
        """Go back to a recorded `state` at `step`."""
        self.step = step
        for index, model in enumerate(self._models):
            for own, saved in zip(model.state, (state["weights"], state["mean"], state["square"]), strict=True):
                own[:] = saved[index]


class _Model:
    """One network, its packed data and its constants, as the kernel wants them."""

    def __init__(self, config: Any, data: Data, weights: dict[str, Array]) -> None:
        real = np.dtype(config.precision).type
        self.hidden_size = config.hidden_size
        self.train = _pack(data.train_x), _signs(data.train_y, real)
        self.test = _pack(data.test_x), _signs(data.test_y, real)
        rows = np.concatenate([weights["W_in"], weights["W_out"][None]]).astype(real)
        blocks = -(-config.hidden_size // LANES)
        padded = np.zeros((len(rows), blocks * LANES), real)
        padded[:, : config.hidden_size] = rows
        start = np.ascontiguousarray(padded.reshape(len(rows), blocks, LANES).swapaxes(0, 1))
        self.state = start, np.zeros_like(start), np.zeros_like(start)
        l1 = config.weight_decay * (config.regularization == "L1")
        l2 = config.weight_decay * (config.regularization == "L2")
        keep = 1 - config.learning_rate * l2
        constants = np.array([1 - config.beta1, 1 - config.beta2, EPSILON, l1, keep], real)
        schedule = np.array([config.learning_rate, config.beta1, config.beta2])
        self.constants = config.coding == "±1", schedule, constants

    def rows(self, which: int) -> Array:
        """A state tensor as (n + 2, hidden_size): digits, bias, output."""
        return self.state[which].swapaxes(0, 1).reshape(self.state[which].shape[1], -1)[:, : self.hidden_size]

    def metrics(self) -> dict[str, float]:
        train_loss, train_accuracy = self._measure(*self.train)
        test_loss, test_accuracy = self._measure(*self.test)
        return {
            "train_loss": train_loss,
            "test_loss": test_loss,
            "train_accuracy": train_accuracy,
            "test_accuracy": test_accuracy,
        }

    def _measure(self, codes: Array, signs: Array) -> tuple[float, float]:
        real = signs.dtype
        table, digit = np.zeros((GROUPS, CODES, LANES), real), np.zeros(LANES, real)
        logits, masks = np.zeros(len(signs), real), np.zeros((len(self.state[0]), len(signs)), np.uint16)
        _forward(codes, self.state[0], self.constants[0], table, digit, logits, masks)
        with np.errstate(invalid="ignore", over="ignore"):  # the loop refuses a loss that is not finite
            losses = np.logaddexp(0, -(signs * logits).astype(np.float64))
        return float(losses.mean()), float(((logits > 0) == (signs > 0)).mean())


def _pack(x: Array) -> Array:
    """Codes of six digits each, shape (size, STRIDE), uint8; the bias column is left out."""
    bits = x[:, :-1] > 0
    padded = np.zeros((len(bits), MAX_DIGITS), np.uint8)
    padded[:, : bits.shape[1]] = bits
    places = np.arange(DIGITS, dtype=np.uint8)
    codes = np.zeros((len(bits), STRIDE), np.uint8)
    codes[:, :GROUPS] = (padded.reshape(len(bits), GROUPS, DIGITS) << places).sum(axis=2, dtype=np.uint8)
    return codes


def _signs(y: Array, real: Any) -> Array:
    return np.asarray(2 * y - 1, real)
