import { DomainError } from "../../core/domain/errors.ts";
import type { Assemble } from "../recording/recording-service.ts";
import type { ChimeConcatenation } from "./chime-concatenation.ts";

/**
 * What Amazon has recorded stays in the clinic's own bucket: nothing of it is put into the vault, and the manifest says where it
 * is. `assemble` makes the files of everything else.
 */
export function assembleWithChime(
  assemble: Assemble,
  { chimeFiles, concatenate }: Pick<ChimeConcatenation, "chimeFiles" | "concatenate">,
): Assemble {
  return async (vault, plan) => {
    const { recording, segments } = plan;
    const elsewhere = segments.filter(({ backend }) => backend === "chime");
    const places = await Promise.all(
      elsewhere.map(async ({ segment }) => {
        const { bucket, captured, whole } = chimeFiles({ recording, segment });
        const made = await concatenate({ recording, segment }).catch(unlessBusy);
        const parts = `segment ${segment} is in the bucket ${bucket} under ${captured}`;
        return made === null
          ? `${parts}, and is not made one file`
          : `${parts}, and as one file under ${whole}`;
      }),
    );
    const here = segments.filter((one) => !elsewhere.includes(one));
    const made = await assemble(vault, { ...plan, segments: here });
    const words = [...(made.fault === null ? [] : [made.fault]), ...places];
    return { ...made, fault: words.length === 0 ? null : words.join("; ") };
  };
}

/** Where Amazon refuses to make one file, the parts are there all the same. */
function unlessBusy(error: unknown): null {
  if (error instanceof DomainError && error.code === "busy") throw error;
  return null;
}
