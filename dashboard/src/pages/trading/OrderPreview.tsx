/** What would become of an order now: each limit's word, and the figures after all of them. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AskedOrder } from "@/api/byHand";
import { api, got, type Shapes } from "@/api/client";
import { asApiError } from "@/api/problem";
import { money, percent, price, quantity } from "@/format";
import { Icon } from "@/parts/Icon";

const PAUSE_MS = 250;

/** The preview of what is being written, a moment after the last key. */
export function usePreview(asked: AskedOrder | null) {
  const text = asked === null ? null : JSON.stringify(asked);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useQuery({
    queryKey: ["limits", "preview", settled],
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: ({ signal }) =>
      got(
        api.POST("/api/v1/orders/preview", {
          body: JSON.parse(settled ?? "{}") as AskedOrder,
          signal,
        }),
      ),
  });
  // What is shown is not yet about what is written.
  const isPending = text !== settled || query.isFetching;
  return { data: text === null ? undefined : query.data, error: query.error, isPending };
}

/** A cap that is exceeded cuts the order; another limit refuses it. */
function LimitSign({ limit }: { limit: Shapes["PreviewShape"]["limits"][number] }) {
  const { t } = useTranslation("trading");
  if (limit.ok)
    return <Icon name="check" size="s" className="pos mt-0.5" label={t("preview.met")} />;
  return limit.most === null ? (
    <Icon name="bad" size="s" className="neg mt-0.5" label={t("preview.unmet")} />
  ) : (
    <Icon name="warn" size="s" className="warn mt-0.5" label={t("preview.cuts")} />
  );
}

type Props = {
  asked: AskedOrder | null;
  preview: { data?: Shapes["PreviewShape"]; error: unknown; isPending: boolean };
  quote: string;
  base: string;
};

export function OrderPreview({ asked, preview, quote, base }: Props) {
  const { t } = useTranslation("trading");
  const { data, error } = preview;
  if (asked === null) return <p className="t3">{t("preview.needs")}</p>;
  if (error && data === undefined) {
    return (
      <p className="crit" role="alert">
        {asApiError(error).message}
      </p>
    );
  }
  if (data === undefined) return <p className="t3">{t("preview.asking")}</p>;
  const wasCut = data.quantity !== null && data.asked_quantity !== data.quantity;
  return (
    <div className="grid gap-3" aria-busy={preview.isPending || undefined}>
      <p
        className={`row md ${data.ok ? "pos" : "neg"}`}
        role="status"
        aria-label={t("preview.verdict")}
      >
        <Icon name={data.ok ? "good" : "bad"} />
        {data.ok
          ? t("preview.passes")
          : t("preview.refused", {
              code: t(`refusals.${data.code}`, { defaultValue: data.code ?? "" }),
            })}
      </p>
      {!data.ok && data.expected && (
        <p className="t2 xs">
          {t("preview.because", { expected: data.expected, found: data.found ?? "–" })}
        </p>
      )}
      <dl className="kv">
        <dt>{t("preview.price", { quote })}</dt>
        <dd>{price(data.price)}</dd>
        <dt>{t("preview.quantity", { base })}</dt>
        <dd>
          {quantity(data.quantity)}
          {wasCut && (
            <span className="warn">
              {" "}
              {t("preview.cut", { from: quantity(data.asked_quantity) })}
            </span>
          )}
        </dd>
        <dt>{t("preview.notional", { quote })}</dt>
        <dd>{money(data.notional)}</dd>
        <dt>{t("preview.risk", { quote })}</dt>
        <dd>
          {money(data.risk)}{" "}
          {data.risk_pct !== null && <span className="t3">{percent(data.risk_pct / 100)}</span>}
        </dd>
        {data.liquidation !== null && (
          <>
            <dt>{t("preview.liquidation", { quote })}</dt>
            <dd>{price(data.liquidation)}</dd>
          </>
        )}
      </dl>
      <ul className="grid gap-1" aria-label={t("preview.limits")}>
        {data.limits.map((limit) => (
          <li key={limit.code} className="grid grid-cols-[16px_1fr] gap-2 xs">
            <LimitSign limit={limit} />
            <span>
              <span className="md">
                {t(`limits.${limit.code}`, { defaultValue: limit.code.replaceAll("_", " ") })}
              </span>{" "}
              <span className="t3">{limit.told}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
