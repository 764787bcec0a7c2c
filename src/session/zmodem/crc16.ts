const TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The 16-bit checksum of XMODEM and ZMODEM over the first `length` bytes, going on from `crc`. */
export function crc16(bytes: Uint8Array, length: number, crc = 0): number {
  let sum = crc;
  for (let i = 0; i < length; i++) sum = ((sum << 8) & 0xffff) ^ TABLE[(sum >> 8) ^ bytes[i]!]!;
  return sum;
}
