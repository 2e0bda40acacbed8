"""The sentences that the browser's part of the page says."""

from __future__ import annotations

import re
from pathlib import Path

from modeldesk.web.ui.pages.predict import text

SCRIPTS = Path(__file__).parents[5] / "assets" / "pages" / "predict"


def test_the_browser_asks_for_the_sentences_that_there_are() -> None:
    scripts = "".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    asked = {key for call in re.findall(r"\bsay\(([^,)]*)", scripts) for key in re.findall(r'(?<!=== )"(\w+)"', call)}
    assert asked == set(text.IN_BROWSER)
