/** Trading by hand: each command is written first and done by an engine, whose answer is waited for. */
import { useTranslation } from "react-i18next";
import { ApiError, api, got, type Shapes } from "./client";
import { useCommand } from "./command";
import { onEvent } from "./stream";

export type Command = Shapes["CommandShape"];
export type AskedOrder = Shapes["AskedOrder"];

const LONGEST_MS = 12_000;
const ASK_AGAIN_MS = [300, 700, 1500, 3000, 6000];
const TOUCHES = ["positions", "orders", "trades", "commands", "limits", "overview", "markers"];

const header = (key: string) => ({ "idempotency-key": key });

export const useClose = () =>
  useByHand((position: { id: string; pair: string }, key) =>
    got(
      api.POST("/api/v1/positions/{position_id}/close", {
        params: { path: { position_id: position.id }, header: header(key) },
      }),
    ),
  );

export const useMoveStop = () =>
  useByHand((given: { id: string; price: string }, key) =>
    got(
      api.PUT("/api/v1/positions/{position_id}/stop", {
        params: { path: { position_id: given.id }, header: header(key) },
        body: { price: given.price },
      }),
    ),
  );

export const useCancelOrder = () =>
  useByHand((order: { id: string }, key) =>
    got(
      api.POST("/api/v1/orders/{order_id}/cancel", {
        params: { path: { order_id: order.id }, header: header(key) },
      }),
    ),
  );

export const usePlaceOrder = () =>
  useByHand((asked: AskedOrder, key) =>
    got(api.POST("/api/v1/orders", { params: { header: header(key) }, body: asked })),
  );

function useByHand<V>(ask: (given: V, key: string) => Promise<Command>) {
  const { t } = useTranslation("trading");
  return useCommand<V, Command>({
    run: async (given, key) => {
      const answer = await answered(await ask(given, key));
      if (answer.state !== "REFUSED") return answer;
      const told = answer.answer as { expected?: string; found?: string } | null;
      throw new ApiError({
        status: 409,
        code: answer.code ?? "refused",
        detail: t("byHand.refused", { expected: told?.expected ?? "–", found: told?.found ?? "–" }),
      });
    },
    touches: TOUCHES,
    done: (answer) =>
      answer.state === "DONE" ? t(`byHand.done.${answer.action}`) : t("byHand.waiting"),
  });
}

/** The command as its engine answered it; still WAITING where none did in time. */
async function answered(command: Command): Promise<Command> {
  const began = Date.now();
  let [known, wake] = [command, () => undefined as unknown];
  const end = onEvent((event) => {
    if (event.entity_id === command.id && event.type !== "manual.asked") wake();
  });
  try {
    for (const ms of ASK_AGAIN_MS) {
      if (known.state !== "WAITING" || Date.now() - began > LONGEST_MS) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      known = await got(
        api.GET("/api/v1/commands/{command_id}", { params: { path: { command_id: command.id } } }),
      );
    }
  } finally {
    end();
  }
  return known;
}
