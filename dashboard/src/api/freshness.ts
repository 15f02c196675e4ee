/** Which answers an event makes old, and asking for those again: nothing else ever asks twice. */
import type { QueryClient } from "@tanstack/react-query";
import { onEvent, type TradeEvent } from "./stream";

/** First words of query keys by the beginning of an event's type. */
const TOUCHES: readonly (readonly [string, readonly string[]])[] = [
  ["signal.", ["signals", "markers"]],
  ["order.", ["orders", "markers", "limits"]],
  ["fill.", ["fills", "orders", "positions", "portfolio", "overview", "markers", "limits"]],
  ["trade.", ["trades", "positions", "overview", "performance", "markers", "limits"]],
  ["position.", ["positions", "overview", "limits"]],
  ["portfolio.", ["portfolio", "overview", "limits"]],
  ["activation.", ["activations", "configurations", "overview", "health", "system"]],
  ["risk.", ["risk", "locks", "limits", "overview", "kill-switch", "activations"]],
  ["reconcile.", ["reconciliations", "overview"]],
  ["job.", ["jobs", "studies"]],
  ["configuration.", ["configurations", "overview", "studies", "evidence"]],
  ["feed.", ["health", "system", "overview"]],
  ["alert.", ["alerts", "overview"]],
  ["log.", ["logs"]],
  ["wallet.", ["wallets", "overview"]],
  ["connection.", ["connections"]],
  ["settings.", ["settings", "limits"]],
  ["manual.", ["commands", "orders", "positions", "limits"]],
  ["user.", ["users", "keys"]],
  ["key.", ["keys"]],
];
// A burst of events is one question, not one each.
const GATHER_MS = 700;

export function touchedBy(type: string): readonly string[] {
  return TOUCHES.find(([start]) => type.startsWith(start))?.[1] ?? [];
}

/** Keeps the answers of `client` current by the events; gives what ends that. */
export function keepFresh(client: QueryClient): () => void {
  const touched = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    timer = undefined;
    const roots = [...touched];
    touched.clear();
    for (const root of roots) void client.invalidateQueries({ queryKey: [root] });
  };
  const end = onEvent((event: TradeEvent) => {
    for (const root of touchedBy(event.type)) touched.add(root);
    if (touched.size > 0) timer ??= setTimeout(flush, GATHER_MS);
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}
