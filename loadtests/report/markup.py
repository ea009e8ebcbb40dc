"""Pieces of HTML that notebooks show and the report keeps: everything put into them is escaped."""

from IPython.display import HTML
from jinja2 import Environment, StrictUndefined

from loadtests.report.style import LOOKS
from loadtests.verdicts import Verdict

_ENVIRONMENT = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)

_BADGE = """\
<span class="badge badge-{{ word }}" style="display:inline-block;white-space:nowrap;\
padding:.1em .6em;border-radius:1em;font-weight:600;color:{{ look.ink }};\
background:{{ look.tint }};border:1px solid {{ look.colour }}">\
<span aria-hidden="true">{{ look.sign }}</span> {{ word }}</span>"""


class Fragment(HTML):
    """HTML that a notebook displays and a template takes in as it is."""

    def __html__(self) -> str:
        """Return the markup, for templates that escape everything else."""
        return str(self.data)


def raw(markup: str) -> Fragment:
    """Take a string as markup, unescaped: only for what this project wrote itself."""
    return Fragment(markup)  # type: ignore[no-untyped-call]  # IPython's HTML is untyped


def render(template: str, **values: object) -> Fragment:
    """Fill a Jinja template; text is escaped, only a Fragment is taken as markup."""
    return raw(_ENVIRONMENT.from_string(template).render(**values).strip())


def badge(verdict: Verdict) -> Fragment:
    """Return a verdict as a coloured badge with its sign and its word."""
    return render(_BADGE, word=verdict.value, look=LOOKS[verdict])
