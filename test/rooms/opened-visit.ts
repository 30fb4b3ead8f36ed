import type { Clinic, Member } from "./clinic.ts";

export interface OpenedVisit {
  readonly visit: string;
  readonly doctor: Member;
  readonly patient: Member;
}

/** A new visit of the patient with the clinician, both inside. */
export async function openVisit(clinic: Clinic): Promise<OpenedVisit> {
  const { body } = await clinic.rest("POST", "/v1/visits", await clinic.token("desk"), {
    patient: "patient",
    clinician: "clinician",
  });
  const visit = String(body.id);
  const doctor = await clinic.join("clinician", visit, "consultation");
  const patient = await clinic.join("patient", visit, "consultation");
  return { visit, doctor, patient };
}
