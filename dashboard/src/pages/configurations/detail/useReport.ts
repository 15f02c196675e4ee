import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { shortId } from "../rows";

/**
 * Saves the report as a file. It carries a style of its own, which the policy of this page would
 * forbid in a tab opened from here; and a link has no way to show who asks.
 */
export function useReport(id: string) {
  const { t } = useTranslation("configurations");
  return useCommand({
    run: async () => {
      const html = await got(
        api.GET("/api/v1/training/configurations/{configuration_id}/report", {
          params: { path: { configuration_id: id } },
          parseAs: "text",
        }),
      );
      const address = URL.createObjectURL(new Blob([String(html)], { type: "text/html" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = `tradepulse-${shortId(id)}.html`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
    done: () => t("report.saved"),
  });
}
