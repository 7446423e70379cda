"""The matrices of modular addition: from what is trained to what acts on numbers, and back.

W_input = W_E W_in for a (and b, if the in-projection is tied or collapsed) and W_output = W_U W_outᵀ are products over
p numbers, not over thousands of pairs. A factor that is not among the weights is left out: a projection
that is collapsed, an unembedding that is tied. The products write into arrays that are made once.
"""

from __future__ import annotations

import numpy as np

from dashboard.tasks.base import Array


class Factors:
    """The products of an ensemble's weights, and the gradients of its weights from those of the products.

    Args:
        weights: by name as `tasks.modular_addition.make_weights` draws them, each (n_models, …).
        gradients: arrays of the same shapes, written by `backward`.
        fixed: names of weights that are not trained.

    Attributes:
        left: W_input for the first number, (n_models, p, hidden_size).
        right: for the second one; the same array if the in-projection is tied or collapsed.
        out: W_output, (n_models, p, hidden_size).
    """

    def __init__(self, weights: dict[str, Array], gradients: dict[str, Array], fixed: tuple[str, ...] = ()) -> None:
        self._w, self._g, self._fixed = weights, gradients, fixed
        self._unembedding = "W_U" if "W_U" in weights else "W_E"
        self.left = self._product("W_E", "W_in")
        self.right = self.left
        if "W_in_b" in weights:
            self.right = self._product("W_E", "W_in_b")
        self.out = self._product(self._unembedding, "W_out", transposed=True)
        self._room = np.empty_like(weights["W_E"]) if len(self._parts()) > 1 else None

    def _product(self, embedding: str, projection: str, transposed: bool = False) -> Array:
        if projection not in self._w:
            return self._w[embedding]
        rows, factor = self._w[embedding], self._w[projection]
        return np.empty((*rows.shape[:2], factor.shape[1 if transposed else 2]), rows.dtype)

    def _parts(self) -> list[str]:
        """What the gradient of W_E is a sum of."""
        shares: list[str] = [name for name in ("W_in", "W_in_b") if name in self._w] or ["W_in"]
        return [*shares, "W_out"] if self._unembedding == "W_E" else shares

    def forward(self) -> None:
        """Bring the products up to date."""
        for name, product in (("W_in", self.left), ("W_in_b", self.right)):
            if name in self._w:
                np.matmul(self._w["W_E"], self._w[name], out=product)
        if "W_out" in self._w:
            np.matmul(self._w[self._unembedding], _transposed(self._w["W_out"]), out=self.out)

    def backward(self, left: Array, right: Array, out: Array) -> None:
        """Write the gradients of the weights, given those of the products.

        Args:
            left: gradient of `left`, to which that of `right` has been added if they are one.
            right: gradient of `right`.
            out: gradient of `out`.
        """
        embedding = _transposed(self._w["W_E"])
        for name, gradient in (("W_in", left), ("W_in_b", right)):
            if name in self._w:
                np.matmul(embedding, gradient, out=self._g[name])
        if "W_out" in self._w:
            np.matmul(_transposed(out), self._w[self._unembedding], out=self._g["W_out"])
        if "W_U" in self._w:
            self._through("W_out", out, self._g["W_U"])
        if "W_E" not in self._fixed:
            self._embedding({"W_in": left, "W_in_b": right, "W_out": out})

    def _embedding(self, gradients: dict[str, Array]) -> None:
        """The gradient of W_E: a sum over the ways it takes part."""
        first, *others = self._parts()
        self._through(first, gradients[first], self._g["W_E"])
        for name in others:
            assert self._room is not None
            self._through(name, gradients[name], self._room)
            self._g["W_E"] += self._room

    def _through(self, name: str, gradient: Array, target: Array) -> None:
        """The gradient on the embedding's side of a projection; collapsed, it is that of the product itself."""
        if name not in self._w:
            target[:] = gradient
        else:
            factor = self._w[name]
            np.matmul(gradient, factor if name == "W_out" else _transposed(factor), out=target)


def _transposed(stack: Array) -> Array:
    return stack.transpose(0, 2, 1)
