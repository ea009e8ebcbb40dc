"""Every figure with its alternative text, ready for a notebook and for the report."""

from collections.abc import Callable
from typing import ParamSpec

from matplotlib.figure import Figure

from loadtests.analysis.held_out import HeldOut
from loadtests.analysis.planning import NoPlan, Plan
from loadtests.report.markup import Fragment
from loadtests.report.page import figure_html
from loadtests.report.plots import capacity as capacity_plot
from loadtests.report.plots import cost as cost_plot
from loadtests.report.plots import endpoints as endpoints_plot
from loadtests.report.plots import frontier as frontier_plot
from loadtests.report.plots import loads as loads_plot
from loadtests.report.plots import plan as plan_plot
from loadtests.report.plots import plane as plane_plot
from loadtests.report.plots import predictions as predictions_plot
from loadtests.report.plots import replica_axis as replica_axis_plot
from loadtests.report.plots import replicates as replicates_plot
from loadtests.report.plots import scale_out, trial, vertical
from loadtests.report.plots import spread as spread_plot
from loadtests.report.plots import staircase as staircase_plot
from loadtests.report.plots import throttled_curve as throttled_curve_plot
from loadtests.report.plots import users_curve as users_curve_plot

Arguments = ParamSpec("Arguments")


def _with_alt(
    draw: Callable[Arguments, Figure], describe: Callable[Arguments, str]
) -> Callable[Arguments, Fragment]:
    def shown(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Fragment:
        return figure_html(draw(*args, **kwargs), describe(*args, **kwargs))

    shown.__doc__ = draw.__doc__
    return shown


trial_page = _with_alt(trial.trial_page, trial.trial_page_alt)
plane = _with_alt(plane_plot.plane_figure, plane_plot.plane_figure_alt)
settings = _with_alt(vertical.vertical_figure, vertical.vertical_figure_alt)
replicas = _with_alt(scale_out.scale_out_figure, scale_out.scale_out_figure_alt)
cost = _with_alt(cost_plot.cost_figure, cost_plot.cost_figure_alt)
by_endpoint = _with_alt(endpoints_plot.endpoints_figure, endpoints_plot.endpoints_figure_alt)
frontier = _with_alt(frontier_plot.frontier_figure, frontier_plot.frontier_figure_alt)
spread = _with_alt(spread_plot.spread_figure, spread_plot.spread_figure_alt)
staircase = _with_alt(staircase_plot.staircase_figure, staircase_plot.staircase_figure_alt)
loads = _with_alt(loads_plot.loads_figure, loads_plot.loads_figure_alt)
replicates = _with_alt(replicates_plot.replicates_figure, replicates_plot.replicates_figure_alt)
equal_cost = _with_alt(replicates_plot.equal_cost_figure, replicates_plot.equal_cost_figure_alt)
users_curve = _with_alt(
    users_curve_plot.users_curve_figure, users_curve_plot.users_curve_figure_alt
)
capacity = _with_alt(capacity_plot.capacity_figure, capacity_plot.capacity_figure_alt)
replica_axis = _with_alt(
    replica_axis_plot.replica_axis_figure, replica_axis_plot.replica_axis_figure_alt
)
throttled_curve = _with_alt(
    throttled_curve_plot.throttled_curve_figure, throttled_curve_plot.throttled_curve_figure_alt
)
_plan = _with_alt(plan_plot.plan_figure, plan_plot.plan_figure_alt)
_predictions = _with_alt(
    predictions_plot.predictions_figure, predictions_plot.predictions_figure_alt
)


def plan(found: Plan | NoPlan) -> Fragment | None:
    """Draw a plan; None where there is none, of which its sentences tell."""
    return None if isinstance(found, NoPlan) else _plan(found)


def predictions(found: HeldOut) -> Fragment | None:
    """Draw what was predicted of held-out trials; None where nothing was: sentences say so."""
    return _predictions(found) if found.compared else None
