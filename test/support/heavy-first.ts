import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What starts processes, databases and browsers. A file of those that begins last keeps one core waiting at the end. */
const heavy = ["test/chaos", "test/cluster", "test/durability", "test/web", "test/deploy", "test"];

/** Begins with the tests that take longest. */
export class HeavyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const weigh = ({ moduleId, project }: TestSpecification): number => {
      const path = relative(project.config.root, moduleId);
      const at = heavy.findIndex((folder) => path.startsWith(`${folder}/`));
      return at < 0 ? heavy.length : at;
    };
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => weigh(a) - weigh(b));
  }
}
