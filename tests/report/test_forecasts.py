"""The table of forecasts."""

from loadtests.analysis.forecast_made import ForecastLog
from loadtests.report.forecasts import forecast_table
from tests.analysis.test_forecast_made import made


def test_a_forecast_is_listed_with_its_interval_what_was_found_and_its_error() -> None:
    log = ForecastLog((("<mine>", made(0.44, low=0.38, high=0.5)), ("yours", made(0.5))), ())
    shown = forecast_table(log)._repr_html_()
    for text in (
        "&lt;mine&gt;", "2026-11-26", "0.44", "0.38 to 0.50", "0.4<br>", "0.3 fails", "+10%",
        "+50%", "yes", "no",
    ):  # fmt: skip
        assert text in shown


def test_a_forecast_within_the_step_has_no_error() -> None:
    assert ">0%<" in forecast_table(ForecastLog((("mine", made(0.35)),), ()))._repr_html_()


def test_a_law_that_is_not_known_is_no_number() -> None:
    shown = forecast_table(ForecastLog((("mine", made(0.44, law=None)),), ()))._repr_html_()
    assert "not known" in shown


def test_without_forecasts_the_table_says_so() -> None:
    assert "no run has one" in forecast_table(ForecastLog((), ()))._repr_html_()
