import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";
import { count, quantity } from "@/format";
import { Segments } from "@/parts/Segments";
import { isDeclared, type Range, rangeOf } from "./draft";
import { Refusal } from "./Refusal";
import { type Param, STEPS, type Value } from "./schema";

type Props = {
  param: Param;
  range: Range;
  onChange: (range: Range) => void;
  error: ApiError | null;
};

export function ParameterRow({ param, range, onChange, error }: Props) {
  const { t } = useTranslation("studio");
  const id = useId();
  const told = { "aria-invalid": error !== null, "aria-describedby": `${id}-tell` };
  const text = (field: "low" | "high" | "step" | "value", label: string, hint?: string) => (
    <label>
      {label}
      <input
        className="inp"
        inputMode="decimal"
        autoComplete="off"
        placeholder={hint}
        aria-label={`${param.name}, ${label}`}
        value={range[field]}
        onChange={({ target }) => onChange({ ...range, [field]: target.value })}
        {...told}
      />
    </label>
  );
  return (
    <fieldset className="min-w-0 border-0 m-0" aria-label={param.name}>
      <span className="md mono">{param.name}</span>
      <Segments<Range["mode"]>
        label={t("form.mode", { name: param.name })}
        value={range.mode}
        onChange={(mode) => onChange({ ...range, mode })}
        options={[
          { value: "search", label: t("form.search") },
          { value: "fixed", label: t("form.fixed") },
        ]}
      />
      <div className="of">
        {param.kind === "choice" ? (
          <Options {...{ param, range, onChange, told }} />
        ) : range.mode === "fixed" ? (
          text("value", t("form.value"))
        ) : (
          <>
            {text("low", t("form.from"))}
            {text("high", t("form.to"))}
            {text(
              "step",
              t("form.step"),
              param.kind === "whole" ? "1" : t("form.steps", { count: STEPS }),
            )}
          </>
        )}
        {!isDeclared(param, range) && (
          <button
            type="button"
            className="lnk xs"
            onClick={() => onChange(rangeOf(param))}
            aria-label={t("form.resetOf", { name: param.name })}
          >
            {t("form.reset")}
          </button>
        )}
      </div>
      <div id={`${id}-tell`} className="tell t3 xs">
        {error ? <Refusal error={error} /> : <Limits param={param} />}
      </div>
    </fieldset>
  );
}

function Limits({ param }: { param: Param }) {
  const { t } = useTranslation("studio");
  const of = { default: String(param.default) };
  if (param.kind === "choice") return <>{t("form.default", of)}</>;
  const write = (value: number) => (param.kind === "whole" ? count(value) : quantity(value));
  return <>{t("form.limits", { ...of, least: write(param.least), most: write(param.most) })}</>;
}

type OptionProps = Pick<Props, "param" | "range" | "onChange"> & {
  told: { "aria-invalid": boolean; "aria-describedby": string };
};

function Options({ param, range, onChange, told }: OptionProps) {
  const { t } = useTranslation("studio");
  const word = (value: Value) =>
    typeof value === "boolean" ? t(value ? "form.yes" : "form.no") : String(value);
  if (range.mode === "fixed") {
    return (
      <label>
        {t("form.value")}
        <select
          className="inp"
          aria-label={`${param.name}, ${t("form.value")}`}
          value={range.value}
          onChange={({ target }) => onChange({ ...range, value: target.value })}
          {...told}
        >
          {param.options.map((option) => (
            <option key={String(option)} value={String(option)}>
              {word(option)}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const toggle = (option: Value) =>
    onChange({
      ...range,
      picked: range.picked.includes(option)
        ? range.picked.filter((one) => one !== option)
        : [...range.picked, option],
    });
  return param.options.map((option) => (
    <label key={String(option)}>
      <input
        type="checkbox"
        className="check"
        checked={range.picked.includes(option)}
        onChange={() => toggle(option)}
        {...told}
      />
      {word(option)}
    </label>
  ));
}
