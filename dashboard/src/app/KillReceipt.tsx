import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { duration, moment, zoneName } from "@/format";
import { Icon } from "@/parts/Icon";

type Switched = Shapes["KillSwitchShape"];

/** What the kill switch did, and the way back: entries stay off until somebody says otherwise. */
export function KillReceipt({ switched }: { switched: Switched }) {
  const { t } = useTranslation("frame");
  const [reason, setReason] = useState("");
  const reset = useCommand({
    run: (why: string) => got(api.POST("/api/v1/kill-switch/reset", { body: { reason: why } })),
    touches: ["kill-switch", "risk", "activations", "overview"],
    done: () => t("kill.resetDone"),
  });
  return (
    <div className="grid gap-3">
      <p className="row md crit">
        <Icon name="kill" />
        {t("kill.stands", { time: `${moment(switched.requested_at)} ${zoneName()}` })}
      </p>
      {switched.receipt === null ? (
        <p className="t2">{t("kill.noReceipt")}</p>
      ) : (
        <ReceiptLines receipt={switched.receipt} />
      )}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) reset.mutate(reason);
        }}
      >
        <input
          className="inp"
          aria-label={t("kill.resetReason")}
          placeholder={t("kill.resetReason")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <button type="submit" className="btn" disabled={!reason.trim() || reset.isPending}>
          {t("kill.reset")}
        </button>
      </form>
    </div>
  );
}

/** The receipt itself; what was left is the exchange's own word where it says so. */
export function ReceiptLines({ receipt }: { receipt: Shapes["ReceiptShape"] }) {
  const { t } = useTranslation("frame");
  const took = receipt.completed_at === null ? null : receipt.completed_at - receipt.requested_at;
  const by = receipt.confirmed_by_exchange ? t("kill.byExchange") : t("kill.byLedger");
  const lines: [boolean, string, string][] = [
    [
      true,
      t("kill.cancelled", { count: receipt.cancelled }),
      t("kill.leftOrders", { count: receipt.open_orders }),
    ],
    [
      receipt.open_positions === 0,
      t("kill.flattened", { count: receipt.flattened }),
      t("kill.leftPositions", { count: receipt.open_positions }),
    ],
    [receipt.confirmed_by_exchange, by, receipt.id.slice(0, 8)],
  ];
  return (
    <ul className="rcpt">
      {lines.map(([isGood, what, left]) => (
        <li key={what}>
          <Icon name={isGood ? "check" : "warn"} size="s" className={isGood ? "pos" : "warn"} />
          <b>{what}</b>
          <span className="t3">{left}</span>
        </li>
      ))}
      <li>
        <Icon name="clock" size="s" className="t3" />
        <b>{took === null ? t("kill.running") : t("kill.took", { time: duration(took) })}</b>
        <span className="t3">{receipt.reason}</span>
      </li>
    </ul>
  );
}
