/** What is traded on one wallet: orders and round trips, newest first. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, got, type Shapes } from "@/api/client";

export type Order = Shapes["OrderShape"];
export type Position = Shapes["PositionShape"];
export type Trade = Shapes["TradeShape"];
export type OrderState = Order["state"];

const PAGE = 200;

export const orderPages = (walletId: string, state?: OrderState) =>
  infiniteQueryOptions({
    queryKey: ["orders", walletId, state ?? null],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/orders", {
          params: { query: { wallet_id: walletId, state, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });

export const tradePages = (walletId: string) =>
  infiniteQueryOptions({
    queryKey: ["trades", walletId],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/trades", {
          params: { query: { wallet_id: walletId, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  });

/** An order from its signal to its trade; see `tradepulse explain`. */
export type Explained = {
  order: Order;
  verdict: string | null;
  configuration: { id: string; strategy_name: string; interval: string; exchange: string };
  activation: { feed: string };
  signal: {
    is: string;
    recorded: Shapes["SignalShape"];
    why_not: string | null;
    mismatches: { name: string; expected: string; found: string }[];
  } | null;
  risk: { verdict: string; code: string | null; wallet_state: string };
  events: { sequence: number; time: number; type: string }[];
  fills: Shapes["FillShape"][];
  fees: { quote: string };
  latency: Record<
    "close_to_sent_ms" | "sent_to_acknowledged_ms" | "close_to_acknowledged_ms",
    number | null
  >;
  slippage: { reference: string; average: string; bps: string; quote: string } | null;
  orders: { id: string; role: string; state: string; price: string | null }[];
  trade: Trade | null;
};

export const explainedOrder = (id: string) =>
  queryOptions({
    queryKey: ["orders", "explained", id],
    queryFn: async ({ signal }) =>
      (await got(
        api.GET("/api/v1/orders/{order_id}/explain", {
          params: { path: { order_id: id } },
          signal,
        }),
      )) as unknown as Explained,
  });

export const isOver = (state: string): boolean =>
  ["FILLED", "CANCELLED", "REJECTED", "EXPIRED"].includes(state);
