"""Terms of the field, each explained where it first stands on a page: on hover, focus and tap."""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.citations import popover

# Term -> what it means, in a sentence or two that need no other term.
TERMS: dict[str, str] = {
    "accuracy": "The share of questions that are answered right.",
    "AdamW": "The usual way to train a network: every weight has a step size of its own, and is pulled a little towards zero each time.",
    "Bhattacharyya coefficient": "How much two noisy signals overlap: 1 where they cannot be told apart, 0 where they never meet.",
    "bit": "The unit of information: what the answer to one fair yes-or-no question tells.",
    "bottleneck": "A network that pays for what it takes from its input, so that it takes only what is worth the price.",
    "channel": "A noisy line on which one feature of the input is sent to the rest of the network.",
    "checkpoint": "All weights of a network, kept at one step of its training.",
    "clipping": "A probability is kept a little away from 0 and 1. Beyond that, a right answer is not pushed any further.",
    "entropy": "How much is unknown of something before it is seen, in bits. H(Y) is the entropy of Y.",
    "correlation": "How far two rows of numbers rise and fall together: 1 if always, 0 if not at all.",
    "cross-entropy": "How surprised a network is by the right answers, on average; never less than what is really unknown of them.",
    "decoder": "The part of a network that makes a prediction of what arrives.",
    "embedding": "The numbers by which a network holds one input: a point in a space.",
    "excluded loss": "The loss that is left when what rests on the network's final frequencies is taken out of its answers.",
    "Fourier components": "How much of each wave there is in a row of numbers.",
    "frequency": "How many times a wave goes up and down over all numbers.",
    "Gaussian": "A bell-shaped spread of chance around a mean value.",
    "Gini coefficient": "How unevenly something is spread: 0 if all have the same, near 1 if one has everything.",
    "grokking": "Learning the training examples by heart first and, much later, what they have in common.",
    "harmonic": "A wave that goes up and down a whole number of times in one turn of an angle.",
    "held-out": "Kept away from the training, so that the error on it is that of something new.",
    "InfoNCE": "An estimate of information from below: how well each signal tells its own cause from all others.",
    "inverse participation ratio": "How pure a wave is: 1 if it is a single wave, smaller the more waves are mixed.",
    "KL divergence": "How far a noisy signal is from noise that would cost nothing. On average it is never less than the information that is sent.",
    "L1": "A penalty on the size of every weight, the same pull however small it is; it ends at exactly zero.",
    "L2": "A penalty that pulls large weights more than small ones; they shrink, but never quite to zero.",
    "leave-one-out": "An estimate of information from above: how much likelier a signal is under its own cause than under all others.",
    "learning rate": "How far the weights move in one step of the training.",
    "logit": "A network's score for an answer, before it is turned into a probability.",
    "loss": "How surprised a network is by the right answers, on average. Training makes it small.",
    "mutual information": "How much is known of one thing when the other is seen, in bits. I(X;Y) is that of X and Y.",
    "nats": "A unit of surprise, as bits are: 1 nat is 1.44 bits.",
    "norm": "The size of many numbers taken together, as the length of one arrow.",
    "prior": "The noise that costs nothing to send, since it says nothing of the input.",
    "regulariser": "What pulls the weights of a network towards zero while it is trained.",
    "ReLU": "What a neuron does with its sum: it passes it on if it is positive, and else gives 0.",
    "restricted loss": "The loss of only that part of the answers which rests on the network's final frequencies.",
    "RMSE": "Root-mean-square error: how far predictions are from the truth, in the unit of what is predicted.",
    "seed": "The number from which everything random is drawn; another seed is another draw of the same experiment.",
    "standard error": "How far a sampled number is likely to be from the exact one; twice that is seldom exceeded.",
    "sensitivity": "The share of the ill that a test finds.",
    "specificity": "The share of the healthy in whom a test finds nothing.",
    "step": "One update of all weights.",
    "test set": "Examples that the network is asked but never trained on.",
    "training set": "The examples that the network is trained on.",
    "unembedding": "The numbers by which a network compares what it has found with every possible answer.",
    "W_input": "The weights from every number into every neuron.",
    "W_output": "The weights from every neuron to every answer.",
    "weight decay": "How strongly every weight is pulled towards zero at each step; it is written λ.",
    "XOR": "One or the other, but not both.",
    "β": "The price of information: how much error a network accepts rather than send one more nat.",
}


