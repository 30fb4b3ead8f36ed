/** From so loud on somebody speaks (0 to 1), */
const loud = 0.02;
/** and for so long after their last sound they still do (ms). */
const breath = 900;

/** When each was last heard to speak (ms). */
export type Heard = ReadonlyMap<string, number>;

/** After one more look at how loud everybody is. */
export function hear(before: Heard, levels: ReadonlyMap<string, number>, now: number): Heard {
  const heard = new Map(before);
  for (const [person, level] of levels) if (level >= loud) heard.set(person, now);
  return heard;
}

/** Who speaks at this moment. */
export function speakers(heard: Heard, now: number): readonly string[] {
  return [...heard].filter(([, at]) => now - at <= breath).map(([person]) => person);
}
