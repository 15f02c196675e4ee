/** An order by hand. Every limit says what it makes of it while it is being written. */
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AskedOrder, usePlaceOrder } from "@/api/byHand";
import { useConfigurations } from "@/api/names";
import { activations } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { toNumber } from "@/format";
import { ModeBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { Segments } from "@/parts/Segments";
import { Typed } from "@/parts/Typed";
import { modeOf } from "./asking";
import { Field } from "./Field";
import { OrderPreview, usePreview } from "./OrderPreview";

type Side = AskedOrder["side"];
type Size = "risk_pct" | "quantity";

export function ManualOrder({ wallet, onClose }: { wallet: Wallet; onClose: () => void }) {
  const { t } = useTranslation("trading");
  const names = useConfigurations();
  const running = useQuery(activations({ wallet_id: wallet.id, is_running: true }));
  const [activationId, setActivation] = useState("");
  const [side, setSide] = useState<Side>("buy");
  const [by, setBy] = useState<Size>("risk_pct");
  const [size, setSize] = useState("0.5");
  const [stop, setStop] = useState("");
  const [target, setTarget] = useState("");
  const [typed, setTyped] = useState("");
  const mode = modeOf(wallet);
  const chosen = running.data?.find((one) => one.id === activationId) ?? running.data?.[0];
  const configuration = names.get(chosen?.configuration_id ?? "");
  const pair = configuration?.pair ?? "";
  const asked = orderOf(chosen?.id, side, by, size, stop, target);
  const preview = usePreview(asked);
  const place = usePlaceOrder();
  const verdict = preview.data;
  const mayGo =
    asked !== null &&
    verdict?.ok === true &&
    !preview.isPending &&
    !place.isPending &&
    (mode !== "live" || typed === pair);

  // A stop on the wrong side of the price is no stop: another side, another stop.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the side empties the levels
  useEffect(() => {
    setStop("");
    setTarget("");
  }, [side, chosen?.id]);

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (mayGo) place.mutate(asked, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      look="wide"
      onClose={onClose}
      badge={<ModeBadge mode={mode} />}
      title={t("manual.title")}
    >
      {running.data?.length === 0 ? (
        <p className="t2">{t("manual.nothing")}</p>
      ) : (
        <form className="g c2" onSubmit={send}>
          <div className="grid gap-3 content-start">
            <div className="field">
              <label htmlFor="manual-desk">{t("manual.desk")}</label>
              <select
                id="manual-desk"
                className="inp"
                value={chosen?.id ?? ""}
                onChange={(event) => setActivation(event.target.value)}
              >
                {running.data?.map((one) => {
                  const of = names.get(one.configuration_id);
                  return (
                    <option key={one.id} value={one.id}>
                      {of ? `${of.pair}, ${of.strategy_name} ${of.interval}` : one.id.slice(0, 8)}
                    </option>
                  );
                })}
              </select>
            </div>
            <Segments<Side>
              fill
              label={t("side")}
              value={side}
              onChange={setSide}
              options={(["buy", "sell"] as const).map((value) => ({
                value,
                label: t(`manual.sides.${value}`),
              }))}
            />
            <Segments<Size>
              fill
              label={t("manual.sizeBy")}
              value={by}
              onChange={(next) => {
                setBy(next);
                setSize(next === "risk_pct" ? "0.5" : "");
              }}
              options={(["risk_pct", "quantity"] as const).map((value) => ({
                value,
                label: t(`manual.by.${value}`),
              }))}
            />
            <Field
              label={t(`manual.size.${by}`, { base: pair.split("/")[0] })}
              value={size}
              onChange={setSize}
              needed
            />
            <Field
              label={t("manual.stop", { quote: wallet.quote })}
              hint={t("manual.stopHint")}
              value={stop}
              onChange={setStop}
              needed
            />
            <Field
              label={t("manual.target", { quote: wallet.quote })}
              value={target}
              onChange={setTarget}
            />
          </div>
          <div className="grid gap-3 content-start">
            <OrderPreview
              asked={asked}
              preview={preview}
              quote={wallet.quote}
              base={pair.split("/")[0] ?? ""}
            />
            {mode === "live" && <Typed word={pair} value={typed} onChange={setTyped} />}
            {place.error && (
              <p className="crit xs" role="alert">
                {place.error.message}
              </p>
            )}
            <div className="acts">
              <button type="button" className="btn" onClick={onClose}>
                {t("leave")}
              </button>
              <button
                type="submit"
                className={`btn ${mode === "live" ? "lv" : "primary"}`}
                disabled={!mayGo}
              >
                {place.isPending ? t("asked") : t(`manual.send.${side}`, { pair })}
              </button>
            </div>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The order as it would be sent; null while something that it needs is not written. */
export function orderOf(
  activationId: string | undefined,
  side: Side,
  by: Size,
  size: string,
  stop: string,
  target: string,
): AskedOrder | null {
  const isGood = (text: string) => (toNumber(text.trim()) ?? 0) > 0;
  const isBad = !isGood(size) || !isGood(stop) || (target.trim() !== "" && !isGood(target));
  if (activationId === undefined || isBad) return null;
  return {
    activation_id: activationId,
    side,
    [by]: size.trim(),
    stop: stop.trim(),
    ...(target.trim() !== "" && { target: target.trim() }),
  };
}
