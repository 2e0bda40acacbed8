"""Which encoding a text file has, found out from all of its bytes."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from modeldesk.core.errors import InvalidInput

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
_FOREIGN_SHARE = 0.3
"""Western European text has fewer bytes beyond ASCII than this; other scripts have more."""
_KNOWN = frozenset(
    (
        *("ascii", "utf-8", "utf-8-sig", "mac-roman", "koi8-r", "koi8-u", "tis-620"),
        *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
        *("cp437", "cp850", "cp852", "cp866", "cp932", "cp949", "cp950"),
        *("shift_jis", "euc_jp", "euc_kr", "gbk", "gb18030", "gb2312", "big5"),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in range(1, 17)),
    )
)
HINT = "Save it as UTF-8, or say which encoding it has."


def declared_encoding(name: str) -> str:
    """The usual name of an encoding that somebody declared. Raises InvalidInput for one that is
    unknown or cannot be read line by line."""
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if known not in _KNOWN:
        raise InvalidInput(
            f"There is no encoding {name!r} here.", hint="Use utf-8, utf-16, cp1252, iso-8859-1, or another by name."
        )
    return "utf-8-sig" if known == "utf-8" else known


def detect_encoding(path: Path) -> str:
    """UTF-8 or UTF-16, marked or not, else Windows' Western European encoding.

    Raises InvalidInput for a file that is no text, for UTF-8 that is damaged, and where more than
    one reading is possible.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
        if b"\0" in head:
            return _two_byte(head)
        file.seek(0)
        fault = _utf8_fault(file)
    return "utf-8" if fault is None else _single_byte(path, *fault)


def _two_byte(head: bytes) -> str:
    """UTF-16 without its mark shows in nulls beside letters: on the odd or on the even places."""
    even, outlier = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if even == 0 and outlier > 0.4 * half:
        return "utf-16-le"
    if outlier == 0 and even > 0.4 * half:
        return "utf-16-be"
    raise InvalidInput(
        "The file holds null bytes, so it is not a text table.",
        hint="Send CSV, TSV, XLSX or Parquet. If it is text in UTF-16, say so as its encoding.",
    )


def _utf8_fault(file: BinaryIO) -> tuple[int, bool] | None:
    """Where the bytes stop being UTF-8, and whether any beyond ASCII came before; None if nowhere.

    Raises InvalidInput for null bytes further on.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, wide = 0, False
    while block := file.read(_BLOCK):
        if b"\0" in block:
            index = offset + block.index(b"\0")
            raise InvalidInput(
                f"The file holds a null byte at byte {index:,}, so it is not a text table.",
                hint="It may be damaged, or cut short and filled up; save it again.",
            )
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            before = block[: max(error.start - pending, 0)]
            return offset - pending + error.start, wide or not before.isascii()
        wide = wide or not block.isascii()
        offset += len(block)
    pending = len(decoder.getstate()[0])
    return (offset - pending, wide) if pending else None


def _single_byte(path: Path, fault: int, wide: bool) -> str:
    if wide:
        raise InvalidInput(
            f"The file is UTF-8 up to byte {fault:,} and not from there on, so its text is damaged there.",
            hint=HINT,
        )
    with path.open("rb") as file:
        file.seek(max(fault - _BLOCK // 2, 0))
        sample = file.read(_BLOCK)
        file.seek(0)
        decoder = codecs.getincrementaldecoder(_WESTERN)()
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"The file is neither UTF-8 nor Western European text ({_WESTERN}): it holds the byte "
                f"{error.object[error.start]:#04x}.",
                hint=HINT,
            ) from None
    # Words, not padding or digits, tell which script it is.
    words = [byte for byte in sample if byte >= 0x80 or chr(byte).isalpha()]
    if sum(byte >= 0x80 for byte in words) > _FOREIGN_SHARE * len(words):
        raise InvalidInput("The file is not UTF-8, and its script is not a Western European one.", hint=HINT)
    return _WESTERN
