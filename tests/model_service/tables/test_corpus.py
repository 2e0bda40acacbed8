"""Awkward and damaged files: each is read rightly or refused in words, within bounded memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from modeldesk.core.errors import InvalidInput, ModeldeskError, TooLarge
from modeldesk.model_service.tables import FileOptions, ParsingPool

from tests.corpus import files
from tests.corpus.reading import Outcome, read

MEMORY = 500_000_000
SCHEMA = files.schema()


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsingPool]:
    with ParsingPool(memory=MEMORY, seconds=60, calls=10_000) as pool:
        yield pool


def attempt(pool: ParsingPool, path: Path, options: FileOptions) -> Outcome | ModeldeskError:
    """What becomes of a file, whose every refusal says what is wrong and what to do."""
    try:
        outcome = pool.call(read, path, options, SCHEMA)
    except (InvalidInput, TooLarge) as error:
        assert error.detail.endswith((".", "…", "?")), error.detail
        assert error.hint, error.detail
        assert "made its reader fail" not in error.detail
        return error
    assert outcome.rows == outcome.scored + outcome.rejected
    return outcome


def test_the_corpus_is_large() -> None:
    assert len(files.CASES) >= 60


@pytest.mark.parametrize("name", files.CASES)
def test_an_awkward_file_is_read_or_refused(name: str, pool: ParsingPool, tmp_path: Path) -> None:
    case = files.CASES[name]
    path = tmp_path / case.name
    expected = case.write(path)
    found = attempt(pool, path, case.options)
    if isinstance(expected, files.Refused):
        assert isinstance(found, ModeldeskError), found
        assert expected.words in f"{found} {' '.join(problem.message for problem in found.problems)}"
        return
    assert isinstance(found, Outcome), found
    assert (found.scored, found.rejected, found.codes) == (expected.scored, expected.rejected, expected.codes)
    for field, value in expected.first:
        held = found.first[field]
        assert (pd.Timestamp(held) if isinstance(value, pd.Timestamp) else held) == value


SEEDS = ("plain", "semicolons_and_decimal_commas", "line_breaks_in_cells", "utf16", "workbook_of_types", "parquet")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A file with a few bytes changed, cut out, doubled, or put in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        place = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 1, 2, 8, 64))
        way = rng.randrange(5)
        if way == 0:
            changed[place : place + length] = rng.randbytes(length)
        elif way == 1:
            del changed[place : place + length]
        elif way == 2:
            changed[place:place] = changed[max(place - length, 0) : place] * rng.choice((1, 3, 50))
        elif way == 3:
            changed[place:place] = rng.choice((b'"', b",", b"\n", b"\r", b"\0", b"\xff", b";", b"1e9", b"\t"))
        else:
            bit = 1 << rng.randrange(8)
            if place < len(changed):
                changed[place] ^= bit
    return bytes(changed)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_damaged_files_are_read_or_refused(pool: ParsingPool, tmp_path: Path, effort: Any) -> None:
    rng = random.Random(effort.seed)
    originals = {}
    for name in SEEDS:
        path = tmp_path / files.CASES[name].name
        files.CASES[name].write(path)
        originals[path.suffix, name] = path.read_bytes()
    for number in range(effort.files):
        (suffix, name), data = rng.choice(list(originals.items()))
        path = tmp_path / f"mutated{suffix}"
        path.write_bytes(mutated(data, rng))
        try:
            attempt(pool, path, FileOptions())
        except AssertionError as error:
            raise AssertionError(f"file {number} of {name}, seed {effort.seed}") from error
