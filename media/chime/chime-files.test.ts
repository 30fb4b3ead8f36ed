import fc from "fast-check";
import { expect, it } from "vitest";
import { chimeFiles, fileFaults, type StoredObject, sinkOf } from "./chime-files.ts";

const segment = { recording: "r1", segment: 2 };
const files = chimeFiles("arn:aws:s3:::clinic-recordings/visits", segment);
const begin = Date.UTC(2026, 10, 28, 9, 59, 50);

const nameOf = (at: number) => `${new Date(at).toISOString().slice(0, 23).replace(/[T:.]/g, "-")}.mp4`;
const parts = (folder: string, sizes: readonly number[]): StoredObject[] =>
  sizes.map((size, at) => ({ key: `${files.captured}${folder}/${nameOf(begin + at * 5_000)}`, size }));
const whole = (folder: string, size: number): StoredObject => ({
  key: `${files.whole}${folder}/p.mp4`,
  size,
});
const complete = (sizes: readonly number[]) => {
  const sum = sizes.reduce((all, size) => all + size, 0);
  return ["composited-video", "audio"].flatMap((folder) => [...parts(folder, sizes), whole(folder, sum)]);
};

it("are in a folder of their own in the clinic's bucket", () => {
  expect(files).toEqual({
    bucket: "clinic-recordings",
    captured: "visits/r1/2/",
    whole: "visits/r1/2-whole/",
  });
  const bare = chimeFiles("arn:aws:s3:::clinic-recordings", segment);
  expect(bare).toEqual({ bucket: "clinic-recordings", captured: "r1/2/", whole: "r1/2-whole/" });
  expect(sinkOf("arn:aws:s3:::b", segment)).toBe("arn:aws:s3:::b/r1/2");
});

it("are complete where the one file has what the parts have", () => {
  expect(fileFaults(files, complete([100, 200, 300]))).toEqual([]);
});

it("are not where a part, a file, or some of a file is lost", () => {
  const all = complete([100, 100, 100, 100]);
  const without = (gone: (key: string) => boolean) => all.filter(({ key }) => !gone(key));
  const video = "composited-video" as const;
  const part = `${files.captured}${video}/${nameOf(begin + 10_000)}`;
  expect(
    fileFaults(
      files,
      without((key) => key === part),
    ),
  ).toEqual([{ folder: video, what: "hole" }]);
  const noWhole = without((key) => key.startsWith(`${files.whole}audio`));
  expect(fileFaults(files, noWhole)).toEqual([{ folder: "audio", what: "missing" }]);
  expect(fileFaults(files, [...parts(video, [100, 100, 100]), whole(video, 200)])).toEqual([
    { folder: video, what: "short" },
  ]);
  expect(fileFaults(files, [])).toEqual([{ folder: video, what: "missing" }]);
});

it("are not, whichever part between two others is lost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 3, maxLength: 40 }),
      fc.nat(),
      (sizes, n) => {
        const all = complete(sizes);
        expect(fileFaults(files, all)).toEqual([]);
        const lost = 1 + (n % (sizes.length - 2));
        const key = `${files.captured}audio/${nameOf(begin + lost * 5_000)}`;
        const left = all.filter((one) => one.key !== key);
        expect(fileFaults(files, left)).toContainEqual({ folder: "audio", what: "hole" });
      },
    ),
  );
});
