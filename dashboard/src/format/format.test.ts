import { beforeEach, describe, expect, it } from "vitest";
import * as f from ".";

const NOW = 1_748_961_004_000; // 3 June 2025, 14:30:04 UTC
const DAY = 86_400_000;
const cases: [() => string, string][] = [
  [() => f.signedMoney("12.345"), "+12.35"],
  [() => f.signedMoney("-1234.5"), "\u22121,234.50"],
  [() => f.signedMoney("-0.001"), "0.00"],
  [() => f.signedMoney("0"), "0.00"],
  [() => f.signedMoney(null), "\u2013"],
  [() => f.money("10000"), "10,000.00"],
  [() => f.money(undefined), "\u2013"],
  // More digits than a float holds: the string is formatted, not a rounded number.
  [() => f.money("12345678901234567.89"), "12,345,678,901,234,567.89"],
  [() => f.price("0.00000001"), "0.00000001"],
  [() => f.price("105671.1"), "105,671.1"],
  [() => f.price("105671", "0.10"), "105,671.0"],
  [() => f.price("2598.41", "0.01"), "2,598.41"],
  [() => f.price("21.178394450326117"), "21.17839"],
  [() => f.price(null), "\u2013"],
  [() => f.quantity("0.023000", "0.001"), "0.023"],
  [() => f.quantity("0.5"), "0.5"],
  [() => f.quantity("1", "1e-8"), "1.00000000"],
  [() => f.count(25000), "25,000"],
  [() => f.percent(0.2134), "21.34\u202f%"],
  [() => f.percent(null), "\u2013"],
  [() => f.share(0.196), "19.6\u202f%"],
  [() => f.signedPercent(-0.0232), "\u22122.32\u202f%"],
  [() => f.signedPercent(0.0093), "+0.93\u202f%"],
  [() => f.riskMultiple("0.5438"), "+0.54"],
  [() => f.ratio(1.118), "1.12"],
  [() => f.ratio(Number.NaN), "\u2013"],
  [() => f.latency(61.4), "61 ms"],
  [() => f.latency(1940), "1.94 s"],
  [() => f.tone("-0.001"), ""],
  [() => f.tone("-0.01"), "neg"],
  [() => f.tone("5"), "pos"],
  [() => f.tone(null), ""],
  [() => f.moment(NOW, NOW), "14:30:04"],
  [() => f.moment(NOW - DAY, NOW), "2\u00a0Jun 14:30"],
  [() => f.moment(NOW, NOW + 365 * DAY), "3\u00a0Jun\u00a02025 14:30"],
  [() => f.moment(null), "\u2013"],
  [() => f.exact(NOW), "3\u00a0Jun\u00a02025,\u00a014:30:04 UTC"],
  [() => f.iso(NOW), "2025-06-03T14:30:04.000Z"],
  [() => f.duration(400), "0.4 s"],
  [() => f.duration(52_400), "52 s"],
  [() => f.duration(600_000), "10 min"],
  [() => f.duration(6 * DAY), "6 d"],
  [() => f.ago(NOW - 14 * 60_000, NOW), "14 min"],
  [() => f.ago(NOW - 2 * DAY, NOW), "1\u00a0Jun 14:30"],
];

describe("numbers and dates", () => {
  beforeEach(() => f.setFormatting("en", "utc"));

  it.each(cases.map(([write, expected]) => [write.toString().slice(6), expected, write] as const))(
    "%s is written %s",
    (_, expected, write) => expect(write()).toBe(expected),
  );

  it("groups by language", () => {
    f.setFormatting("de", "utc");
    expect(f.signedMoney("-1234.5")).toBe("\u22121.234,50");
    expect(f.moment(NOW - DAY, NOW)).toBe("2.\u00a0Juni 14:30");
  });

  it("keeps English figures in the pseudo-locale", () => {
    f.setFormatting("en-XA", "utc");
    expect(f.money("1234.5")).toBe("1,234.50");
  });
});
