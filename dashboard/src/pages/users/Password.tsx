import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { Panel } from "@/parts/Panel";

/** One's own password. Every other session ends with the old one. */
export function Password() {
  const { t } = useTranslation("users");
  const [before, setBefore] = useState("");
  const [after, setAfter] = useState("");
  const change = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/auth/password", {
          body: { current_password: before, new_password: after },
        }),
      ),
    done: () => {
      setBefore("");
      setAfter("");
      return t("password.changed");
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!change.isPending) change.mutate(undefined);
  };
  return (
    <Panel title={t("password.title")} family="form">
      <form className="body grid gap-3" onSubmit={send}>
        <label className="field">
          <span className="lab">{t("password.current")}</span>
          <input
            className="inp"
            type="password"
            required
            autoComplete="current-password"
            value={before}
            onChange={(event) => setBefore(event.target.value)}
          />
        </label>
        <label className="field">
          <span className="lab">{t("password.new")}</span>
          <input
            className="inp"
            type="password"
            required
            autoComplete="new-password"
            value={after}
            onChange={(event) => setAfter(event.target.value)}
          />
          <span className="hint">{t("password.hint")}</span>
        </label>
        {change.error && (
          <p className="bad" role="alert">
            {change.error.message}
          </p>
        )}
        <button type="submit" className="btn primary" disabled={change.isPending}>
          {t("password.verb")}
        </button>
      </form>
    </Panel>
  );
}
