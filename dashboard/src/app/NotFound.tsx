import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function NotFound() {
  const { t } = useTranslation("frame");
  return (
    <section className="panel">
      <header>
        <h2>{t("notFound.title")}</h2>
      </header>
      <div className="body ctr">
        <p className="t2">{t("notFound.text")}</p>
        <Link className="lnk" to="/">
          {t("notFound.back")}
        </Link>
      </div>
    </section>
  );
}
