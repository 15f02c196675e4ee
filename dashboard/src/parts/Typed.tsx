import { useId } from "react";
import { Trans, useTranslation } from "react-i18next";

/** A field in which a word is typed to confirm; `value === word` is the confirmation. */
export function Typed(props: { word: string; value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("frame");
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        <Trans
          t={t}
          i18nKey="confirm.type"
          values={{ word: props.word }}
          components={{ w: <b className="mono text-text" /> }}
        />
      </label>
      <input
        id={id}
        className="inp mono"
        value={props.value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}
