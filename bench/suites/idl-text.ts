const sectionLines = 20;

/** So many lines of IDL (or up to 19 more), in modules that use one another, with the constructs that real files have most of. */
export function idlText(lines: number): string {
  return Array.from({ length: Math.ceil(lines / sectionLines) }, (_, index) => section(index)).join('\n');
}

function section(index: number): string {
  const before = index === 0 ? 'Point' : `m${index - 1}::Point`;
  return `module m${index} {
  /// What station ${index} does.
  enum State { IDLE, @value(${index + 5}) BUSY, BROKEN };
  const unsigned long LIMIT = (${index} + 1) << 2 | 1;
  struct Point { double x; double y; };
  /** A report of one station. */
  @topic @mutable struct Report {
    @key string<16> id;
    @optional State state;
    sequence<Point, LIMIT> points; // the newest first
    map<string, sequence<long>> counts;
    @default(5) @range(min = 0, max = 10) long level;
    ${before} before;
    long grid[3][LIMIT];
  };
  union Choice switch (State) {
    case IDLE: long a;
    case BUSY: Report b;
  };
};`;
}