# How a text has a term, where it is not the name itself with an s at most. A bit worse is no bit, and
# a circle's angles α and β are no prices.
FORMS: dict[str, str] = {
    "accuracy": "accurac(?:y|ies)",
    "Fourier components": "Fourier components?",
    "bit": "bits?(?! longer| more| worse)",
    "clipping": "clipp(?:ing|ed)",
    "Gaussian": "Gaussians?",
    "held-out": "held[- ]out",
    "leave-one-out": "leave-one-out",
    "frequency": "frequenc(?:y|ies)",
    "grokking": "grok(?:s|ked|king)?",
    "L1": "L1(?! norm)",
    "L2": "L2(?! norm)",
    "loss": "loss(?:es)?",
    "nats": "nats?",
    "regulariser": "regulari[sz](?:er|ation)s?",
    "norm": "(?:L[12] )?norms?",
    "test set": "test (?:set|sequences|pairs)",
    "training set": "training (?:set|sequences|pairs)",
    "β": "(?<![α+] )(?<!α, )(?<!α and )β(?! and)",
}
# Longer terms first: an excluded loss is not just a loss.
_ANY = re.compile(
    r"(?<!\w)(?:"
    + "|".join(f"({FORMS.get(name, re.escape(name) + 's?')})" for name in sorted(TERMS, key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)
_NAMES = sorted(TERMS, key=len, reverse=True)
# Running text, and what in it may not hold a button or is read out by a script.
_RUNNING = {"P", "Figcaption", "Li"}
_CLOSED = {"A", "Link", "Button", "Label", "Code", "Pre", "Summary"}
_QUIET = {"visually-hidden", "note-popover"}


def term(name: str, shown: str = "") -> html.Span:
    """A term that opens its explanation.

    Args:
        name: as in `TERMS`.
        shown: how the sentence has it; the name itself by default.
    """
    return popover(shown or name, [TERMS[name]], "term", label=f"{shown or name}: what it means")


def explained(page: Any) -> Any:
    """A page on which every term opens where it first stands in running text.

    Headings, tables, links and buttons are left alone. What a page is made of may be shared: nothing is changed in place.
    """
    return _explained(page, set(), False)


def _explained(node: Any, seen: set[str], running: bool) -> Any:
    if isinstance(node, str):
        return _marked(node, seen) if running else node
    if isinstance(node, list | tuple):
        return _flat([_explained(child, seen, running) for child in node])
    if not isinstance(node, Component) or _is_closed(node):
        return node
    children = getattr(node, "children", None)
    if children is None:
        return node
    new = copy(node)
    new.children = _explained(children, seen, running or type(node).__name__ in _RUNNING)
    return new


def _is_closed(node: Any) -> bool:
    quiet = _QUIET & set(str(getattr(node, "className", None) or "").split())
    return type(node).__name__ in _CLOSED or bool(quiet) or getattr(node, "role", None) == "status"


def _flat(parts: list[Any]) -> list[Any]:
    return [each for part in parts for each in (part if isinstance(part, list) else [part])]


def _marked(text: str, seen: set[str]) -> Any:
    """A text with the terms that were not seen before opened; the text itself if there are none."""
    parts, end = [], 0
    for found in _ANY.finditer(text):
        name = _NAMES[(found.lastindex or 1) - 1]
        if name not in seen:
            seen.add(name)
            parts += [text[end : found.start()], term(name, found.group())]
            end = found.end()
    return [*parts, text[end:]] if parts else text
