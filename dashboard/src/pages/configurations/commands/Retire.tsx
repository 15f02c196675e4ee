import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { Dialog } from "@/parts/Dialog";
import { Icon } from "@/parts/Icon";
import { nameOf, type Row } from "../rows";
import { Problem } from "./Problem";

/** Archives it for good, with the reason; what still trades leaves first. */
export function Retire({ row, onClose }: { row: Row; onClose: () => void }) {
  const { t } = useTranslation("configurations");
  const id = useId();
  const { configuration } = row;
  const name = nameOf(configuration);
  const [reason, setReason] = useState("");
  const command = useCommand({
    run: (why: string, key) =>
      got(
        api.POST("/api/v1/training/configurations/{configuration_id}/retire", {
          params: {
            path: { configuration_id: configuration.id },
            header: { "idempotency-key": key },
          },
          body: { reason: why },
        }),
      ),
    touches: ["configurations", "evidence"],
    done: () => t("retire.done", { name }),
  });
  const isTrading = configuration.is_active;
  const mayGo = !isTrading && reason.trim() !== "" && !command.isPending;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (mayGo) command.mutate(reason.trim(), { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} title={t("retire.title", { name })}>
      <p className="t2">{t("retire.text")}</p>
      {isTrading && (
        <p className="row warn" role="status">
          <Icon name="warn" size="s" />
          {t("retire.trading")}
        </p>
      )}
      <form className="grid gap-3" onSubmit={send}>
        <div className="field">
          <label htmlFor={id}>{t("retire.reason")}</label>
          <input
            id={id}
            className="inp"
            required
            maxLength={500}
            autoComplete="off"
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </div>
        {command.error && <Problem error={command.error} />}
        <div className="acts">
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button
            type="submit"
            className="btn primary"
            disabled={!mayGo}
            title={isTrading ? t("retire.trading") : undefined}
          >
            {command.isPending ? t("asked") : t("retire.verb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
