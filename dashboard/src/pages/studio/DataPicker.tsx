import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";
import { date } from "@/format";
import { Panel } from "@/parts/Panel";
import { Segments } from "@/parts/Segments";
import { dayMs } from "./draft";
import { Refusal } from "./Refusal";
import { at } from "./refusal";
import type { Asked, Choice } from "./useChosen";

type Props = {
  chosen: Choice;
  set: (change: Partial<Asked>) => void;
  refused: ApiError | null;
};

/** Market, bar length and days. Empty days are all there are. */
export function DataPicker({ chosen, set, refused }: Props) {
  const { t } = useTranslation("studio");
  const { chosen: it, days } = chosen;
  const wrong = at(refused, "dates") ?? at(refused, "data");
  return (
    <Panel
      title={t("data.choose")}
      query={chosen.kept}
      family="form"
      error={{ what: t("data.unread") }}
      empty={it === null && { text: t("data.empty") }}
    >
      {it && (
        <div className="body grid gap-3">
          <div className="field">
            <label htmlFor="studio-exchange">{t("data.exchange")}</label>
            <select
              id="studio-exchange"
              className="inp"
              value={it.exchange}
              onChange={({ target }) =>
                set({ exchange: target.value, pair: undefined, from: undefined, to: undefined })
              }
            >
              {chosen.exchanges.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor="studio-pair">{t("data.pair")}</label>
            <select
              id="studio-pair"
              className="inp"
              value={it.pair}
              onChange={({ target }) => set({ pair: target.value, from: undefined, to: undefined })}
            >
              {chosen.pairs.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
          <div className="field">
            <span className="lab">{t("data.interval")}</span>
            <Segments
              className="max-w-full justify-self-start overflow-x-auto"
              label={t("data.interval")}
              value={it.interval}
              onChange={(interval) => set({ interval })}
              options={chosen.intervals.map((value) => ({ value, label: value }))}
            />
          </div>
          <div className="g c2">
            {(["from", "to"] as const).map((end) => (
              <div key={end} className="field">
                <label htmlFor={`studio-${end}`}>{t(`data.${end}`)}</label>
                <input
                  id={`studio-${end}`}
                  className="inp"
                  type="date"
                  value={it[end] ?? days?.[end === "from" ? 0 : 1] ?? ""}
                  aria-invalid={wrong !== null}
                  aria-describedby="studio-days"
                  onChange={({ target }) => set({ [end]: target.value || undefined })}
                />
              </div>
            ))}
          </div>
          <p id="studio-days" className="t3 xs">
            {days &&
              t("data.coverage", { first: date(dayMs(days[0])), last: date(dayMs(days[1])) })}{" "}
            {(it.from || it.to) && (
              <button
                type="button"
                className="lnk"
                onClick={() => set({ from: undefined, to: undefined })}
              >
                {t("data.all")}
              </button>
            )}
          </p>
          {wrong && <Refusal error={wrong} />}
        </div>
      )}
    </Panel>
  );
}
