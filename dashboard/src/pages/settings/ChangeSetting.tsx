import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { Dialog } from "@/parts/Dialog";
import { type Setting, typed, written } from "./value";

type Props = { setting: Setting | null; version: number; onClose: () => void };

/** The change, seen beside what holds now, with a reason; saved as the next version. */
export function ChangeSetting({ setting, version, onClose }: Props) {
  const { t } = useTranslation("settings");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  useEffect(() => {
    setText(setting === null ? "" : written(setting.value));
    setReason("");
  }, [setting]);
  const save = useCommand({
    run: (body: { changes?: Record<string, unknown>; unset?: string[] }, key) =>
      got(
        api.PUT("/api/v1/settings", {
          body: { changes: {}, unset: [], ...body, reason },
          params: { header: { "if-match": `"settings-${version}"`, "idempotency-key": key } },
        }),
      ),
    touches: ["settings", "limits"],
    done: (made) => {
      onClose();
      return t("saved", { n: made.version });
    },
  });
  if (setting === null) return null;
  const isChanged = text !== written(setting.value);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged && !save.isPending) {
      save.mutate({ changes: { [setting.name]: typed(text, setting.default ?? setting.value) } });
    }
  };
  return (
    <Dialog open onClose={onClose} title={setting.name}>
      <form className="grid gap-3" onSubmit={send}>
        <label className="field">
          <span className="lab">{t("value")}</span>
          <input
            className="inp mono"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <span className="hint">{t("emptyIsNone")}</span>
        </label>
        <dl className="kv">
          <dt>{t("before")}</dt>
          <dd className="mono">{written(setting.value) || t("none")}</dd>
          <dt>{t("after")}</dt>
          <dd className={`mono ${isChanged ? "md" : "t3"}`}>{text || t("none")}</dd>
        </dl>
        <label className="field">
          <span className="lab">{t("reason")}</span>
          <input
            className="inp"
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {save.error && (
          <p className="bad" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="acts">
          {setting.source === "version" && (
            <button
              type="button"
              className="btn ghost"
              disabled={reason.trim() === "" || save.isPending}
              onClick={() => save.mutate({ unset: [setting.name] })}
            >
              {t("unset")}
            </button>
          )}
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn primary" disabled={!isChanged || save.isPending}>
            {t("save", { n: version + 1 })}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
