/** Which field of the form a refusal is about: its code says what, its words name the parameter. */
import type { ApiError } from "@/api/problem";

const BY_CODE: Record<string, string> = {
  too_little_data: "folds",
  empty: "dates",
  constant_series: "dates",
  bad_time: "dates",
  symbol_not_found: "data",
  interval_not_found: "data",
  ambiguous_series: "data",
  bad_interval: "data",
  unknown_interval: "data",
  optimiser_not_found: "search",
  space_too_large: "trials",
  too_many_objectives: "objectives",
  objective_not_found: "objectives",
  bad_constraint: "constraints",
};
const ABOUT_PARAMETER = new Set([
  "bad_parameter",
  "empty_space",
  "empty_grid",
  "unknown_parameter",
  "bad_grid",
]);

/** `fast` as `parameter.fast`, other fields under the request's own names; null where it is none. */
export function fieldOf(error: Pick<ApiError, "code" | "message" | "problem">): string | null {
  const { code, message } = error;
  if (ABOUT_PARAMETER.has(code)) return named(/parameter '?(\w+)'?/, message, "parameter.");
  if (code === "bad_train_spec") return named(/option '(\w+)'/, message);
  if (code === "bad_rules") return named(/rule '(\w+)'/, message);
  if (code === "validation") {
    const { errors } = error.problem as { errors?: { where: string }[] };
    return errors?.[0]?.where.split(".").find((part) => part !== "body") ?? null;
  }
  return BY_CODE[code] ?? null;
}

function named(pattern: RegExp, message: string, before = ""): string | null {
  const name = pattern.exec(message)?.[1];
  if (name === undefined) return null;
  return name === "start_ms" || name === "end_ms" ? "dates" : before + name;
}

/** The refusal at one field; null where it is about another. */
export const at = (error: ApiError | null, field: string): ApiError | null =>
  error !== null && fieldOf(error) === field ? error : null;
