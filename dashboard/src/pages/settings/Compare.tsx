import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { Dialog } from "@/parts/Dialog";
import { Segments } from "@/parts/Segments";
import { difference } from "./query";
import { written } from "./value";

type Props = { version: number | null; current: number; mayRollBack: boolean; onClose: () => void };
type Beside = "before" | "now";

/** A version side by side with the one before it or with now, and the way back to it. */
export function Compare({ version, current, mayRollBack, onClose }: Props) {
  const { t } = useTranslation("settings");
  const [beside, setBeside] = useState<Beside>("before");
  const [reason, setReason] = useState("");
  const from = beside === "before" ? (version ?? 1) - 1 : current;
  const asked = useQuery({ ...difference(from, version ?? 0), enabled: version !== null });
  const rollBack = useCommand({
    run: (to: number, key) =>
      got(
        api.POST("/api/v1/settings/rollback", {
          body: { version: to, reason },
          params: { header: { "if-match": `"settings-${current}"`, "idempotency-key": key } },
        }),
      ),
    touches: ["settings", "limits"],
    done: (made, to) => {
      setReason("");
      onClose();
      return t("rolledBack", { n: to, made: made.version });
    },
  });
  if (version === null) return null;
  // Beside the one before it a version is undone; beside now it is gone back to.
  const target = beside === "before" ? version - 1 : version;
  const items = asked.data ?? [];
  return (
    <Dialog open onClose={onClose} look="wide" title={t("versionN", { n: version })}>
      <Segments<Beside>
        label={t("compare")}
        value={beside}
        onChange={setBeside}
        options={[
          { value: "before", label: t("besideBefore", { n: version - 1 }) },
          { value: "now", label: t("besideNow", { n: current }) },
        ]}
      />
      {items.length === 0 ? (
        <p className="t2">{asked.isPending ? t("reading") : t("same")}</p>
      ) : (
        <div className="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("name")}</th>
                <th scope="col">{t("versionN", { n: from })}</th>
                <th scope="col">{t("versionN", { n: version })}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.name}>
                  <th scope="row" className="mono">
                    {one.name}
                  </th>
                  <td className="mono t3">{written(one.before) || t("none")}</td>
                  <td className="mono md">{written(one.after) || t("none")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {mayRollBack && target !== current && (
        <form
          className="row wrap"
          onSubmit={(event) => {
            event.preventDefault();
            if (!rollBack.isPending) rollBack.mutate(target);
          }}
        >
          <label className="field grow">
            <span className="lab">{t("reason")}</span>
            <input
              className="inp"
              required
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <button type="submit" className="btn primary self-end" disabled={rollBack.isPending}>
            {t("rollBack", { n: target, made: current + 1 })}
          </button>
        </form>
      )}
    </Dialog>
  );
}
