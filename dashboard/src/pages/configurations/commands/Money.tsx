import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { limits } from "@/api/queries";
import { money, ratio } from "@/format";
import type { Configuration } from "../queries";
import { useSizing } from "../useSizing";
import {
  type Connection,
  type Given,
  type PaperFeed,
  sandboxOf,
  usualAllotment,
  type Wallet,
} from "./activation";

type Props = {
  configuration: Configuration;
  wallet: Wallet | undefined;
  given: Given;
  connections: Connection[];
  onChange: (change: Partial<Given>) => void;
};

/** How much it gets, how it sizes a position of that, and on paper whose prices it follows. */
export function Money({ configuration, wallet, given, connections, onChange }: Props) {
  const { t } = useTranslation("configurations");
  const id = useId();
  const { rules, lifecycle_stage: stage, exchange } = configuration;
  const cap = useQuery(limits(wallet?.id)).data?.items.find(
    (one) => one.name === `stage_cap_pct.${stage}`,
  );
  const feeds: PaperFeed[] = ["live", "sandbox", "replay"];
  const sizing = useSizing(rules);
  return (
    <>
      <div className="field">
        <label htmlFor={id}>{t("activate.allotment", { quote: wallet?.quote ?? "" })}</label>
        <input
          id={id}
          className="inp"
          inputMode="decimal"
          autoComplete="off"
          value={given.allotment}
          placeholder={wallet && money(usualAllotment(configuration, wallet))}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => onChange({ allotment: target.value.replace(",", ".") })}
        />
        <span id={`${id}-hint`} className="hint">
          {t("activate.allotmentHint")}
        </span>
      </div>
      {given.mode === "paper" && (
        <fieldset className="field">
          <legend className="lab">{t("activate.prices")}</legend>
          {feeds
            .filter((feed) => feed !== "sandbox" || sandboxOf(exchange, connections))
            .map((feed) => (
              <label key={feed} className="row">
                <input
                  type="radio"
                  name={`${id}-feed`}
                  checked={given.feed === feed}
                  onChange={() => onChange({ feed })}
                />
                {t(`activate.feeds.${feed}`, { exchange })}
              </label>
            ))}
          {given.feed === "replay" && (
            <label className="field">
              <span className="lab">{t("activate.from")}</span>
              <input
                type="date"
                className="inp"
                value={given.from}
                onChange={({ target }) => onChange({ from: target.value })}
              />
            </label>
          )}
        </fieldset>
      )}
      <dl className="kv xs">
        <dt>{t("activate.sizing")}</dt>
        <dd>{sizing}</dd>
        {cap?.value != null && cap.applies && (
          <>
            <dt>{t("activate.stageCap", { stage })}</dt>
            <dd>{t("activate.ofWallet", { percent: ratio(cap.value, 1) })}</dd>
          </>
        )}
      </dl>
    </>
  );
}
