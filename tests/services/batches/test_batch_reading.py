"""Reading the parts of a file from several threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from modeldesk.model_service.tables import FileOptions, Limits
from modeldesk.services.batches.reading import cut, look, read_part


def test_threads_do_not_share_a_files_position(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("key,x\n" + "".join(f"k{row},{row}\n" for row in range(20_000)), "utf-8")
    limits = Limits()
    form = look(path, FileOptions(), limits, path.name)
    plan = cut(path, form, limits, tmp_path, 50)
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda part: read_part(path, form, limits, part), plan.parts))
    assert [chunk.rejects for chunk in read] == [()] * 400
    assert [key for chunk in read for key in chunk.table["key"].to_pylist()] == [f"k{row}" for row in range(20_000)]
