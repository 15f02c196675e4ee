import { useTranslation } from "react-i18next";
import { Dialog } from "@/parts/Dialog";
import { useLook } from "./look";
import { close, useOpen } from "./open";
import { pages } from "./pages";

const FRAME: readonly [string, string][] = [
  ["Ctrl K", "palette"],
  ["Ctrl Shift K", "kill"],
  ["?", "help"],
  ["/", "filter"],
  ["[", "rail"],
  ["Alt T", "theme"],
  ["Esc", "back"],
];
const TABLE: readonly [string, string][] = [
  ["J K", "rows"],
  ["Enter", "open"],
  ["X", "pick"],
  [".", "actions"],
];
const CHART: readonly [string, string][] = [
  ["← →", "bar"],
  ["Shift ← →", "ten"],
  ["+ −", "zoom"],
  ["N P", "trade"],
  ["1 … 6", "interval"],
  ["V", "table"],
];

export function HelpDialog() {
  const { t } = useTranslation("frame");
  const isOpen = useOpen((state) => state.window === "help");
  const letterKeys = useLook((look) => look.letterKeys);
  return (
    <Dialog open={isOpen} onClose={close} title={t("help.title")} look="wide">
      <div className="g c3">
        <List title={t("help.frame")} keys={FRAME} />
        <div>
          <List title={t("help.tables")} keys={TABLE} />
          <List title={t("help.charts")} keys={CHART} />
        </div>
        <div>
          <h3 className="t3 xs">{t("help.pages")}</h3>
          <dl className="kv mt">
            {pages.map(({ id, key }) =>
              key === undefined ? null : (
                <div key={id} className="contents">
                  <dt>{t(`pages.${id}`)}</dt>
                  <dd>
                    <kbd>G</kbd> <kbd>{key.toUpperCase()}</kbd>
                  </dd>
                </div>
              ),
            )}
          </dl>
        </div>
      </div>
      <label className="row">
        <input
          type="checkbox"
          className="check"
          checked={letterKeys}
          onChange={(event) => useLook.setState({ letterKeys: event.target.checked })}
        />
        {t("help.letters")}
      </label>
    </Dialog>
  );
}

function List({ title, keys }: { title: string; keys: readonly [string, string][] }) {
  const { t } = useTranslation("frame");
  return (
    <section className="mb-4">
      <h3 className="t3 xs">{title}</h3>
      <dl className="kv mt">
        {keys.map(([key, does]) => (
          <div key={key} className="contents">
            <dt>{t(`help.does.${does}`)}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
