import { useTranslation } from "react-i18next";

/** Whose charts these are, as their licence asks. */
export function By() {
  const { t } = useTranslation("parts");
  return (
    <a
      className="by"
      href="https://www.tradingview.com/"
      target="_blank"
      rel="noopener noreferrer"
      title={t("chart.by")}
    >
      <span className="sr">{t("chart.by")}</span>
      <svg width="35" height="19" viewBox="0 0 35 19" aria-hidden="true" fill="currentColor">
        <path d="M14 2H2v6h6v9h6V2Zm12 15h-7l6-15h7l-6 15Zm-7-9a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z" />
      </svg>
    </a>
  );
}
