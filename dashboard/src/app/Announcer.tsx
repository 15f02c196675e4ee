/**
 * Tells screen readers what the stream said: trades politely, gathered over five seconds; what is
 * critical at once. Prices never. The same critical events become a message that stays; but for
 * alerts, which `ErrorBanner` shows and says.
 */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { onEvent } from "@/api/stream";
import { toneOf, useEventText } from "@/parts/eventText";
import { toast } from "@/parts/toast";

const GATHER_MS = 5_000;
const SPOKEN = /^(fill\.created|trade\.|position\.)/;

export function Announcer() {
  const { t } = useTranslation("frame");
  const text = useEventText();
  const write = useRef(text);
  write.current = text;
  const [said, setSaid] = useState("");

  useEffect(() => {
    let gathered: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = onEvent((event) => {
      if (event.type === "alert.raised") return;
      if (toneOf(event) === "critical") {
        toast({ tone: "critical", title: write.current(event) });
      } else if (SPOKEN.test(event.type)) {
        gathered.push(write.current(event));
        timer ??= setTimeout(() => {
          timer = undefined;
          setSaid(gathered.slice(-3).join(". "));
          gathered = [];
        }, GATHER_MS);
      }
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, []);

  return (
    <div className="sr" role="log" aria-label={t("announcer")}>
      {said}
    </div>
  );
}
