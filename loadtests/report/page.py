"""The parts a notebook lays its page out with: question and answer first, folded details, figures.

Each part is a Fragment: a notebook displays it, another part takes it in, and text that is not
a Fragment is escaped.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from loadtests.report.markup import Fragment, badge, raw, render
from loadtests.report.style import SAVE_DPI
from loadtests.verdicts import Verdict

TEMPLATE_NAME = "template"
TEMPLATE_BASEDIR = Path(__file__).parent
_PARTS_CSS = TEMPLATE_BASEDIR / TEMPLATE_NAME / "parts.css"

_CARD = """\
<section class="answer-card" aria-label="The question and the answer">
{% if asked %}
<dl class="answer-asked">
{% for name, value in asked.items() %}
<div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
{% endif %}
<p class="answer-sentence">{{ sentence }}</p>
<p class="answer-verdict">{% if verdict %}{{ verdict }} {% endif %}{{ certainty }}</p>
{% if reliability %}
<p class="answer-reliability">{{ reliability }}</p>
{% endif %}
{% if figures %}
<dl class="answer-figures">
{% for name, value in figures.items() %}
<div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
{% endif %}
{% if notes %}
<div class="answer-notes">
{% for title, lines in notes.items() %}
<div><h4>{{ title }}</h4><ul>
{% for line in lines %}
<li>{{ line }}</li>
{% endfor %}
</ul></div>
{% endfor %}
</div>
{% endif %}
</section>"""

_DETAILS = '<details class="more"><summary>{{ summary }}</summary>\n{{ body }}\n</details>'

_NOTE = '<p class="under">{{ text }}</p>'

_FIGURE = """\
<figure class="plot" tabindex="0"><img src="data:image/png;base64,{{ data }}" alt="{{ alt }}" \
width="{{ width }}" height="{{ height }}" style="max-width:100%;height:auto"></figure>"""


class Drawing(Protocol):
    """What a matplotlib Figure can do, as far as this module needs it."""

    canvas: Any

    def set_dpi(self, val: float) -> None:
        """Set how many dots an inch has."""

    def savefig(self, fname: Any, *, dpi: float, format: str) -> None:
        """Write the figure."""

    def get_figwidth(self) -> float:
        """Return the width in inches."""

    def get_figheight(self) -> float:
        """Return the height in inches."""


def answer_card(
    sentence: str,
    verdict: Verdict | None,
    figures: Mapping[str, str],
    certainty: str,
    asked: Mapping[str, str],
    notes: Mapping[str, Sequence[str]],
    reliability: str = "",
) -> Fragment:
    """Return question and answer as a card: what was asked, one sentence, how sure it is, figures.

    asked and figures map a short name to a value with its unit; notes map a title to what stands
    under it, such as the neighbours that fail and what could make the answer wrong. A title without
    any line is left out. `reliability` is one line on how the answer holds; left out where empty.
    """
    return render(
        _CARD,
        asked=asked,
        sentence=sentence,
        verdict=badge(verdict) if verdict is not None else "",
        figures=figures,
        certainty=certainty,
        reliability=reliability,
        notes={title: lines for title, lines in notes.items() if lines},
    )


def details(summary: str, html: str | Fragment) -> Fragment:
    """Fold something under a summary line; a str is text and gets escaped."""
    return render(_DETAILS, summary=summary, body=html)


def note(text: str) -> Fragment:
    """Return a quiet sentence in place of something that there is not."""
    return render(_NOTE, text=text)


def figure_html(fig: Drawing, alt: str) -> Fragment:
    """Return a figure as an inline PNG, sharp on dense screens, with alternative text."""
    return render(
        _FIGURE,
        data=b64encode(png(fig)).decode("ascii"),
        alt=alt,
        width=round(100 * fig.get_figwidth()),
        height=round(100 * fig.get_figheight()),
    )


def png(fig: Drawing) -> bytes:
    """Return a figure as a PNG of at most 256 colours, a third of its size in all colours."""
    drawn, packed = BytesIO(), BytesIO()
    fig.set_dpi(SAVE_DPI)
    # Not as a PNG, which would be packed and unpacked for nothing.
    fig.savefig(drawn, dpi=SAVE_DPI, format="rgba")
    # Asked for: 8.2 inches of 200 dots are 1,639 by Python's arithmetic and 1,640 as drawn.
    size = fig.canvas.get_width_height()
    image = Image.frombuffer("RGBA", size, drawn.getvalue()).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(packed, format="png")
    return packed.getvalue()


def stylesheet() -> Fragment:
    """Return the style of these parts, for JupyterLab; the report's template brings its own."""
    return raw(f'<style data-parts="">\n{_PARTS_CSS.read_text(encoding="utf-8")}</style>')
