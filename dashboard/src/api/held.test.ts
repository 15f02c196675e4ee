import { describe, expect, it } from "vitest";
import { inRisk, openResult, riskOf } from "./held";

const long = { side: "long", quantity: "2", entry_price: "100", stop: "95" };
const short = { side: "short", quantity: "2", entry_price: "100", stop: "105" };
const bare = { ...long, stop: null };

describe("figures of a position", () => {
  it.each([
    ["risk of a long", riskOf(long), -10],
    ["risk of a short", riskOf(short), -10],
    ["a stop beyond the entry cannot lose", riskOf({ ...long, stop: "103" }), 6],
    ["no stop, no risk known", riskOf(bare), null],
    ["open result of a long", openResult(long, "103.5"), 7],
    ["open result of a short", openResult(short, "103.5"), -7],
    ["no price, no result", openResult(long, null), null],
    ["in units of risk", inRisk(7, long), 0.7],
    ["no unit without a stop", inRisk(7, bare), null],
    ["no unit where the stop has passed the entry", inRisk(7, { ...long, stop: "103" }), null],
  ])("%s", (_, found, expected) => expect(found).toBe(expected));
});
