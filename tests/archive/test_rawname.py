"""Raw files are the exposures that their names say."""

from __future__ import annotations

import pytest

from phoenix.archive.rawname import check_name
from phoenix.errors import ArchiveError

OWN, OTHER = "GIRAF.2020-01-02T01:12:20.596", "GIRAF.2020-01-02T01:43:08.576"


def raw(folder, name, *cards):
    text = "".join(
        card.ljust(80) for card in ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", *cards)
    )
    path = folder / name
    path.write_bytes((text + "END").ljust(2880).encode())
    return path


def test_a_file_with_the_content_of_another_exposure_is_refused(tmp_path):
    path = raw(tmp_path, f"{OWN}.fits", f"ARCFILE = '{OTHER}.fits'")
    with pytest.raises(ArchiveError, match=f"{OWN}.fits: found ARCFILE {OTHER}.fits in it"):
        check_name(path)


@pytest.mark.parametrize(
    ("name", "card"),
    [
        (f"{OWN}.fits", f"ARCFILE = '{OWN}.fits'"),
        (f"{OWN}.fits", f"ARCFILE = '{OWN}'"),
        (f"{OWN}.fits", "ARCFILE = '        '"),
        (f"{OWN}.fits", "OBJECT  = 'taken before it was archived'"),
        (f"{OWN.replace(':', '_')}.fits", f"ARCFILE = '{OWN}.fits'"),
        (f"{OWN.replace('GIRAF', 'FLAMES')}.fits", f"ARCFILE = '{OWN}.fits'"),
        ("GIRAF_SCI_OBJECT002_0001.fits", f"ARCFILE = '{OWN}.fits'"),
    ],
)
def test_what_agrees_or_does_not_tell_passes(tmp_path, name, card):
    check_name(raw(tmp_path, name, card))
