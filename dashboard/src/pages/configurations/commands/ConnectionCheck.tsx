import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { ago } from "@/format";
import { Icon } from "@/parts/Icon";
import type { Connection } from "./activation";
import { Problem } from "./Problem";

/** What the account is, when its keys were last known to be fit, and trying them now. */
export function ConnectionCheck({ connection }: { connection: Connection }) {
  const { t } = useTranslation("configurations");
  const [keys, setKeys] = useState<Shapes["KeysShape"] | null>(null);
  const test = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/exchanges/connections/{connection_id}/test", {
          params: { path: { connection_id: connection.id } },
        }),
      ),
    touches: ["connections"],
    done: (answer) => {
      setKeys(answer);
      return t("check.passed", { name: connection.name });
    },
  });
  const isFit = connection.fault === null && connection.checked_at !== null;
  return (
    <section className="grid gap-2" aria-label={t("check.title")}>
      <div className="row">
        <Icon
          name={connection.fault ? "bad" : isFit ? "good" : "info"}
          className={connection.fault ? "crit" : isFit ? "pos" : "t3"}
        />
        <b className="md">{connection.name}</b>
        <span className="t3 xs">
          {connection.checked_at === null
            ? t("check.never")
            : t("check.last", { time: ago(connection.checked_at) })}
        </span>
        <button
          type="button"
          className="btn sp"
          disabled={test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          {t(test.isPending ? "check.running" : "check.run")}
        </button>
      </div>
      {connection.fault && <p className="crit xs">{connection.fault}</p>}
      {keys && (
        <p className="t2 xs" role="status">
          {t(keys.can_trade ? "check.mayTrade" : "check.mayNotTrade")}{" "}
          {t(keys.can_withdraw ? "check.mayWithdraw" : "check.mayNotWithdraw")}
        </p>
      )}
      {test.error && <Problem error={test.error} />}
    </section>
  );
}
