"""Limits: the most that one person's payments of a month may count, by a public table or by released histograms."""

from collections.abc import Sequence
from itertools import accumulate
from math import isqrt
from typing import Final, NamedTuple

from ledger.kernel.currencies import exponent
from ledger.kernel.errors import require

# Whole units worth some 5,000 US dollars or euro by the magnitude of the exchange rates that central banks publish
# (yearly means of 2024): a 1, 2 or 5 with zeros. Five are as first published: CZK, HUF, INR, JPY and KRW. Only the
# magnitude matters, so that the table is never updated: a limit that moves with the market would make months
# incomparable.
_TABLE: Final = {
    100: "CLF",
    2_000: "BHD KWD OMR",
    5_000: "AUD AWG AZN BAM BBD BGN BMD BND BSD BZD CAD CHF EUR FKP GBP GIP JOD KYD NZD PAB SGD SHP USD",
    10_000: "AED BYN FJD GEL ILS PEN PGK PLN QAR SAR TMT TND TOP WST XCD XCG",
    20_000: "BOB BRL CNY DKK GTQ HKD LYD MOP MYR RON SBD SVC TTD",
    50_000: "BWP ERN GHS MAD MVR NOK SCR SEK TJS UYI",
    100_000: "CUP CZK HNL LSL MDL MXN NAD SLE STN SZL THB TRY TWD UYW ZAR ZMW ZWG",
    200_000: "AFN DOP EGP GMD MKD MRU MUR MZN NIO PHP SRD UAH UYU VED VES",
    250_000: "INR",
    500_000: "ALL BDT BTN CVE DZD ETB HTG ISK KES KGS NPR RSD RUB VUV XPF",
    600_000: "JPY",
    1_000_000: "DJF GYD JMD LKR LRD PKR YER",
    1_500_000: "HUF",
    2_000_000: "AMD CRC KMF KZT SDG SOS XAF XOF",
    5_000_000: "AOA ARS CLP IQD KPW RWF",
    6_000_000: "KRW",
    10_000_000: "BIF CDF MMK MNT MWK NGN SSP TZS",
    20_000_000: "COP KHR MGA UGX",
    50_000_000: "GNF PYG SYP UZS",
    100_000_000: "IDR LAK VND",
    200_000_000: "IRR",
    500_000_000: "LBP",
}

VOLUME_LIMITS: Final = {code: units for units, codes in _TABLE.items() for code in codes.split()}
"""The limit of each currency, in whole units."""


# ISO 3, the R10 series of preferred numbers: ten steps from one power of ten to the next, in hundredths.
_PREFERRED: Final = (100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
_DECADES: Final = (1, 10, 100)
_LARGEST: Final = 10
"""The ladder runs from a hundredth of the public limit to ten times that limit."""

_PEOPLE_ABOVE_TENTHS: Final = 7
"""See `chosen_limit`: 0.7 persons above the limit for each cell, and for each limit that the noise is wide."""

_MICRO: Final = 1_000_000


class Histogram(NamedTuple):
    """A released histogram: persons below the first threshold, between each and the next, and from the last one on.

    `noise_scale_micro` is the standard deviation of each count's noise, in millionths of a person.
    """

    counts: tuple[int, ...]
    noise_scale_micro: int


class Tail(NamedTuple):
    """The persons at or above each threshold, added up over `months` histograms, and the noise of each such sum."""

    months: int
    sums: tuple[int, ...]
    noise_scales_micro: tuple[int, ...]


def volume_limit_minor(currency: str) -> int:
    """Return the limit of a currency in minor units. Raises `UnknownCurrency`."""
    decimals: int = 10 ** exponent(currency)
    return VOLUME_LIMITS[currency] * decimals


def limit_ladder(public_limit: int) -> tuple[int, ...]:
    """Return the limits that may be chosen, rising: preferred numbers around the public limit, which is one of them."""
    steps = [public_limit * number * decade // 10_000 for decade in _DECADES for number in _PREFERRED]
    return tuple(sorted({step for step in steps if step > 0} | {_LARGEST * public_limit}))


def tail(histograms: Sequence[Histogram]) -> Tail:
    """Return the tail of the histograms' sum; all have the same thresholds. The noise grows with the buckets above."""
    require(
        len({len(each.counts) for each in histograms}) == 1, "histograms are added up if they have the same buckets"
    )
    added = [sum(counts) for counts in zip(*(each.counts for each in histograms), strict=True)]
    above = tuple(reversed(list(accumulate(reversed(added[1:])))))
    variance = sum(each.noise_scale_micro**2 for each in histograms)
    noise = tuple(isqrt(variance * (len(above) - index)) for index in range(len(above)))
    return Tail(len(histograms), above, noise)


def chosen_limit(
    thresholds: Sequence[int], histograms: Sequence[Histogram], *, cells: int, unit_noise_micro: int
) -> int:
    """Return the least threshold that few enough persons exceed in a month: post-processing of released counts alone.

    Clipping takes what is above the limit from the persons there; noise grows with the limit. The sum of both is least
    where 0.7 * `cells` * `unit_noise_micro` / 10**6 persons are above, with `unit_noise_micro` the noise of a limit of
    one (after Amin, Kulesza, Munoz and Vassilvitskii 2019). One standard deviation of the count's own noise is allowed
    beside that, so that a small programme is not given a large limit by chance.
    """
    found = tail(histograms)
    require(len(found.sums) == len(thresholds), "a histogram has one bucket more than thresholds")
    wanted = found.months * _PEOPLE_ABOVE_TENTHS * cells * unit_noise_micro // 10
    for threshold, above, noise in zip(thresholds, found.sums, found.noise_scales_micro, strict=True):
        if above * _MICRO <= wanted + noise:
            return threshold
    return thresholds[-1]
