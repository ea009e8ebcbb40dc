"""Can the measurements be trusted? The validity checks of one trial, and of all trials at once."""

from collections.abc import Sequence

from loadtests.analysis.evidence import Check, Evidence, Judgement, Voids
from loadtests.report.markup import Fragment, badge, render
from loadtests.report.style import LOOKS
from loadtests.report.tables import Cell, Column, kept_together, table
from loadtests.verdicts import Verdict

VOIDED = {
    Voids.NEITHER: "nothing",
    Voids.FAILS: "a “fails”",
    Voids.HOLDS: "a “holds”",
    Voids.BOTH: "“holds” and “fails”",
}
FINE, NOTED, TRIPPED, NOT_TOLD = "✓", "!", "✗", "\N{EN DASH}"
NONE_USED = "none used"  # by a trial beside others that had some
MEANINGS = {FINE: "fine", NOTED: "noted", TRIPPED: "tripped", NOT_TOLD: "not measured"}

_TRIAL = "{{ setting }}<br>{{ badge }}"
_CHECK = (
    '{{ name }}<br><small class="under" '
    'style="font-weight:400;white-space:normal">{{ under }}</small>'
)
_CELL = (
    '<span title="{{ seen }}"{% if look %} style="font-weight:600;padding:.1em .35em;'
    'border-radius:.3em;color:{{ look.ink }};background:{{ look.tint }}"{% endif %}>'
    "{{ sign }}{% if figure %}&nbsp;{{ figure }}{% endif %}</span>"
)
_MATRIX = """\
{{ matrix }}
<p class="under">{{ key }}</p>
{% if told %}
<ul>
{% for each in told %}
<li><strong>{{ each.sign }} {{ each.trial }}, {{ each.name }}:</strong> {{ each.seen }}. \
Voids {{ each.voids }}. {{ each.advice }}.</li>
{% endfor %}
</ul>
{% endif %}"""
_NONE = '<p class="under">{{ text }}</p>'


def matrix(
    trials: Sequence[tuple[Evidence, Judgement]], caption: str = "Can the measurements be trusted?"
) -> Fragment:
    """Return one line per validity check, with what it voids, and one column per trial.

    Of what no trial had, such as a proxy, there is no line. A cell has a sign and the figure that
    was seen; what tripped or was noted is spelled out below, with what to do.
    """
    names = list(dict.fromkeys(check.name for _, j in trials for check in j.checks))
    found = [{check.name: check for check in judgement.checks} for _, judgement in trials]
    columns = [Column("check"), *(Column(_trial(e, j), "number") for e, j in trials)]
    lines = []
    for name in names:
        checks = [each[name] for each in found if name in each]
        cells = [_cell(each[name]) if name in each else NONE_USED for each in found]
        lines.append((_heading(name, checks), *cells))
    return render(
        _MATRIX,
        matrix=table(caption, columns, lines, empty="no trial was made"),
        key=", ".join(f"{sign} {meaning}" for sign, meaning in MEANINGS.items()) + ".",
        told=[
            _told(evidence, check)
            for evidence, judgement in trials
            for check in judgement.checks
            if not check.ok
        ],
    )


def tripped(judgement: Judgement) -> Fragment:
    """Return the checks of one trial that tripped or were noted, or how many there were."""
    doubtful = [check for check in judgement.checks if not check.ok]
    if doubtful:
        return _table(doubtful, "Checks that tripped or were noted")
    absent = sum(_sign(check) == NOT_TOLD for check in judgement.checks)
    fine = len(judgement.checks) - absent
    said = f"No validity check tripped: {fine} fine"
    return render(_NONE, text=f"{said}, {absent} not measured." if absent else f"{said}.")


def checks_table(
    judgement: Judgement, caption: str = "Can this measurement be trusted?"
) -> Fragment:
    """Return one line per validity check of one trial: what was seen, what it voids, what to do."""
    return _table(judgement.checks, caption)


def _table(checks: Sequence[Check], caption: str) -> Fragment:
    columns = (
        Column("check"),
        Column("result"),
        Column("seen", "prose"),
        Column("voids"),
        Column("what to do", "prose"),
    )
    lines = [
        (
            _name(check.name),
            f"{_sign(check)}\N{NO-BREAK SPACE}{MEANINGS[_sign(check)]}",
            check.seen,
            "" if check.ok else VOIDED[check.voids],
            "" if check.ok else check.advice,
        )
        for check in checks
    ]
    return table(caption, columns, lines, empty="no check was made")


def _name(name: str) -> str:
    return name.replace("_", " ").replace("cpu", "CPU")


def _heading(name: str, checks: Sequence[Check]) -> Fragment:
    """Return a check's name over its unit and what it voids in any of the trials."""
    told = [check for check in checks if _sign(check) != NOT_TOLD]
    units = [check.reading.unit for check in told if check.reading and check.reading.unit]
    under = units[:1]
    if told:
        under.append(f"voids {_taken({check.voids for check in told})}")
    return render(_CHECK, name=_name(name), under="; ".join(under))


def _taken(voids: set[Voids]) -> str:
    """Say what is voided where a check may void one verdict in one trial and another in another."""
    if Voids.BOTH in voids:
        return "both"
    of = [VOIDED[each] for each in (Voids.FAILS, Voids.HOLDS) if each in voids]
    return " or ".join(of or [VOIDED[Voids.NEITHER]])


def _trial(evidence: Evidence, judgement: Judgement) -> Fragment:
    setting = kept_together(evidence.trial.setting.label).replace("x\N{NO-BREAK SPACE}", "x ")
    return render(_TRIAL, setting=setting, badge=badge(judgement.verdict))


def _cell(check: Check) -> Cell:
    sign = _sign(check)
    looks = {TRIPPED: LOOKS[Verdict.FAILS], NOTED: LOOKS[Verdict.UNDECIDED]}
    figure = check.reading.text if check.reading else ""
    return render(_CELL, seen=check.seen, sign=sign, figure=figure, look=looks.get(sign))


def _sign(check: Check) -> str:
    if not check.ok:
        return NOTED if check.voids is Voids.NEITHER else TRIPPED
    return NOT_TOLD if check.reading is None else FINE


def _told(evidence: Evidence, check: Check) -> dict[str, str]:
    return {
        "sign": _sign(check),
        "trial": evidence.trial.setting.label,
        "name": _name(check.name),
        "seen": check.seen,
        "voids": VOIDED[check.voids],
        "advice": check.advice,
    }
