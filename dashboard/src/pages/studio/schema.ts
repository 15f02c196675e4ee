/** The parameters of a strategy, read out of its JSON Schema. */
export type Value = number | string | boolean;

export type Param = {
  name: string;
  kind: "whole" | "number" | "choice";
  default: Value;
  /** What a search walks through where nobody says otherwise. */
  low: number;
  high: number;
  /** What makes sense at all. */
  least: number;
  most: number;
  options: Value[];
};

type Property = {
  type?: string;
  enum?: Value[];
  default?: Value;
  minimum?: number;
  maximum?: number;
  search?: { low: number; high: number };
};

/** In the order of declaration. */
export function paramsOf(schema: Record<string, unknown> | undefined): Param[] {
  const properties = (schema?.properties ?? {}) as Record<string, Property>;
  return Object.entries(properties).map(([name, of]) => {
    const least = of.minimum ?? 0;
    const most = of.maximum ?? 0;
    return {
      name,
      kind: of.enum ? "choice" : of.type === "integer" ? "whole" : "number",
      default: of.default ?? "",
      low: of.search?.low ?? least,
      high: of.search?.high ?? most,
      least,
      most,
      options: of.enum ?? [],
    };
  });
}

// A list that a search picks from; longer ones are thinned, ends kept.
const MOST_VALUES = 1000;
/** Into so many equal steps a range of real numbers is cut where no step is given. */
export const STEPS = 20;
// As finely as the search itself writes a real number.
const DIGITS = 4;

/**
 * The values from `low` to `high`, both included. What is no number is passed on as it was typed,
 * and an empty range as no values: the server says what is wrong with it.
 */
export function valuesIn(
  kind: "whole" | "number",
  low: string,
  high: string,
  step: string,
): unknown[] {
  const [first, last] = [number(low), number(high)];
  if (first === null) return [low];
  if (last === null) return [high];
  if (first > last) return [];
  const width = last - first;
  const given = number(step);
  const wanted = given !== null && given > 0 ? given : kind === "whole" ? 1 : width / STEPS;
  const count = wanted > 0 ? Math.min(Math.floor(width / wanted + 1e-9), MOST_VALUES - 1) : 0;
  // Thinned where it was too long: then the last value is the end all the same.
  const by = count === MOST_VALUES - 1 ? width / count : wanted;
  const found = Array.from({ length: count + 1 }, (_, k) => {
    const value = first + k * by;
    return kind === "whole" && Number.isInteger(first) && count === MOST_VALUES - 1
      ? Math.round(value)
      : Number(value.toFixed(DIGITS));
  });
  return [...new Set(found)];
}

/** The number that was typed, a decimal comma taken as a point; null for anything else. */
export function number(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return plain === "" || Number.isNaN(Number(plain)) ? null : Number(plain);
}

/** What was typed as a number if it is one, else as it stands: the server says what it expected. */
export const typed = (text: string): number | string => number(text) ?? text.trim();
