import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { Dialog } from "@/parts/Dialog";

const VENUES = ["binance"] as const;
const FIRST = {
  name: "",
  exchange: "binance",
  market: "spot" as "spot" | "perpetual",
  mode: "testnet" as "testnet" | "live",
  api_key: "",
  secret: "",
  base_url: "",
};

/** Keys go to the server once, are sealed there, and are never shown again. */
export function AddConnection({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("exchanges");
  const [given, setGiven] = useState(FIRST);
  const add = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/exchanges/connections", {
          body: { ...given, base_url: given.base_url.trim() || null },
        }),
      ),
    touches: ["connections"],
    done: (made) => {
      setGiven(FIRST);
      onClose();
      return t("added", { name: made.name });
    },
  });
  const set = (change: Partial<typeof FIRST>) => setGiven({ ...given, ...change });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined);
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("add")}>
      <form className="grid gap-3" onSubmit={send}>
        <p className="t2">{t("addText")}</p>
        <label className="field">
          <span className="lab">{t("name")}</span>
          <input
            className="inp"
            required
            value={given.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        </label>
        <div className="g c2">
          <label className="field">
            <span className="lab">{t("venue")}</span>
            <select
              className="inp"
              value={given.exchange}
              onChange={(event) => set({ exchange: event.target.value })}
            >
              {VENUES.map((venue) => (
                <option key={venue}>{venue}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="lab">{t("marketLabel")}</span>
            <select
              className="inp"
              value={given.market}
              onChange={(event) => set({ market: event.target.value as typeof given.market })}
            >
              <option value="spot">{t("market.spot")}</option>
              <option value="perpetual">{t("market.perpetual")}</option>
            </select>
          </label>
        </div>
        <fieldset className="field">
          <legend className="lab">{t("mode")}</legend>
          {(["testnet", "live"] as const).map((mode) => (
            <label key={mode} className="row">
              <input
                type="radio"
                name="mode"
                checked={given.mode === mode}
                onChange={() => set({ mode })}
              />
              {t(`modes.${mode}`)}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="lab">{t("apiKey")}</span>
          <input
            className="inp mono"
            required
            autoComplete="off"
            value={given.api_key}
            onChange={(event) => set({ api_key: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="lab">{t("secret")}</span>
          <input
            className="inp mono"
            type="password"
            required
            autoComplete="new-password"
            value={given.secret}
            onChange={(event) => set({ secret: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="lab">{t("address")}</span>
          <input
            className="inp mono"
            type="url"
            placeholder="http://127.0.0.1:8731"
            value={given.base_url}
            onChange={(event) => set({ base_url: event.target.value })}
          />
          <span className="hint">{t("addressHint")}</span>
        </label>
        <div className="acts">
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button
            type="submit"
            className={`btn ${given.mode === "live" ? "lv" : "primary"}`}
            disabled={add.isPending}
          >
            {t("addVerb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
