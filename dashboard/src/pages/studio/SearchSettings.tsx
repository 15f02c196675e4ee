import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/parts/Icon";
import { Panel } from "@/parts/Panel";
import { METHODS, OBJECTIVES, type Settings } from "./draft";
import { Refusal } from "./Refusal";
import { fieldOf } from "./refusal";
import type { SearchProps } from "./SearchStep";

const MORE: readonly (readonly [string, readonly (keyof Settings)[]])[] = [
  ["goal", ["objectives", "constraints", "seed", "patience"]],
  ["proof", ["hold_out_share", "permutations", "replications", "decide_early"]],
  ["folding", ["fold_train_days", "fold_test_days", "embargo_days", "anchored"]],
  ["fills", ["initial_cash", "taker_fee_bps", "slippage_bps", "leverage", "allow_short"]],
];
const HIDDEN = MORE.flatMap(([, names]) => names);
const CHOICES: Partial<Record<keyof Settings, readonly string[]>> = {
  search: METHODS,
  objectives: OBJECTIVES,
};
const TICKED: ReadonlySet<keyof Settings> = new Set(["anchored", "decide_early", "allow_short"]);

/** Tries, folds and method; the rest has defaults and stands behind one button. */
export function SearchSettings({ draft, onDraft, start }: SearchProps) {
  const { t } = useTranslation("studio");
  const [isOpen, setOpen] = useState(false);
  const wrong = start.error === null ? null : fieldOf(start.error);
  const field = (name: keyof Settings) => (
    <Field
      key={name}
      name={name}
      value={draft.settings[name]}
      onChange={(value) => onDraft({ ...draft, settings: { ...draft.settings, [name]: value } })}
      isWrong={wrong === name}
      error={wrong === name && start.error ? <Refusal error={start.error} /> : null}
    />
  );
  // What was refused must be seen, also where it stood behind the button.
  const isShown = isOpen || HIDDEN.some((name) => name === wrong);
  return (
    <Panel title={t("settings.title")}>
      <div className="body grid gap-3">
        <div className="g c2">
          {field("trials")}
          {field("folds")}
        </div>
        {field("search")}
        <button
          type="button"
          className="btn justify-self-start"
          aria-expanded={isShown}
          onClick={() => setOpen(!isShown)}
        >
          {t(isShown ? "settings.less" : "settings.more")}
          <Icon name="down" size="xs" className={isShown ? "rotate-180" : ""} />
        </button>
        {isShown &&
          MORE.map(([group, names]) => (
            <div
              key={group}
              className="grid gap-3"
              role="group"
              aria-label={t(`settings.${group}`)}
            >
              <h3 className="md t2">{t(`settings.${group}`)}</h3>
              <div className="g c2">{names.map(field)}</div>
            </div>
          ))}
      </div>
    </Panel>
  );
}

type FieldProps = {
  name: keyof Settings;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
  isWrong: boolean;
  error: ReactNode;
};

function Field({ name, value, onChange, isWrong, error }: FieldProps) {
  const { t } = useTranslation("studio");
  const id = `studio-${name}`;
  const told = { id, "aria-invalid": isWrong, "aria-describedby": `${id}-hint` };
  const hint = (
    <div id={`${id}-hint`} className={error ? "" : "hint"}>
      {error ?? t(`hints.${name}`)}
    </div>
  );
  if (TICKED.has(name)) {
    return (
      <div className="field content-start">
        <label htmlFor={id} className="row">
          <input
            type="checkbox"
            className="check"
            checked={value === true}
            onChange={({ target }) => onChange(target.checked)}
            {...told}
          />
          {t(`fields.${name}`)}
        </label>
        {hint}
      </div>
    );
  }
  const choices = CHOICES[name];
  return (
    <div className="field content-start">
      <label htmlFor={id}>{t(`fields.${name}`)}</label>
      {choices ? (
        <select
          className="inp"
          value={String(value)}
          onChange={({ target }) => onChange(target.value)}
          {...told}
        >
          {choices.map((one) => (
            <option key={one} value={one}>
              {t(`choices.${one}`)}
            </option>
          ))}
        </select>
      ) : (
        <input
          className="inp"
          inputMode={name === "constraints" ? "text" : "decimal"}
          autoComplete="off"
          value={String(value)}
          onChange={({ target }) => onChange(target.value)}
          {...told}
        />
      )}
      {hint}
    </div>
  );
}
