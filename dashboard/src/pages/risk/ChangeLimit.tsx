import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import type { Mode } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { inUnit, type Limit } from "./Limits";

type Props = { limit: Limit | null; version: number; mode: Mode; onClose: () => void };

/** A new version of the settings in which this one limit differs; engines obey in two seconds. */
export function ChangeLimit({ limit, version, onClose }: Props) {
  const { t } = useTranslation("risk");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  useEffect(() => {
    setValue(limit?.value?.toString() ?? "");
    setReason("");
  }, [limit]);
  const change = useCommand({
    run: (body: { changes: Record<string, number | null> }, key) =>
      got(
        api.PUT("/api/v1/risk/limits", {
          body: { ...body, unset: [], reason },
          params: { header: { "if-match": `"settings-${version}"`, "idempotency-key": key } },
        }),
      ),
    touches: ["limits", "settings"],
    done: (made) => {
      onClose();
      return t("limits.changed", { n: made.version });
    },
  });
  if (limit === null) return null;
  const name = t(`limit.${limit.name}`, { defaultValue: limit.name });
  const send = (event: FormEvent) => {
    event.preventDefault();
    const wanted = value.trim() === "" ? null : Number(value);
    if (!change.isPending) change.mutate({ changes: { [limit.name]: wanted } });
  };
  return (
    <Dialog open onClose={onClose} title={name}>
      <form className="grid gap-3" onSubmit={send}>
        <dl className="kv">
          <dt>{t("limits.now")}</dt>
          <dd>{limit.value === null ? t("limits.off") : inUnit(limit.value, limit.unit)}</dd>
          <dt>{t("limits.source")}</dt>
          <dd>{t(`limits.sources.${limit.source}`, { defaultValue: limit.source })}</dd>
        </dl>
        <label className="field">
          <span className="lab">{t("limits.new", { unit: limit.unit })}</span>
          <input
            className="inp"
            inputMode="decimal"
            pattern="[0-9]*(\.[0-9]+)?"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <span className="hint">{t("limits.emptyIsOff")}</span>
        </label>
        <label className="field">
          <span className="lab">{t("reason")}</span>
          <input
            className="inp"
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {change.error && (
          <p className="bad" role="alert">
            {change.error.message}
          </p>
        )}
        <div className="acts">
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn primary" disabled={change.isPending}>
            {t("limits.save", { n: version + 1 })}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
