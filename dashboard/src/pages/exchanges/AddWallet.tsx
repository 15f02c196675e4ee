import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { Dialog } from "@/parts/Dialog";

type Props = { open: boolean; onClose: () => void; connections: Shapes["ConnectionShape"][] };
const FIRST = { name: "", balance: "10000", quote: "USDT", connection_id: "" };

/** A paper wallet with money of its own, or one of a connection with the account's. */
export function AddWallet({ open, onClose, connections }: Props) {
  const { t } = useTranslation("exchanges");
  const [given, setGiven] = useState(FIRST);
  const isPaper = given.connection_id === "";
  const add = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/wallets", {
          body: {
            name: given.name,
            balance: given.balance,
            quote: given.quote,
            connection_id: given.connection_id || null,
          },
        }),
      ),
    touches: ["wallets", "overview"],
    done: (made) => {
      setGiven(FIRST);
      onClose();
      return t("walletAdded", { name: made.name });
    },
  });
  const set = (change: Partial<typeof FIRST>) => setGiven({ ...given, ...change });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined);
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("addWallet")}>
      <form className="grid gap-3" onSubmit={send}>
        <label className="field">
          <span className="lab">{t("name")}</span>
          <input
            className="inp"
            required
            value={given.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="lab">{t("tradesOn")}</span>
          <select
            className="inp"
            value={given.connection_id}
            onChange={(event) => set({ connection_id: event.target.value })}
          >
            <option value="">{t("paper")}</option>
            {connections.map((connection) => (
              <option key={connection.id} value={connection.id}>
                {connection.name} ({connection.mode})
              </option>
            ))}
          </select>
        </label>
        <div className="g c2">
          <label className="field">
            <span className="lab">{t(isPaper ? "balance" : "share")}</span>
            <input
              className="inp"
              inputMode="decimal"
              required
              pattern="[0-9]+(\.[0-9]+)?"
              value={given.balance}
              onChange={(event) => set({ balance: event.target.value })}
            />
          </label>
          <label className="field">
            <span className="lab">{t("quote")}</span>
            <input
              className="inp"
              required
              value={given.quote}
              onChange={(event) => set({ quote: event.target.value.toUpperCase() })}
            />
          </label>
        </div>
        <div className="acts">
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn primary" disabled={add.isPending}>
            {t("addWalletVerb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
