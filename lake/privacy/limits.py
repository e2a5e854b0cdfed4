"""Limits: the largest amount of a currency that counts of one person's monthly payments, from public figures."""

from typing import Final

from ledger.kernel.currencies import exponent

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


def volume_limit_minor(currency: str) -> int:
    """Return the limit of a currency in minor units. Raises `UnknownCurrency`."""
    decimals: int = 10 ** exponent(currency)
    return VOLUME_LIMITS[currency] * decimals
