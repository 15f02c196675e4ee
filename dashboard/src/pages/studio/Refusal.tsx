import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";

type Props = { error: ApiError; id?: string; children?: ReactNode };

/** What the server found wrong: what it expected, what it got, and what would help. */
export function Refusal({ error, id, children }: Props) {
  const { t } = useTranslation("studio");
  const { expected, found, hint } = error.problem;
  return (
    <p id={id} className="crit xs leading-normal" role="alert">
      <span lang="en">{sentence(error.message)}</span>{" "}
      {expected && <span className="t2">{t("refused.expected", { expected })} </span>}
      {found && <span className="t2">{t("refused.found", { found })} </span>}
      {hint && (
        <span className="t2" lang="en">
          {hint}{" "}
        </span>
      )}
      {children}
    </p>
  );
}

const sentence = (text: string) => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};
