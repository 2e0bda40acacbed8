"""The plotly template and the tokens, held against the style sheet that gives them values."""

from __future__ import annotations

import json
import re
from pathlib import Path

import plotly.graph_objects as go
import pytest
from modeldesk.core.bundled import bundled
from modeldesk.web.ui.common.charts import template

SHEET = (bundled("assets") / "common" / "00-tokens.css").read_text("utf-8")
HEX = re.compile(r"#[0-9a-f]{6}")


def values(selector: str) -> dict[str, str]:
    block = SHEET.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--md-([a-z0-9-]+): ([^;]+);", block))


LIGHT, DARK = values(":root"), values('[data-bs-theme="dark"]')


def test_light_and_dark_hold_the_same_names() -> None:
    assert set(LIGHT) == set(DARK)


def test_every_token_of_a_figure_has_a_plain_colour_in_both_themes() -> None:
    for token in template.TOKENS:
        assert HEX.fullmatch(LIGHT[token]) and HEX.fullmatch(DARK[token]), token


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("text-1", "surface", 7),
        ("text-2", "surface", 4.5),
        ("text-3", "surface", 4.5),
        ("text-3", "inset", 4.5),
        ("text-3", "canvas", 4.5),
        ("control", "surface", 3),
        ("accent-text", "accent-soft", 4.5),
        ("good", "good-soft", 4.5),
        ("warn", "warn-soft", 4.5),
        ("bad", "bad-soft", 4.5),
        ("series", "surface", 3),
        ("up", "surface", 3),
        ("down", "surface", 3),
        ("neutral", "surface", 3),
        *((f"cat-{place}", "surface", 3) for place in range(1, 7)),
    ],
)
def test_contrast(theme: dict[str, str], text: str, ground: str, least: float) -> None:
    assert contrast(theme[text], theme[ground]) >= least


@pytest.mark.parametrize("fill", ["accent", "accent-hover", "bad-fill", "bad-fill-hover"])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_white_is_read_on_the_fills_of_buttons(theme: dict[str, str], fill: str) -> None:
    assert contrast(theme[fill], "#ffffff") >= 4.5


def test_a_figure_names_its_colours_only() -> None:
    figure = template.new_figure()
    figure.add_scatter(x=[1, 2], y=[1, 2], line=template.main_line(), marker=template.present_point())
    figure.add_heatmap(z=[[1, 2]], colorscale=template.scale("div"))
    template.threshold_line(figure, 1.5, "Threshold 25%")
    text = json.dumps(figure.to_plotly_json(), default=str)
    assert not HEX.search(text)
    named = set(re.findall(r"var\(--md-([a-z0-9-]+)(?:,[0-9.]+)?\)", text))
    assert {"surface", "series", "div-1", "text-2"} <= named <= set(template.TOKENS)


def test_a_token_may_be_seen_through() -> None:
    assert template.color("accent") == "var(--md-accent)"
    assert template.color("accent", 0.14) == "var(--md-accent,0.14)"


def test_scales_have_seven_even_steps() -> None:
    steps = template.scale("seq")
    assert [step for step, _ in steps] == pytest.approx([place / 6 for place in range(7)])


def test_the_template_is_the_only_one_a_figure_carries() -> None:
    figure = template.new_figure(height=template.HEIGHT_STRIP)
    assert isinstance(figure, go.Figure)
    assert figure.layout.template.layout.colorway == tuple(template.color(f"cat-{n}") for n in range(1, 7))  # type: ignore[arg-type]
    assert "scatter" not in json.loads(figure.to_json())["layout"]["template"].get("data", {})
    assert figure.layout.height == 116


def test_no_other_sheet_holds_colours() -> None:
    allowed = {"00-tokens.css"}
    for sheet in Path(bundled("assets")).rglob("*.css"):
        if sheet.name in allowed:
            continue
        lines = [line for line in sheet.read_text("utf-8").splitlines() if re.search(r"#[0-9a-f]{6}\b", line)]
        assert [line for line in lines if "--md-canvas: #ffffff" not in line] == [], sheet.name


def test_a_figure_is_the_same_whether_it_is_validated_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = {"xaxis": {"range": [0, 1]}, "shapes": [{"type": "line"}], "annotations": [{"text": "Threshold"}]}
    checked = template.new_figure(height=300, **layout)
    monkeypatch.setattr(template, "VALIDATED", False)
    assert json.loads(template.new_figure(height=300, **layout).to_json()) == json.loads(checked.to_json())
    monkeypatch.setattr(template, "VALIDATED", True)
    with pytest.raises(ValueError, match="nonsense"):
        template.new_figure(nonsense=1)
