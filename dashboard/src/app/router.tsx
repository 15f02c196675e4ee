/** Addresses to pages, made from the registry: `/trading` and `/trading/<id>` are the same page. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  useLocation,
  useNavigate,
  useParams,
} from "@tanstack/react-router";
import { NotFound } from "./NotFound";
import { PageFailed } from "./PageFailed";
import { pages } from "./pages";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const routes = pages.flatMap(({ path, load }) => {
  const options = {
    getParentRoute: () => root,
    component: lazyRouteComponent(load),
    errorComponent: PageFailed,
  };
  const whole = createRoute({ ...options, path });
  return path === "/" ? [whole] : [whole, createRoute({ ...options, path: `${path}/$id` })];
});

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  // Pages keep their own data current; a preloaded one is not asked for again.
  defaultPreloadStaleTime: 30_000,
});

/** The object a page was asked for: the part of the address behind the page's own. */
export function usePageObject(): string | undefined {
  return (useParams({ strict: false }) as { id?: string }).id;
}

export type Search = Record<string, string | number | boolean | undefined>;

/**
 * What of a page's state belongs into the address, such as a chosen pair, and a setter that merges.
 * `S` is what the page expects; anybody can type an address, so every value may be missing.
 */
export function usePageSearch<S extends Search>(): [Partial<S>, (change: Partial<S>) => void] {
  const { search } = useLocation();
  const navigate = useNavigate();
  const set = (change: Partial<S>) =>
    void navigate({
      to: ".",
      search: (before: object) => ({ ...before, ...change }),
      replace: true,
    });
  return [search as Partial<S>, set];
}
