"""CRC-32C (Castagnoli), as TFRecord has it: RFC 3720, appendix B.4. For records of some kilobytes."""

from __future__ import annotations

import functools

POLYNOMIAL = 0x82F63B78
"""0x1EDC6F41 with its bits turned round."""


def of(content: bytes) -> int:
    """The checksum, 32 bits."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@functools.cache
def _table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        crc = number
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)
