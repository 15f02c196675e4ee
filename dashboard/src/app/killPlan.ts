import { useQuery } from "@tanstack/react-query";
import { api, got } from "@/api/client";
import { activations, positions } from "@/api/queries";

const OPEN = ["INTENDED", "SENT", "OPEN", "PARTIALLY_FILLED", "CANCELLING", "UNKNOWN"];

/** What a kill would meet now, of one wallet or of all; undefined while that is being read. */
export function useKillPlan(walletId: string | undefined) {
  const filter = walletId === undefined ? {} : { wallet_id: walletId };
  const held = useQuery(positions(filter));
  const running = useQuery(activations({ ...filter, is_running: true }));
  const orders = useQuery({
    queryKey: ["orders", "open", filter],
    queryFn: async ({ signal }) => {
      const query = { ...filter, limit: 200 };
      const page = await got(api.GET("/api/v1/orders", { params: { query }, signal }));
      return page.items.filter((order) => OPEN.includes(order.state)).length;
    },
  });
  return { orders: orders.data, positions: held.data?.length, active: running.data?.length };
}
