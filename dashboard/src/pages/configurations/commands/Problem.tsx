import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/problem";

/** Why something was refused: the server's words with what it expected, found, and advises. */
export function Problem({ error }: { error: ApiError }) {
  const { t } = useTranslation("configurations");
  const { expected, found, hint } = error.problem;
  return (
    <div className="crit xs grid gap-1" role="alert">
      <p>
        <span lang="en">{error.message}</span> <span className="mono t3">{error.code}</span>
      </p>
      {(expected || found) && (
        <p className="t2">{t("problem", { expected: expected ?? "–", found: found ?? "–" })}</p>
      )}
      {hint && (
        <p className="t2" lang="en">
          {hint}
        </p>
      )}
    </div>
  );
}
