"""A proposed text of the institution with the files it names, checked before anything of it is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509

from office import LARGEST_FILE, Office, OfficeInvalid, Problem, Seal, check_seal_image
from stamping.office_text import SOURCE, names_of, read_office
from store import FileDamaged, FileMissing, Files
from templates import MarkInvalid, officer_mark

LONGEST_TEXT: Final = 1024 * 1024
"""Of the text, in characters."""
MOST_FILES: Final = 200
_SIGNATURE_MM: Final = (50.0, 20.0)
"""A box as the papers have it, to see whether the picture of a signature can be drawn."""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """What may be kept: the text, the hash of each file by its name in the text, the institution it says."""

    text: str
    kept: Mapping[str, str]
    office: Office
    contents: tuple[bytes, ...] = field(repr=False)

    def put(self, files: Files) -> None:
        """Keep the files; the text is the register's."""
        for content in self.contents:
            files.put(content)


def proposed(text: str, given: Mapping[str, bytes], before: Mapping[str, str], files: Files) -> Proposed:
    """Read and check it all. A file that is not given is the one of that name in the version before.

    Raises `OfficeInvalid` with everything that is wrong.
    """
    if len(text) > LONGEST_TEXT:
        raise _invalid(_problem("", f"dài quá {LONGEST_TEXT} ký tự", f"is longer than {LONGEST_TEXT} characters"))
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _invalid(_problem("", "có ký tự hỏng", "holds half a character"))
    names = names_of(text)
    if len(names) > MOST_FILES:
        raise _invalid(_problem("", f"nêu quá {MOST_FILES} tệp", f"names more than {MOST_FILES} files"))
    problems: list[Problem] = []
    contents = _gathered(names, given, before, files, problems)
    problems += [
        _problem(name, "gửi kèm mà không mục nào nhắc đến", "was sent, but nothing names it")
        for name in sorted(given.keys() - set(names))
    ]
    kept = {name: sha256(content).hexdigest() for name, content in contents.items()}
    office = read_office(text, kept, files)
    by_place = {files.place(kept[name]): content for name, content in contents.items()}
    for position, seal in enumerate(office.seals, start=1):
        problems += _of_seal(f"seals[{position}]", seal, by_place)
    for position, officer in enumerate(office.officers, start=1):
        image = officer.signature_image and by_place.get(officer.signature_image)
        if image:
            try:
                officer_mark(image, *_SIGNATURE_MM)
            except MarkInvalid as error:
                problems.append(_problem(f"officers[{position}].signature_image", error.text_vi, error.text_en))
    if problems:
        raise _invalid(*problems)
    return Proposed(text=text, kept=kept, office=office, contents=tuple(contents.values()))


def _gathered(
    names: tuple[str, ...],
    given: Mapping[str, bytes],
    before: Mapping[str, str],
    files: Files,
    problems: list[Problem],
) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for name in names:
        content = given[name] if name in given else _kept(before.get(name), files)
        if content is None:
            problems.append(
                _problem(name, "chưa gửi kèm tệp này, hoặc không đọc được", "this file was not sent or cannot be read")
            )
        elif len(content) > LARGEST_FILE:
            problems.append(_problem(name, f"lớn quá {LARGEST_FILE} byte", f"is larger than {LARGEST_FILE} bytes"))
        else:
            contents[name] = content
    return contents


def _of_seal(where: str, seal: Seal, by_place: Mapping[Path, bytes]) -> Iterator[Problem]:
    certificates = [(f"{where}.certificate", seal.certificate)]
    if seal.next is not None:
        certificates.append((f"{where}.next.certificate", seal.next.certificate))
    for place, path in certificates:
        content = by_place.get(path) if path is not None else None
        if content is None:
            continue  # none named, or said above
        try:
            x509.load_pem_x509_certificate(content)
        except ValueError:
            yield _problem(place, "không phải chứng thư dạng PEM", "is not a certificate in PEM form")
    image = by_place.get(seal.image) if seal.image is not None else None
    if image is not None:
        yield from _of_image(f"{where}.image", image)


def _of_image(where: str, image: bytes) -> Iterator[Problem]:
    """The one place where a seal's picture is judged before it comes into force."""
    for fault in check_seal_image(image).faults:
        yield _problem(where, fault.text_vi, fault.text_en)


def _kept(name: str | None, files: Files) -> bytes | None:
    if name is None:
        return None
    try:
        return files.get(name)
    except (FileMissing, FileDamaged):
        return None  # a version that lost a file must be given it again


def _problem(where: str, text_vi: str, text_en: str) -> Problem:
    return Problem(where=where, line=None, text_vi=text_vi, text_en=text_en)


def _invalid(*problems: Problem) -> OfficeInvalid:
    return OfficeInvalid(SOURCE, problems)
