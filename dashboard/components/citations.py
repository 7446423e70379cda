"""References, citations that open on hover, focus and tap, and footnotes."""

from __future__ import annotations

from typing import Any, NamedTuple

from dash import html


class Reference(NamedTuple):
    """One source.

    Attributes:
        short: how the prose names it.
        text: the full citation.
        url: where it is.
        used: what of it this project uses.
    """

    short: str
    text: str
    url: str
    used: str


REFERENCES: dict[str, Reference] = {
    "pearce2023": Reference(
        "Pearce et al. 2023",
        "Adam Pearce, Asma Ghandeharioun, Nada Hussein, Nithum Thain, Martin Wattenberg, Lucas Dixon: "
        "Do Machine Learning Models Memorize or Generalize? People + AI Research, Google, 2023.",
        "https://pair.withgoogle.com/explorables/grokking/",
        "The sparse-parity experiment, its charts and its colours.",
    ),
    "power2022": Reference(
        "Power et al. 2022",
        "Alethea Power, Yuri Burda, Harri Edwards, Igor Babuschkin, Vedant Misra: Grokking: Generalization Beyond "
        "Overfitting on Small Algorithmic Datasets. arXiv 2201.02177, 2022.",
        "https://arxiv.org/abs/2201.02177",
        "The discovery and the word.",
    ),
    "barak2022": Reference(
        "Barak et al. 2022",
        "Boaz Barak, Benjamin Edelman, Surbhi Goel, Sham Kakade, Eran Malach, Cyril Zhang: Hidden Progress in Deep "
        "Learning: SGD Learns Parities Near the Computational Limit. arXiv 2207.08799, 2022.",
        "https://arxiv.org/abs/2207.08799",
        "Sparse parity as a test, and the weight on its support as a hidden progress measure.",
    ),
    "merrill2023": Reference(
        "Merrill et al. 2023",
        "William Merrill, Nikolaos Tsilivis, Aman Shukla: A Tale of Two Circuits: Grokking as Competition of Sparse "
        "and Dense Subnetworks. arXiv 2303.11873, 2023.",
        "https://arxiv.org/abs/2303.11873",
        "Effective sparsity, and that four neurons are enough.",
    ),
    "nanda2023": Reference(
        "Nanda et al. 2023",
        "Neel Nanda, Lawrence Chan, Tom Lieberum, Jess Smith, Jacob Steinhardt: Progress measures for grokking via "
        "mechanistic interpretability. arXiv 2301.05217, 2023.",
        "https://arxiv.org/abs/2301.05217",
        "The idea that progress is gradual underneath a sudden jump.",
    ),
    "gromov2023": Reference(
        "Gromov 2023",
        "Andrey Gromov: Grokking modular arithmetic. arXiv 2301.02679, 2023.",
        "https://arxiv.org/abs/2301.02679",
        "The closed form of a network for modular addition, and the inverse participation ratio.",
    ),
    "zhong2023": Reference(
        "Zhong et al. 2023",
        "Ziqian Zhong, Ziming Liu, Max Tegmark, Jacob Andreas: The Clock and the Pizza: Two Stories in Mechanistic "
        "Explanation of Neural Networks. arXiv 2306.17844, 2023.",
        "https://arxiv.org/abs/2306.17844",
        "Measures that tell algorithms of modular addition apart.",
    ),
    "loshchilov2017": Reference(
        "Loshchilov & Hutter 2017",
        "Ilya Loshchilov, Frank Hutter: Decoupled Weight Decay Regularization. arXiv 1711.05101, 2017.",
        "https://arxiv.org/abs/1711.05101",
        "AdamW, the optimiser of every network here.",
    ),
    "andrew2007": Reference(
        "Andrew & Gao 2007",
        "Galen Andrew, Jianfeng Gao: Scalable training of L1-regularized log-linear models. ICML 2007.",
        "https://doi.org/10.1145/1273496.1273501",
        "Weights under L1 that stop at zero instead of crossing it.",
    ),
    "fanaee2013": Reference(
        "Fanaee-T & Gama 2013",
        "Hadi Fanaee-T, João Gama: Event labeling combining ensemble detectors and background knowledge. Progress in "
        "Artificial Intelligence 2, 2013. Data: Bike Sharing, UCI Machine Learning Repository, CC BY 4.0.",
        "https://archive.ics.uci.edu/dataset/275/bike+sharing+dataset",
        "The hours of bike rentals, with their calendar and weather.",
    ),
    "murphy2023": Reference(
        "Murphy & Bassett 2023",
        "Kieran A. Murphy, Dani S. Bassett: Interpretability with full complexity by constraining feature information. "
        "ICLR 2023 (arXiv 2211.17264).",
        "https://arxiv.org/abs/2211.17264",
        "The Distributed Information Bottleneck with a price per feature.",
    ),
    "cover2006": Reference(
        "Cover & Thomas 2006",
        "Thomas M. Cover, Joy A. Thomas: Elements of Information Theory, second edition. Wiley, 2006.",
        "https://doi.org/10.1002/047174882X",
        "Entropy, mutual information and the channels.",
    ),
    "tishby2000": Reference(
        "Tishby et al. 2000",
        "Naftali Tishby, Fernando C. Pereira, William Bialek: The information bottleneck method. "
        "physics/0004057, 2000.",
        "https://arxiv.org/abs/physics/0004057",
        "A price on information about the input.",
    ),
    "alemi2016": Reference(
        "Alemi et al. 2016",
        "Alexander A. Alemi, Ian Fischer, Joshua V. Dillon, Kevin Murphy: Deep Variational Information Bottleneck. "
        "arXiv 1612.00410, 2016.",
        "https://arxiv.org/abs/1612.00410",
        "The divergence from a prior as the price.",
    ),
    "murphy2024": Reference(
        "Murphy & Bassett 2024",
        "Kieran A. Murphy, Dani S. Bassett: Information decomposition in complex systems via machine learning. "
        "PNAS 121, 2024 (arXiv 2307.04755).",
        "https://arxiv.org/abs/2307.04755",
        "The question in the title: which information about the input does a model use?",
    ),
    "murphy2024tutorial": Reference(
        "Murphy & Bassett, tutorial",
        "Kieran A. Murphy, Dani S. Bassett: Where is the information in data? An interactive tutorial, July 2024.",
        "https://murphyka.github.io/information_explorable",
        "The telegraph, the two towns, the game of tiles and the figure of bike rentals.",
    ),
}


def cite(key: str, after: str = ".") -> html.Span:
    """A citation: its short form, and the full one on hover, focus and tap.

    `after` is the punctuation that follows it and must not begin a line.
    """
    reference = REFERENCES[key]
    link = html.A("Open", href=reference.url, target="_blank", rel="noopener")
    return html.Span([_popover(reference.short, [reference.text, " ", link], "cite"), after], className="unbroken")


def footnote(*text: Any) -> html.Span:
    """A remark behind a small mark."""
    return _popover("†", list(text), "footnote", label="Footnote")


def _popover(mark: str, content: list[Any], kind: str, label: str = "") -> html.Span:
    extra = {"aria-label": label} if label else {}
    return html.Span(
        [
            html.Button(mark, type="button", className="popover-mark", **extra),
            html.Span(content, className="popover-text", role="note"),
        ],
        className=f"note-popover {kind}",
    )
