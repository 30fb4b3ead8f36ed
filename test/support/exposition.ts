/** The samples of Prometheus' text format, by name and labels as they are written. Throws where a line is none. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, series, value] =
        /^([a-z_:]+(?:\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})?) (\S+)$/.exec(line) ?? [];
      if (series === undefined || !Number.isFinite(Number(value))) throw new Error(`no sample: ${line}`);
      return [series, Number(value)];
    }),
  );
}
