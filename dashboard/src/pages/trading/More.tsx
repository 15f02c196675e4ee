import { useTranslation } from "react-i18next";

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** Asks for older rows, where there are any. */
export function More({ asked }: { asked: Paged }) {
  const { t } = useTranslation("trading");
  if (!asked.hasNextPage) return null;
  return (
    <div className="row justify-center p-2">
      <button
        type="button"
        className="btn"
        disabled={asked.isFetchingNextPage}
        onClick={() => void asked.fetchNextPage()}
      >
        {t("older")}
      </button>
    </div>
  );
}
