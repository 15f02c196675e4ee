/** Tries out of a study: their numeric parameters and the score, which is all that it kept. */
import { numberOf } from "./fold";

type Kept = { number: number; parameters: Record<string, number>; metrics: { sharpe: number } };

/** Only of a search for the Sharpe ratio: another score is none, and would be taken for one. */
export function ofSurface(document: Record<string, unknown>): Kept[] {
  const surface = (document.surface ?? {}) as { parameters?: unknown; points?: unknown };
  const spec = (document.spec ?? {}) as { objectives?: unknown };
  const objective = Array.isArray(spec.objectives) ? spec.objectives[0] : "sharpe";
  if (objective !== "sharpe" || !Array.isArray(surface.parameters)) return [];
  if (!Array.isArray(surface.points)) return [];
  const names = surface.parameters.map(String);
  return surface.points.flatMap((row: unknown, number) => {
    if (!Array.isArray(row) || row.length !== names.length + 1) return [];
    const values = row.map(numberOf);
    const sharpe = values.at(-1) ?? null;
    if (sharpe === null) return [];
    const parameters = names.map((name, index) => [name, values[index] ?? Number.NaN] as const);
    return [{ number, parameters: Object.fromEntries(parameters), metrics: { sharpe } }];
  });
}
