"""Numbers, dates and units as people read them. Pure text; nothing of Dash.

Three significant digits, grouped thousands, a true minus, differences of percentages in points,
"Not known" for what is missing, and never 100% or 0% unless it is exactly so.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

NOT_KNOWN = "Not known"
MINUS = "−"
_CURRENCIES = "€$£¥"
_ATTACHED = ("%", "°", "″", "′")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LETTERS = {1e9: "bn", 1e6: "M", 1e3: "k"}
_LARGEST_PLAIN = 1e15
_SMALLEST_PLAIN = 1e-4


def number(value: float, digits: int = 3, *, keep_zeros: bool = False) -> str:
    """A number with its thousands grouped and at least ``digits`` significant digits.

    The whole part is always written in full; whole numbers have no decimals. With
    ``keep_zeros`` figures of one kind line up: 0.750, 0.800.
    """
    if isinstance(value, int):
        return _signed_text(f"{value:,}")
    if not math.isfinite(value):
        return NOT_KNOWN if math.isnan(value) else f"{MINUS if value < 0 else ''}∞"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= _LARGEST_PLAIN or size < _SMALLEST_PLAIN:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return _signed_text(f"{mantissa} × 10^{int(exponent)}".replace("^-", f"^{MINUS}"))
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:,.{decimals}f}"
    if "." in text and not keep_zeros:
        text = text.rstrip("0").rstrip(".")
    return _signed_text(text)


def exact(value: Any, *, year: bool = False) -> str:
    """An input's value as it was entered: whole numbers grouped (calendar years are not), decimals to
    six significant digits, yes and no, dates as dates, and "Not known" for what is missing."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if year and isinstance(value, int | float) and float(value).is_integer():
        return _signed_text(str(int(value)))
    if isinstance(value, float):
        return number(value, 6)
    if isinstance(value, int):
        return number(value)
    return _maybe_time(str(value))


def with_unit(text: str, unit: str) -> str:
    """A formatted number and its unit: €18,500, 40.8%, 253 car-hours. Nothing is added to what
    is not known."""
    if not unit or text == NOT_KNOWN:
        return text
    if unit in _CURRENCIES:
        return f"{text[0]}{unit}{text[1:]}" if text[:1] in ("-", MINUS, "+") else f"{unit}{text}"
    return f"{text}{unit}" if unit in _ATTACHED else f"{text} {unit}"


def value(item: Any, unit: str = "", *, year: bool = False) -> str:
    """An input's value with its unit; text and categories take none."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        return exact(item)
    return with_unit(exact(item, year=year), unit)


def measure(item: float, unit: str = "", digits: int = 3) -> str:
    """A model's number with its unit, to ``digits`` significant digits."""
    return with_unit(number(float(item), digits), unit)


def compact(item: float, unit: str = "") -> str:
    """A large number, shortened for charts and KPIs: €3.38 M, €675 k."""
    return in_units_of(unit_size(item), item, unit)


def unit_size(item: float) -> float:
    """What a number of this size is shortened by: thousands from 10,000 on, millions, billions; else 1."""
    # What would round up to 1,000 k is 1 M.
    return next((size for size in _LETTERS if abs(item) >= size * 0.9995 and (size > 1e3 or abs(item) >= 1e4)), 1.0)


def in_units_of(size: float, item: float, unit: str = "") -> str:
    """A number in thousands, millions or billions (``size``): €5 k; zero takes no letter."""
    if size == 1 or item == 0:
        return measure(item, unit)
    text = f"{with_unit(number(item / size), unit if unit in _CURRENCIES else '')} {_LETTERS[size]}"
    return text if not unit or unit in _CURRENCIES else f"{text} {unit}"


def percent(share: float, decimals: int = 1) -> str:
    """A share from 0 to 1: 40.8%, and 25% where it is exactly that. The ends are only named where
    they are exact: >99.9%, <0.1%."""
    if share in (0, 1):
        return f"{share * 100:.0f}%"
    step = 10.0**-decimals
    scaled = share * 100
    if 0 < share < 1 and round(scaled, decimals) >= 100:
        return f">{100 - step:.{decimals}f}%"
    if 0 < share < 1 and round(scaled, decimals) <= 0:
        return f"<{step:.{decimals}f}%"
    text = f"{scaled:.{decimals}f}"
    if abs(scaled - round(scaled)) < 1e-9:
        text = f"{scaled:.0f}"
    return _signed_text(f"{text}%")


def points(difference: float) -> str:
    """A difference of two shares (each 0 to 1), in points with its sign: +12.4."""
    return _with_sign(f"{difference * 100:.1f}")


def signed(difference: float, unit: str = "", digits: int = 3) -> str:
    """A difference with its sign and unit: +12.4, −€82 k is ``compact``'s."""
    text = number(difference, digits)
    if difference > 0:
        return f"+{with_unit(text, unit)}"
    return with_unit(text, unit)


def span(low: Any, high: Any, unit: str = "", *, year: bool = False) -> str:
    """Both ends in words: 19 to 23."""
    if unit in _CURRENCIES:
        return f"{value(low, unit, year=year)} to {value(high, unit, year=year)}"
    return with_unit(f"{exact(low, year=year)} to {exact(high, year=year)}", unit)


def count(amount: int, one: str, many: str | None = None) -> str:
    """A count of things: 1 prediction, 2,311 predictions."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def day(moment: date) -> str:
    """18 Nov 2026."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def minute(moment: datetime) -> str:
    """18 Nov 2026, 14:32, in the moment's own zone."""
    return f"{day(moment)}, {moment:%H:%M}"


def iso(moment: datetime) -> str:
    """The moment in UTC with a ``Z``, for programs."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(milliseconds: float) -> str:
    """How long something took: 9 ms, 1.2 s, 2 min 5 s."""
    if milliseconds < 999.5:
        return f"{max(1, round(milliseconds))} ms"
    seconds = milliseconds / 1000
    if seconds < 59.5:
        return f"{number(seconds, 2)} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s"


def short_id(prediction_id: str) -> str:
    """An id's last, random part: enough to tell two apart at a glance."""
    return prediction_id if len(prediction_id) <= 13 else f"…{prediction_id[-12:]}"


def sentence(name: str) -> str:
    """A column's or class's name as words: ``card_use`` as Card use. Names that hold capitals or
    digits only are left as they are."""
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:] if words.islower() else words


def _maybe_time(text: str) -> str:
    """An ISO date or datetime in words; any other text as it is."""
    if len(text) < 10 or not (text[:4].isdigit() and text[4] == "-"):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return day(moment) if len(text) == 10 else minute(moment)


def _signed_text(text: str) -> str:
    return f"{MINUS}{text[1:]}" if text.startswith("-") else text


def _with_sign(text: str) -> str:
    if float(text) == 0:
        return text.lstrip("-")
    return _signed_text(text) if text.startswith("-") else f"+{text}"
