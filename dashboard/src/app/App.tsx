/** The whole page: the session first, then the frame with its stream. */
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Tooltip } from "radix-ui";
import { Fragment, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { keepFresh } from "@/api/freshness";
import { asApiError } from "@/api/problem";
import { startStream, stopStream } from "@/api/stream";
import { setFormatting } from "@/format";
import { speak } from "@/words";
import { Login } from "./Login";
import { useLook } from "./look";
import { router } from "./router";
import { resume, useSession } from "./session";

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say when an answer is old: nothing is asked again because of a click or a focus.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < 2 && [0, 502, 503, 504].includes(asApiError(error).status),
      },
    },
  });
}

export function App() {
  const [client] = useState(newClient);
  const { state } = useSession();
  const formatted = useFormatting();
  useEffect(() => void resume(), []);
  useEffect(() => {
    if (state === "out") client.clear();
  }, [client, state]);
  if (state === "starting") return null;
  if (state === "unreachable") return <Unreachable />;
  if (state === "out") return <Login />;
  return (
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={300}>
        <Live />
        {/* Figures and dates are written anew when the language or the zone changes. */}
        <Fragment key={formatted}>
          <RouterProvider router={router} />
        </Fragment>
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

/** The stream, as long as somebody is here. */
function Live() {
  const client = useQueryClient();
  useEffect(() => {
    startStream();
    const end = keepFresh(client);
    return () => {
      end();
      stopStream();
    };
  }, [client]);
  return null;
}

/** What all formatting depends on, as a key; the words of a language come first. */
function useFormatting(): string {
  const { language, zone } = useLook();
  const [spoken, setSpoken] = useState(language);
  useEffect(() => {
    let isCurrent = true;
    void speak(language).then(() => isCurrent && setSpoken(language));
    return () => {
      isCurrent = false;
    };
  }, [language]);
  setFormatting(spoken, zone);
  return `${spoken} ${zone}`;
}

function Unreachable() {
  const { t } = useTranslation("frame");
  useEffect(() => {
    const timer = setInterval(() => void resume(), 3_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main className="solo">
      <div role="alert" className="grid gap-2">
        <h1 className="text-xl font-semibold">{t("unreachable.title")}</h1>
        <p className="t2">{t("unreachable.text")}</p>
      </div>
    </main>
  );
}
