"""How figures and tables look: one palette, one look per verdict. Data only; it draws nothing.

Colours keep their order of lightness in grey print and stay apart under the common kinds of
colour blindness (after Okabe & Ito, "Color Universal Design", 2008); a shape or a word always
says the same as the colour does.
"""

from dataclasses import dataclass

from loadtests.verdicts import Verdict

INK = "#1c2430"
MUTED = "#5b6472"
FAINT = "#a3abb6"
GRID = "#e6e9ed"
PAPER = "#ffffff"
WASH = "#f4f6f8"  # behind the steady state and notes
SELDOM = "#dde4ec"  # settings that are only expected to hold too seldom
EDGE_WASH = "#f6ece6"  # behind answers that never came

LIGHT = "#6fb7e0"  # p50
MIDDLE = "#1f78b4"  # p95
DARK = "#0b3c66"  # p99
ALARM = "#c44e00"  # failed requests, events

# One a replica, dark and light in turn, so that neighbours differ in grey print as well.
REPLICAS = ("#0b3c66", "#e69f00", "#00806a", "#cc79a7", "#56a8dc", "#7a5c00")
DASHES = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Look:
    """How a verdict is shown: colour, marker, hatch, sign and the tints of its badge."""

    colour: str
    marker: str
    hatch: str
    sign: str
    tint: str
    ink: str


LOOKS = {
    Verdict.HOLDS: Look("#00695c", "o", "", "✓", "#dcefeb", "#00483f"),
    Verdict.FAILS: Look("#d9601a", "X", "xx", "✗", "#fbe6d8", "#7d3204"),
    Verdict.UNDECIDED: Look("#c9a227", "D", "//", "?", "#f8f0d3", "#5f4a00"),
    Verdict.INVALID: Look("#8a919c", "s", "..", "!", "#eceef1", "#3f4651"),
}

# Passed to matplotlib.rc_context. DejaVu Sans comes with matplotlib, so a figure is the same on
# every machine. No mathtext: a dollar sign in an image's name is a dollar sign.
RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.0,
    "axes.titlecolor": MUTED,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "lines.linewidth": 1.6,
    "lines.markersize": 7.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.8,
    "figure.titlesize": 12.5,
    "figure.titleweight": "bold",
    "figure.facecolor": PAPER,
    "figure.dpi": 100.0,
    "savefig.dpi": 200.0,
    "savefig.facecolor": PAPER,
}

SAVE_DPI = 200  # twice the layout's 100: sharp on a high-density screen
