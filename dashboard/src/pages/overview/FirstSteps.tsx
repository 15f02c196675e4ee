import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { dismissFirstSteps, useFirstSteps } from "@/app/firstSteps";
import { Icon } from "@/parts/Icon";

/** The way to the first steps, as long as nothing was ever activated and nobody sent it away. */
export function FirstSteps() {
  const { t } = useTranslation("overview");
  const { userId, isNew, isDismissed } = useFirstSteps();
  if (!isNew || isDismissed) return null;
  return (
    <section className="panel mb-3" aria-label={t("firstSteps.title")}>
      <div className="row flex-wrap p-3">
        <Icon name="info" className="t2" />
        <b>{t("firstSteps.title")}</b>
        <span className="t2">{t("firstSteps.text")}</span>
        <span className="row sp">
          <Link className="btn primary" to="/welcome">
            {t("firstSteps.go")}
          </Link>
          <button type="button" className="btn ghost" onClick={() => dismissFirstSteps(userId)}>
            {t("firstSteps.dismiss")}
          </button>
        </span>
      </div>
    </section>
  );
}
