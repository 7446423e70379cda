"""The sources of this project, and what of each is used."""

from __future__ import annotations

from typing import NamedTuple


class Reference(NamedTuple):
    """One source.

    Attributes:
        short: how the prose names it.
        text: the full citation.
        url: where it is.
        used: what of it this project uses; for background, what it is about.
        background: whether nothing here is computed from it.
    """

    short: str
    text: str
    url: str
    used: str
    background: bool = False


REFERENCES: dict[str, Reference] = {
    "pearce2023": Reference(
        "Pearce et al. 2023",
        "Adam Pearce, Asma Ghandeharioun, Nada Hussein, Nithum Thain, Martin Wattenberg, Lucas Dixon: "
        "Do Machine Learning Models Memorize or Generalize? People + AI Research, Google, 2023.",
        "https://pair.withgoogle.com/explorables/grokking/",
        "The experiments with 1s and 0s, modular addition, five neurons and sixteen architectures; charts and colours.",
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
        "Restricted and excluded loss, and the phases under a flat accuracy curve.",
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
    "liu2022": Reference(
        "Liu et al. 2022",
        "Ziming Liu, Eric J. Michaud, Max Tegmark: Omnigrok: Grokking Beyond Algorithmic Data. arXiv 2210.01117, 2022.",
        "https://arxiv.org/abs/2210.01117",
        "The scale of the initial weights as a setting of every network.",
    ),
    "chughtai2023": Reference(
        "Chughtai et al. 2023",
        "Bilal Chughtai, Lawrence Chan, Neel Nanda: A Toy Model of Universality: Reverse Engineering How Networks "
        "Learn Group Operations. arXiv 2302.03025, 2023.",
        "https://arxiv.org/abs/2302.03025",
        "modular addition as one of many groups, and networks that find the same solution in different frequencies.",
        background=True,
    ),
    "loshchilov2017": Reference(
        "Loshchilov & Hutter 2017",
        "Ilya Loshchilov, Frank Hutter: Decoupled Weight Decay Regularization. arXiv 1711.05101, 2017.",
        "https://arxiv.org/abs/1711.05101",
        "Weight decay apart from the gradient (AdamW), for the networks that are trained under L2.",
    ),
    "kingma2014": Reference(
        "Kingma & Ba 2014",
        "Diederik P. Kingma, Jimmy Ba: Adam: A Method for Stochastic Optimization. arXiv 1412.6980, 2014.",
        "https://arxiv.org/abs/1412.6980",
        "Adam, which trains the information bottlenecks, and the networks under L1 or without decay.",
    ),
    "andrew2007": Reference(
        "Andrew & Gao 2007",
        "Galen Andrew, Jianfeng Gao: Scalable training of L1-regularized log-linear models. ICML 2007.",
        "https://doi.org/10.1145/1273496.1273501",
        "Weights of 1s and 0s under L1 that stop at zero instead of crossing it.",
    ),
    "fanaee2013": Reference(
        "Fanaee-T & Gama 2013",
        "Hadi Fanaee-T, João Gama: Event labeling combining ensemble detectors and background knowledge. Progress in "
        "Artificial Intelligence 2, 2013. Data: Bike Sharing, UCI Machine Learning Repository, CC BY 4.0.",
        "https://archive.ics.uci.edu/dataset/275/bike+sharing+dataset",
        "The hours of bike rentals, with their calendar and weather.",
    ),
    "murphy2022": Reference(
        "Murphy & Bassett 2022",
        "Kieran A. Murphy, Dani S. Bassett: The Distributed Information Bottleneck reveals the explanatory structure "
        "of complex systems. arXiv 2204.07576, 2022.",
        "https://arxiv.org/abs/2204.07576",
        "The Distributed Information Bottleneck: a channel of its own for every feature, and one price for all.",
    ),
    "murphy2023": Reference(
        "Murphy & Bassett 2023",
        "Kieran A. Murphy, Dani S. Bassett: Interpretability with full complexity by constraining feature information. "
        "ICLR 2023 (arXiv 2211.17264).",
        "https://arxiv.org/abs/2211.17264",
        "The decomposition of a prediction from a table by features, and the matrices of what can be told apart.",
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
    "kingma2013": Reference(
        "Kingma & Welling 2013",
        "Diederik P. Kingma, Max Welling: Auto-Encoding Variational Bayes. arXiv 1312.6114, 2013.",
        "https://arxiv.org/abs/1312.6114",
        "The Gaussian channels of the bottlenecks: noise is drawn apart from mean and width, so that both are learned.",
    ),
    "poole2019": Reference(
        "Poole et al. 2019",
        "Ben Poole, Sherjil Ozair, Aaron van den Oord, Alexander A. Alemi, George Tucker: On Variational Bounds of "
        "Mutual Information. ICML 2019 (arXiv 1905.06922).",
        "https://arxiv.org/abs/1905.06922",
        "The bounds on the bits of a continuous feature: InfoNCE from below, leave-one-out from above.",
    ),
    "agarwal2021": Reference(
        "Agarwal et al. 2021",
        "Rishabh Agarwal, Levi Melnick, Nicholas Frosst, Xuezhou Zhang, Ben Lengerich, Rich Caruana, Geoffrey Hinton: "
        "Neural Additive Models: Interpretable Machine Learning with Neural Nets. NeurIPS 2021 (arXiv 2004.13912).",
        "https://arxiv.org/abs/2004.13912",
        "models that add up what each feature says, which bottlenecks are compared with elsewhere.",
        background=True,
    ),
    "winding2023": Reference(
        "Winding et al. 2023",
        "Michael Winding, Benjamin D. Pedigo, Christopher L. Barnes, et al.: The connectome of an insect brain. "
        "Science 379, eadd9330, 2023.",
        "https://doi.org/10.1126/science.add9330",
        "a network of neurons that was read from nature instead of trained.",
        background=True,
    ),
    "murphy2024": Reference(
        "Murphy & Bassett 2024",
        "Kieran A. Murphy, Dani S. Bassett: Information decomposition in complex systems via machine learning. "
        "PNAS 121, 2024 (arXiv 2307.04755).",
        "https://arxiv.org/abs/2307.04755",
        "The Boolean circuit, and the view that the most relevant variation comes first as bits are bought.",
    ),
    "murphy2024tutorial": Reference(
        "Murphy & Bassett, tutorial",
        "Kieran A. Murphy, Dani S. Bassett: Where is the information in data? An interactive tutorial, July 2024. "
        "Its draft of June 2024 was called What information does a model use?",
        "https://murphyka.github.io/information_explorable",
        "The question in this project's title, the tests of a disease, the telegraph, the two towns, the embedding, "
        "the game of tiles and the figure of bike rentals.",
    ),
}
