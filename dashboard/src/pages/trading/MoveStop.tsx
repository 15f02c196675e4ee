/** Moves the stop of a position: what it would lose there is said before anything is sent. */
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMoveStop } from "@/api/byHand";
import { riskOf } from "@/api/held";
import type { Wallet } from "@/app/scope";
import { price, signedMoney, toNumber } from "@/format";
import { ModeBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { Typed } from "@/parts/Typed";
import { modeOf } from "./asking";
import type { Position } from "./queries";

type Props = { position: Position; wallet: Wallet | null; onClose: () => void };

export function MoveStop({ position, wallet, onClose }: Props) {
  const { t } = useTranslation("trading");
  const id = useId();
  const [text, setText] = useState(position.stop ?? "");
  const [typed, setTyped] = useState("");
  const move = useMoveStop();
  const mode = modeOf(wallet);
  const level = toNumber(text);
  const isGood = level !== null && level > 0;
  const mayGo = isGood && (mode !== "live" || typed === position.pair) && !move.isPending;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (mayGo) move.mutate({ id: position.id, price: text.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      badge={<ModeBadge mode={mode} />}
      title={t("stopDialog.title", { pair: position.pair })}
    >
      <form className="grid gap-3" onSubmit={send}>
        <div className="field">
          <label htmlFor={id}>{t("stopDialog.price", { quote: wallet?.quote })}</label>
          <input
            id={id}
            className="inp"
            inputMode="decimal"
            autoComplete="off"
            value={text}
            aria-invalid={!isGood}
            aria-describedby={`${id}-hint`}
            onChange={(event) => setText(event.target.value.replace(",", "."))}
          />
          <span id={`${id}-hint`} className="hint">
            {t("stopDialog.hint")}
          </span>
        </div>
        <dl className="kv">
          <dt>{t("entry")}</dt>
          <dd>{price(position.entry_price)}</dd>
          <dt>{t("stopDialog.now")}</dt>
          <dd>{price(position.stop)}</dd>
          <dt>{t("stopDialog.result", { quote: wallet?.quote })}</dt>
          <dd>{signedMoney(isGood ? riskOf({ ...position, stop: text }) : null)}</dd>
        </dl>
        {mode === "live" && <Typed word={position.pair} value={typed} onChange={setTyped} />}
        {move.error && (
          <p className="crit xs" role="alert">
            {move.error.message}
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
            {move.isPending ? t("asked") : t("moveStop")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
