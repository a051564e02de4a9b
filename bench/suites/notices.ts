/** The message of the codec suite: six fields, 100 bytes of protobuf. */
export interface NoticeFields {
  number: number;
  /** Microseconds since 1970, which a double holds exactly. */
  time: number;
  latitude: number;
  longitude: number;
  station: string;
  text: string;
}

/** As many different ones, so that nothing is computed once for all. A power of two. */
export const noticeCount = 64;
export const noticeBytes = 100;

export function notices(): NoticeFields[] {
  return Array.from({ length: noticeCount }, (_, index) => ({
    number: (1 << 21) + index,
    time: 1_759_607_580_000_000 + index,
    latitude: 35.181 + index / 100,
    longitude: -97.437 - index / 100,
    station: 'KOUN',
    text: `${index % 10}12G20KT 10SM FEW050 31/18 A2992 RMK AO2 SLP123 T03110178 XX`,
  }));
}
