/** Every setting in force with where it is from; versions with who and why; the way back. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { Panel } from "@/parts/Panel";
import { ChangeSetting } from "./ChangeSetting";
import { History } from "./History";
import { settingsInForce } from "./query";
import { SettingRows } from "./SettingRows";
import type { Setting } from "./value";

export default function Settings() {
  const { t } = useTranslation("settings");
  const asked = useQuery(settingsInForce());
  const [group, setGroup] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [changing, setChanging] = useState<Setting | null>(null);
  const groups = useMemo(
    () => [...new Set((asked.data?.items ?? []).map((one) => one.name.split(".")[0] ?? ""))],
    [asked.data],
  );
  const rows = (asked.data?.items ?? []).filter(
    (one) =>
      (group === null || one.name.startsWith(`${group}.`)) &&
      one.name.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <>
      <PageHead title={t("title")}>
        <select
          className="inp s"
          aria-label={t("group")}
          value={group ?? ""}
          onChange={(event) => setGroup(event.target.value || null)}
        >
          <option value="">{t("allGroups")}</option>
          {groups.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <input
          className="inp s"
          type="search"
          placeholder={t("filter")}
          aria-label={t("filter")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="t3 xs sp">{asked.data && t("version", { n: asked.data.version })}</span>
      </PageHead>
      <div className="g side-384">
        <Panel
          title={t("force")}
          meta={rows.length || null}
          query={asked}
          rows={12}
          error={{ what: t("unread") }}
          empty={rows.length === 0 && { text: t("noMatch") }}
        >
          <SettingRows rows={rows} onChange={setChanging} />
        </Panel>
        <History version={asked.data?.version ?? 0} />
      </div>
      <ChangeSetting
        setting={changing}
        version={asked.data?.version ?? 0}
        onClose={() => setChanging(null)}
      />
    </>
  );
}
