import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { may, type Role, useSession } from "@/app/session";
import { Dialog } from "@/parts/Dialog";
import { Icon } from "@/parts/Icon";
import { toast } from "@/parts/toast";

const SCOPES = ["read", "train", "trade", "admin"] as const;
type Scope = (typeof SCOPES)[number];
const NEEDS: Record<Scope, Role> = {
  read: "viewer",
  train: "operator",
  trade: "operator",
  admin: "admin",
};

export function NewKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("users");
  const user = useSession((session) => session.user);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState("90");
  const [secret, setSecret] = useState<string | null>(null);
  const add = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/keys", {
          body: { name, scopes, expires_in_days: days === "" ? null : Number(days) },
        }),
      ),
    touches: ["keys"],
    done: (key) => {
      setSecret(key.secret);
      return t("key.added", { name: key.name });
    },
  });
  const leave = () => {
    setSecret(null);
    setName("");
    setScopes(["read"]);
    onClose();
  };
  const copy = async () => {
    await navigator.clipboard.writeText(secret ?? "");
    toast({ tone: "good", title: t("key.copied") });
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined);
  };
  if (secret !== null) {
    return (
      <Dialog open={open} onClose={leave} title={t("key.onceTitle")}>
        <p className="t2">{t("key.once")}</p>
        <p className="row">
          <code className="mono key-secret grow">{secret}</code>
          <button type="button" className="btn" onClick={() => void copy()}>
            <Icon name="copy" size="s" />
            {t("key.copy")}
          </button>
        </p>
        <div className="acts">
          <button type="button" className="btn primary" onClick={leave}>
            {t("key.kept")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open={open} onClose={leave} title={t("key.add")}>
      <form className="grid gap-3" onSubmit={send}>
        <label className="field">
          <span className="lab">{t("key.name")}</span>
          <input
            className="inp"
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <fieldset className="field">
          <legend className="lab">{t("key.scopes")}</legend>
          {SCOPES.filter((scope) => may(user, NEEDS[scope])).map((scope) => (
            <label key={scope} className="row">
              <input
                type="checkbox"
                className="check"
                checked={scopes.includes(scope)}
                disabled={scope === "read"}
                onChange={(event) =>
                  setScopes(
                    event.target.checked
                      ? [...scopes, scope]
                      : scopes.filter((one) => one !== scope),
                  )
                }
              />
              {t(`scopes.${scope}`)}
              <span className="t3 xs">{t(`scopeMeans.${scope}`)}</span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="lab">{t("key.days")}</span>
          <input
            className="inp"
            type="number"
            min={1}
            max={3650}
            value={days}
            onChange={(event) => setDays(event.target.value)}
          />
        </label>
        <div className="acts">
          <button type="button" className="btn" onClick={leave}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn primary" disabled={add.isPending}>
            {t("key.addVerb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
