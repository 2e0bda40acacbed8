"""What the command line tells of work that goes step by step."""

from __future__ import annotations

import pytest
from modeldesk.cli.progress import Steps


def test_steps_are_told_once_work_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps(2, patience=0.0) as steps:
        steps.show("Reading")
        steps.show("Proving")
    lines = capsys.readouterr().err.splitlines()
    assert "Step 1 of 2: Reading ..." in lines and lines[-1] == "Step 2 of 2: Proving ..."


@pytest.mark.parametrize(("patience", "quiet"), [(3600.0, False), (0.0, True)])
def test_short_work_and_quiet_work_tell_nothing(
    capsys: pytest.CaptureFixture[str], patience: float, quiet: bool
) -> None:
    with Steps(1, patience=patience, quiet=quiet) as steps:
        steps.show("Reading")
    assert capsys.readouterr().err == ""
