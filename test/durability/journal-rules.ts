import { query } from "../support/postgres.ts";
import type { Attempt, Claim } from "./owner.ts";

export interface Row {
  readonly room: string;
  readonly seq: number;
  readonly epoch: number;
  readonly actor: string;
}

interface KnownCommand {
  readonly room: string;
  readonly id: string;
  readonly firstSeq: number;
}

export interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly claims: readonly Claim[];
  readonly rows: readonly Row[];
  readonly commands: readonly KnownCommand[];
}

/** What the database holds of these rooms, the rows in the feed's order. */
export async function readOutcome(
  url: string,
  rooms: readonly string[],
): Promise<Pick<Outcome, "rows" | "commands">> {
  const rows = await query(
    url,
    "select id, seq, epoch, actor from journal where id = any ($1) order by tx, position",
    [rooms],
  );
  const commands = await query(url, "select id, command_id, first_seq from command where id = any ($1)", [
    rooms,
  ]);
  return {
    rows: rows.map(({ id, seq, epoch, actor }) => ({
      room: String(id),
      seq: Number(seq),
      epoch: Number(epoch),
      actor: String(actor),
    })),
    commands: commands.map(({ id, command_id, first_seq }) => ({
      room: String(id),
      id: String(command_id),
      firstSeq: Number(first_seq),
    })),
  };
}

/** What the owners were told and what is stored, compared: every sentence is a broken promise. */
export function brokenPromises(rooms: readonly string[], outcome: Outcome): string[] {
  return rooms.flatMap((room) => {
    const rows = outcome.rows.filter((row) => row.room === room);
    const attempts = outcome.attempts.filter((attempt) => attempt.room === room);
    const claims = outcome.claims.filter((claim) => claim.room === room);
    return [
      ...oneOrder(rows),
      ...afterClaims(rows, claims),
      ...asTold(rows, attempts),
      ...onceEach(
        attempts,
        outcome.commands.filter((command) => command.room === room),
      ),
    ].map((sentence) => `${room}: ${sentence}`);
  });
}

function oneOrder(rows: readonly Row[]): string[] {
  return rows.flatMap(({ seq }, i) => (seq === i + 1 ? [] : [`row ${i + 1} of the feed is seq ${seq}`]));
}

function afterClaims(rows: readonly Row[], claims: readonly Claim[]): string[] {
  return claims.flatMap(({ epoch, nextSeq }) =>
    rows
      .filter((row) => row.seq >= nextSeq && row.epoch < epoch)
      .map(
        (row) =>
          `${row.actor} wrote ${row.seq} under epoch ${row.epoch}, though ${epoch} began at ${nextSeq}`,
      ),
  );
}

/** Appended: just its rows are there. Refused: none is. Unknown: all or none. */
function asTold(rows: readonly Row[], attempts: readonly Attempt[]): string[] {
  return attempts.flatMap(({ tag, epoch, seqs, outcome }) => {
    const mine = rows.filter((row) => row.actor === tag && row.epoch === epoch).map(({ seq }) => seq);
    const whole = mine.join() === seqs.join();
    if (outcome === "appended" ? whole : mine.length === 0) return [];
    if (outcome === "unknown" && whole) return [];
    return [`${tag} was told "${outcome}" of ${seqs.join()}, stored are ${mine.join() || "none"}`];
  });
}

/** A command is in one appended attempt at most; whoever was told "repeated" finds its first result. */
function onceEach(attempts: readonly Attempt[], known: readonly KnownCommand[]): string[] {
  return attempts.flatMap(({ tag, seqs, commands, outcome }) => {
    const found = known.filter(({ id }) => commands.includes(id));
    if (outcome === "repeated" && found.length === 0)
      return [`${tag} was told that ${commands.join()} is a repeat, but none is known`];
    if (outcome !== "appended") return [];
    const here = found.filter(({ firstSeq }) => firstSeq === seqs[0]);
    return here.length === commands.length ? [] : [`${tag} appended ${commands.join()}, not all known there`];
  });
}
