import { expect, test } from "vitest";
import type { Job } from "./query";
import { told } from "./useJob";

const JOB = { id: "a", state: "RUNNING", trials_done: 12, phase: "development" } as Job;

test("an event changes what it says of the job, and nothing else", () => {
  const now = told(JOB, { state: "DONE", trials_done: 48, phase: "done", deaths: 0, id: "b" });
  expect(now).toEqual({ ...JOB, state: "DONE", trials_done: 48, phase: "done" });
});
