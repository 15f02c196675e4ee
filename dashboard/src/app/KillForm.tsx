/** What the kill switch will do, the typed confirmation, and its receipt. Also on the Risk page. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { killSwitch } from "@/api/queries";
import { Segments } from "@/parts/Segments";
import { Typed } from "@/parts/Typed";
import { KillReceipt } from "./KillReceipt";
import { useKillPlan } from "./killPlan";
import { useScope } from "./scope";

type Reach = "wallet" | "all";

export function KillForm({ autoFocus = false }: { autoFocus?: boolean }) {
  const { t } = useTranslation("frame");
  const { wallet, mode, modes } = useScope();
  const [reach, setReach] = useState<Reach>("all");
  const [typed, setTyped] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const standing = useQuery(killSwitch());
  const walletId = reach === "wallet" ? wallet?.id : undefined;
  const plan = useKillPlan(walletId);
  // Everything includes the most dangerous of the modes: that is the word to type.
  const target = reach === "wallet" ? mode : (modes[0] ?? mode);
  const word = `HALT ${target.toUpperCase()}`;
  const kill = useCommand({
    run: (reason: string) =>
      got(
        api.POST("/api/v1/kill-switch", {
          body: { confirm: "KILL", reason, wallet_id: walletId ?? null },
        }),
      ),
    touches: ["kill-switch", "risk", "positions", "orders", "activations", "overview"],
  });

  useEffect(() => {
    if (autoFocus) form.current?.querySelector<HTMLInputElement>("input.mono")?.focus();
  }, [autoFocus]);

  if (standing.data?.standing) return <KillReceipt switched={standing.data} />;
  return (
    <form
      ref={form}
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === word && !kill.isPending) kill.mutate(t("kill.reason"));
      }}
    >
      {wallet !== null && (
        <Segments<Reach>
          label={t("kill.reach")}
          value={reach}
          onChange={setReach}
          options={[
            { value: "all", label: t("kill.all") },
            { value: "wallet", label: t("kill.onlyWallet", { name: wallet.name }) },
          ]}
        />
      )}
      <ol className="plan">
        <li>
          <b>{t("kill.cancel")}</b>
          <span>{t("kill.orders", { count: plan.orders, n: plan.orders ?? "–" })}</span>
        </li>
        <li>
          <b>{t("kill.close")}</b>
          <span>{t("kill.positions", { count: plan.positions, n: plan.positions ?? "–" })}</span>
        </li>
        <li>
          <b>{t("kill.halt")}</b>
          <span>{t("kill.active", { count: plan.active, n: plan.active ?? "–" })}</span>
        </li>
      </ol>
      <Typed word={word} value={typed} onChange={setTyped} />
      <div className="row">
        <p className="t3 xs grow">
          {t("kill.without")} <span className="mono t2">tradepulse kill</span>
        </p>
        <button
          type="submit"
          className={`btn kill ${typed === word ? "solid" : ""}`}
          disabled={typed !== word || kill.isPending}
        >
          {kill.isPending ? t("kill.running") : t("kill.do", { mode: target })}
        </button>
      </div>
    </form>
  );
}
