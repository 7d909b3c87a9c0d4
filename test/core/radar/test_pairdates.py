"""Dates of pairs in the names that processors give."""

from __future__ import annotations

import datetime

import pytest
from rock_glacier_mapper.core.radar.pairdates import dates_in, file_names, in_season, metadata_texts, pair_in


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("S1AA_20161223T070700_20170116T070658_VVP024_INT80_G_ueF_74C2_corr.tif", "20161223-20170116"),
        ("S1_213524_IW1_20170411_20170517_VV_INT80_8E81_corr.tif", "20170411-20170517"),
        ("S1A_064_E053_1_N27_3_E054_1_N27_8_20200604_20200616_VV_INT80_7EB5_corr.tif", "20200604-20200616"),
        ("S1-GUNW-D-R-071-tops-20200130_20200124-135156-34956N_32979N.tif", "20200124-20200130"),
        ("coh_IW2_VV_06Aug2018_18Aug2018.img", "20180806-20180818"),
        ("20180106-20180130", "20180106-20180130"),
        ("cohere 2018-01-06 2018-01-30.tif", "20180106-20180130"),
        ("20180806_20180818.cc.tif", "20180806-20180818"),
        ("S1A_IW_SLC__1SDV_20200511T135117_20200511T135145_032518.tif", None),
        ("20181399_20180818.tif", None),
        ("filt_fine.cor", None),
    ],
)
def test_names_of_processors(name, pair):
    """HyP3 (scenes and bursts), ARIA, SNAP, GAMMA, ISCE; one date, or digits that are none, are no pair."""
    found = pair_in([name])
    assert (None if found is None else str(found)) == pair


def test_the_first_text_with_two_dates_counts():
    """ISCE names the folder; the file inside is always filt_fine.cor."""
    names = file_names("/data/merged/interferograms/20180806_20180818/filt_fine.cor")
    assert pair_in(names).days == 12
    assert file_names('NETCDF:"/d/t_20220802.h5":/data/VV')[0] == "t_20220802.h5"


def test_metadata_give_both_dates():
    """As PyRate and MintPy write them."""
    assert pair_in(metadata_texts({"FIRST_DATE": "2018-01-06", "SECOND_DATE": "2018-01-30"})).days == 24
    assert pair_in(metadata_texts({"reference_date": "20180106", "secondary_date": "20180118"})).days == 12
    assert pair_in(metadata_texts({"TIFFTAG_DATETIME": "2018:01:06 10:11:12"})) is None


def test_a_season_may_go_over_new_year():
    """Summer in the Andes."""
    january, july = datetime.date(2019, 1, 15), datetime.date(2019, 7, 15)
    assert in_season(january, 335, 90)
    assert not in_season(july, 335, 90)
    assert in_season(july, 152, 273)
    assert not in_season(january, 152, 273)


def test_dates_are_found_once_each_in_order():
    """A processing date behind the two is left for others to ignore."""
    assert [f"{date:%Y%m%d}" for date in dates_in("20180818_20180806_20180818_20230101")] == [
        "20180818",
        "20180806",
        "20230101",
    ]
