import { useId } from "react";
import { toNumber } from "@/format";

type Props = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  needed?: boolean;
};

/** A field for an amount. A decimal comma is taken as a point. */
export function Field({ label, value, onChange, hint, needed }: Props) {
  const id = useId();
  const isWrong = value.trim() !== "" && (toNumber(value) ?? 0) <= 0;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="inp"
        inputMode="decimal"
        autoComplete="off"
        required={needed}
        value={value}
        aria-invalid={isWrong}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.value.replace(",", "."))}
      />
      {hint && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}
