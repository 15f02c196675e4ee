import { expect, it } from "vitest";
import type { Shapes } from "@/api/client";
import { openErrors } from "./errors";

const alert = (id: string, level: string, time: number, read_at: number | null = null) =>
  ({ id, level, time, read_at }) as Shapes["AlertShape"];

it("takes open errors, the worst first, then the newest", () => {
  const all = [
    alert("warned", "warning", 9),
    alert("error", "error", 8),
    alert("old", "critical", 1),
    alert("seen", "critical", 7, 8),
    alert("new", "critical", 5),
  ];
  expect(openErrors(all).map(({ id }) => id)).toEqual(["new", "old", "error"]);
  expect(openErrors([])).toEqual([]);
});
